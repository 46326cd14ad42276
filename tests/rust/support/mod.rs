//! What tests share.

pub mod recorded;
pub mod story;
pub mod tokens;

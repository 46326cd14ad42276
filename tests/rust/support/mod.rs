//! What tests share.

pub mod calls;
pub mod recorded;
pub mod story;
pub mod tokens;

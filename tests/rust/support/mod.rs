//! What tests share.

pub mod story;
pub mod tokens;

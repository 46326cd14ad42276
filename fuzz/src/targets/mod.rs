//! The targets.

pub mod codec;
pub mod introspection;
pub mod jwt;
pub mod key;
pub mod key_set;
pub mod lifecycle;
pub mod metadata;
pub mod redaction;
pub mod times;
pub mod token_response;
pub mod url;

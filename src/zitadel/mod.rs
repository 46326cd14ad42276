//! What is ZITADEL's own: reserved scopes, and what its error texts mean.

pub(crate) mod error_texts;
pub(crate) mod roles;
mod scopes;

pub use scopes::Scope;

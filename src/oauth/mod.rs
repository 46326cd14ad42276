//! Requests and responses of OAuth 2.0.

pub(crate) mod client;
pub(crate) mod client_assertion;
pub(crate) mod credentials;
pub(crate) mod error_response;
pub(crate) mod introspection;
pub(crate) mod introspection_refusal;
pub(crate) mod metadata;
pub(crate) mod revocation;
pub(crate) mod token;

//! Requests and responses.

mod credentials;
mod introspection;
mod refusals;
mod server_introspections;

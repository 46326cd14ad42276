//! Requests and responses.

mod credentials;
mod introspection;
mod refusals;
mod server_answers;
mod server_introspections;
mod whose_fault;

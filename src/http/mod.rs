//! HTTP as plain data: requests, responses, what a status says, addresses.

mod between;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod status;
pub(crate) mod url;

pub use request::Request;
pub use response::Response;

//! The options of the package's functions.

mod assertion;
mod request;
mod response;
mod source;
mod verifier;

pub use assertion::*;
pub use request::*;
pub use response::*;
pub use source::*;
pub use verifier::*;

//! What must hold for every input, a target each. A target reads bytes and panics if its property
//! does not hold: `cargo fuzz` and the plain runner (`run.rs`) feed the same functions.

pub mod input;
pub mod runner;
pub mod targets;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 11] = [
    ("token_response", targets::token_response::check),
    ("metadata", targets::metadata::check),
    ("key_set", targets::key_set::check),
    ("jwt", targets::jwt::check),
    ("introspection", targets::introspection::check),
    ("key", targets::key::check),
    ("url", targets::url::check),
    ("redaction", targets::redaction::check),
    ("times", targets::times::check),
    ("lifecycle", targets::lifecycle::check),
    ("codec", targets::codec::check),
];

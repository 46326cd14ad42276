//! Form encoding, base64, JSON, numbers, texts and times.

pub(crate) mod base64;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod rfc3339;
pub(crate) mod text;
pub(crate) mod time;

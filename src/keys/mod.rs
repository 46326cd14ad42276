//! Private keys: every form they come in, and what they sign with.

pub(crate) mod algorithm;
pub(crate) mod der;
pub(crate) mod jwk;
pub(crate) mod key_file;
pub(crate) mod pem;
pub(crate) mod pkcs8;
pub(crate) mod signing_key;

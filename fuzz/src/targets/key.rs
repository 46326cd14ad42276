//! A key of any form (PEM, JWK, key file), or DER in PEM: what is taken stays what it is by way of its
//! PKCS#8, and nothing of it is shown.

use crate::input::shown;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edge_credentials::{AnyKey, SigningKey};

const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];
/// What is shorter may be a word of the message.
const LONG: usize = 20;

pub fn check(data: &[u8]) {
    judge(&String::from_utf8_lossy(data));
    for label in LABELS {
        judge(&pem(label, data));
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn judge(text: &str) {
    let output = match AnyKey::parse(text) {
        Ok(key) => {
            let read = key.key();
            let again = SigningKey::parse(&pem("PRIVATE KEY", read.expose_pkcs8())).expect("a key of ours");
            assert_eq!(again.expose_pkcs8(), read.expose_pkcs8());
            assert_eq!(again.algorithm(), read.algorithm());
            format!("{key:?} {read:?}")
        }
        Err(error) => shown(&error),
    };
    // A piece of the key: long, with a digit.
    let pieces = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|piece| piece.len() > LONG);
    for piece in pieces.filter(|piece| piece.bytes().any(|byte| byte.is_ascii_digit())) {
        assert!(!output.contains(piece), "{piece} is shown: {output}");
    }
}

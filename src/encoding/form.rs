//! Form encoding (RFC 6749 appendix B), and the credentials of HTTP Basic, which are form-encoded.

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::encoding::base64::base64_encode;
use crate::encoding::text::{push_pieces, utf8};

/// Appends `name=value` to a form, encoded.
pub(crate) fn push_form_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    push_form_encoded(form, name);
    form.push('=');
    push_form_encoded(form, value);
}

/// `application/x-www-form-urlencoded` over UTF-8: a space becomes `+`, everything outside `A-Z a-z
/// 0-9 - . _ *` becomes `%XX`. Those four marks stay as they are: some servers refuse an escaped
/// `-` (badgateway/oauth2-client#181).
pub(crate) fn form_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_form_encoded(&mut out, text);
    out
}

fn push_form_encoded(out: &mut String, text: &str) {
    let is_special = |b: u8| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'*'));
    push_pieces(out, text, is_special, |out, byte| {
        if byte == b' ' {
            return out.push('+');
        }
        out.push('%');
        out.push(hex_digit(byte >> 4));
        out.push(hex_digit(byte & 15));
    });
}

pub(crate) fn hex_digit(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

/// The reverse of [`form_encode`]; `None` for a stray `%` or what is not UTF-8.
pub(crate) fn form_decode(text: &str) -> Option<String> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => hex_pair(&mut bytes)?,
            _ => byte,
        });
    }
    utf8(&out)
}

fn hex_pair(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    Some(hex_value(bytes.next()?)? << 4 | hex_value(bytes.next()?)?)
}

pub(crate) fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The credentials of HTTP Basic as RFC 6749 section 2.3.1 wants them: each half form-encoded
/// exactly once.
pub(crate) fn basic_credentials(id: &str, secret: &str) -> String {
    let mut pair = Zeroizing::new(form_encode(id));
    pair.push(':');
    push_form_encoded(&mut pair, secret);
    base64_encode(&pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_what_zitadel_computes() {
        // The vector of zitadel/oidc#68.
        let credentials = basic_credentials("78366401571920522@amce", "veryweaksecret!");
        assert_eq!(credentials, "NzgzNjY0MDE1NzE5MjA1MjIlNDBhbWNlOnZlcnl3ZWFrc2VjcmV0JTIx");
    }

    #[test]
    fn decoding_refuses_what_encoding_never_makes() {
        for bad in ["%", "%4", "%zz", "%FF", "%+1"] {
            assert_eq!(form_decode(bad), None, "{bad}");
        }
        assert_eq!(form_decode("a+b%2Bc").as_deref(), Some("a b+c"));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_encoded_is_decoded(text in proptest::prelude::any::<String>()) {
            let encoded = form_encode(&text);
            assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._*+%".contains(&b)), "{encoded}");
            assert_eq!(form_decode(&encoded).as_deref(), Some(text.as_str()));
        }

        #[test]
        fn decoding_never_panics(text in ".*") {
            let _ = form_decode(&text);
        }
    }
}

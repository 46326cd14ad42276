//! base64 and base64url (RFC 4648).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::encoding::text::{trim_end, utf8};

/// In groups of three bytes: the crate's loops for long texts, a kilobyte of code, are then left
/// out.
pub(crate) fn base64_encode(bytes: impl AsRef<[u8]>) -> String {
    encode(bytes.as_ref(), *b"+/")
}

/// Without padding (RFC 7515 section 2).
pub(crate) fn base64url_encode(bytes: &[u8]) -> String {
    let padded = encode(bytes, *b"-_");
    trim_end(&padded, b'=').to_owned()
}

/// With padding.
fn encode(bytes: &[u8], marks: [u8; 2]) -> String {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len().div_ceil(3).saturating_mul(4)));
    for group in bytes.chunks(3) {
        let (mut bytes, mut symbols) = ([0; 3], [0; 4]);
        bytes.iter_mut().zip(group).for_each(|(to, from)| *to = *from);
        // Lengths that fit: this never fails.
        let _ = STANDARD_NO_PAD.encode_slice(bytes, &mut symbols);
        for symbol in &mut symbols {
            match symbol {
                b'+' => *symbol = marks[0],
                b'/' => *symbol = marks[1],
                _ => {}
            }
        }
        symbols.iter_mut().skip(group.len() + 1).for_each(|symbol| *symbol = b'=');
        out.extend_from_slice(&symbols);
    }
    // Symbols of ASCII: this never fails.
    utf8(&out).unwrap_or_default()
}

/// With or without padding.
pub(crate) fn base64_decode(text: &str) -> Option<String> {
    utf8(&base64_bytes(text)?)
}

pub(crate) fn base64url_decode(text: &str) -> Option<String> {
    utf8(&base64url_bytes(text)?)
}

/// A key: wiped on drop, and also what was decoded before it turned out to be none.
pub(crate) fn base64_bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    decode(*b"+/", trim_end(text, b'='))
}

/// A number of a key, or a part of a token.
pub(crate) fn base64url_bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    decode(*b"-_", text)
}

/// A number of a public key, as careless servers write it: with padding, or in the standard alphabet.
pub(crate) fn lenient_bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    base64url_bytes(trim_end(text, b'=')).or_else(|| base64_bytes(text))
}

/// By hand: the crate's decoder is a kilobyte and a half of loops for long inputs. As strict as
/// that: no single symbol at the end, no bit left over that is not zero. `marks` are the alphabet's
/// last two symbols. Room is made once, so that nothing is left behind in memory by growing, and
/// filled without asking each time whether there is enough.
fn decode(marks: [u8; 2], text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; text.len() / 4 * 3 + text.len() % 4 * 3 / 4]);
    let mut places = out.iter_mut();
    let (mut bits, mut count) = (0u32, 0);
    for symbol in text.bytes() {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            _ if symbol == marks[0] => 62,
            _ if symbol == marks[1] => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            *places.next()? = (bits >> count) as u8;
            bits &= (1 << count) - 1;
        }
    }
    (count < 6 && bits == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    #[cfg(not(target_arch = "wasm32"))]
    use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn decoding_refuses_what_encoding_never_makes() {
        assert_eq!(base64_decode("!"), None);
        assert_eq!(base64url_decode("-_8"), None);
        assert_eq!((base64url_decode("A"), base64url_decode("4oKsA")), (None, None));
        assert_eq!(base64url_decode("4oKs").as_deref(), Some("€"));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_encoded_is_decoded(text in proptest::prelude::any::<String>()) {
            assert_eq!(base64_decode(&base64_encode(&text)).as_deref(), Some(text.as_str()));
            assert_eq!(base64url_decode(&URL_SAFE_NO_PAD.encode(&text)).as_deref(), Some(text.as_str()));
        }

        #[test]
        fn base64_is_what_the_crate_makes_and_takes(text in proptest::prelude::any::<String>(), symbols in "[+/A-Za-z0-9=_-]{0,9}") {
            let by_crate = |engine: &GeneralPurpose| engine.decode(&symbols).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            assert_eq!(base64_encode(&text), STANDARD.encode(&text));
            assert_eq!(base64url_decode(&symbols), by_crate(&URL_SAFE_NO_PAD));
            assert_eq!(decode(*b"+/", &symbols), STANDARD_NO_PAD.decode(&symbols).ok().map(Zeroizing::new));
        }

        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            assert_eq!(base64url_encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            assert_eq!(base64url_bytes(&base64url_encode(&bytes)), Some(Zeroizing::new(bytes.clone())));
            assert_eq!(base64_bytes(&base64_encode(&bytes)), Some(Zeroizing::new(bytes)));
        }

        #[test]
        fn decoding_never_panics(text in ".*") {
            let _ = (base64_decode(&text), base64url_decode(&text));
        }
    }
}

//! Form encoding (RFC 6749 appendix B), base64 and base64url (RFC 4648), strings in JSON, and the character sets of RFC 6749
//! appendix A.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::text::trim_end;

/// Appends `name=value` to a form, encoded.
pub(crate) fn push_form_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    push_form_encoded(form, name);
    form.push('=');
    push_form_encoded(form, value);
}

/// `application/x-www-form-urlencoded` over UTF-8: a space becomes `+`, everything outside `A-Z a-z 0-9 - . _ *` becomes
/// `%XX`. Those four marks stay as they are: some servers refuse an escaped `-` (badgateway/oauth2-client#181).
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

/// Appends a text whose special bytes are spelt in another way. What stands between them goes as a whole: by single characters it takes three times as long.
fn push_pieces(out: &mut String, text: &str, is_special: impl Fn(u8) -> bool, spell: impl Fn(&mut String, u8)) {
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if is_special(byte) {
            out.push_str(text.get(start..at).unwrap_or_default());
            spell(out, byte);
            start = at + 1;
        }
    }
    out.push_str(text.get(start..).unwrap_or_default());
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

fn utf8(bytes: &[u8]) -> Option<String> {
    as_utf8(bytes).map(str::to_owned)
}

/// The first of the chunks is all of it, unless it ends in what is no UTF-8. `str::from_utf8` is made for long texts, and larger.
pub(crate) fn as_utf8(bytes: &[u8]) -> Option<&str> {
    let Some(chunk) = bytes.utf8_chunks().next() else { return Some("") };
    chunk.invalid().is_empty().then(|| chunk.valid())
}

fn hex_pair(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    Some(hex_value(bytes.next()?)? << 4 | hex_value(bytes.next()?)?)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The credentials of HTTP Basic as RFC 6749 section 2.3.1 wants them: each half form-encoded exactly once.
pub(crate) fn basic_credentials(id: &str, secret: &str) -> String {
    let mut pair = Zeroizing::new(form_encode(id));
    pair.push(':');
    push_form_encoded(&mut pair, secret);
    base64_encode(&pair)
}

/// In groups of three bytes: the crate's loops for long texts, a kilobyte of code, are then left out.
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

/// By hand: the crate's decoder is a kilobyte and a half of loops for long inputs. As strict as that: no single symbol at the
/// end, no bit left over that is not zero. `marks` are the alphabet's last two symbols. Room is made once, so that nothing is
/// left behind in memory by growing, and filled without asking each time whether there is enough.
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

/// Appends a text as a string of JSON (RFC 8259 section 7).
pub(crate) fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    push_pieces(
        out,
        text,
        |b| matches!(b, b'"' | b'\\' | b'\0'..b' '),
        |out, byte| {
            if byte >= b' ' {
                out.push('\\');
                return out.push(byte.into());
            }
            out.push_str("\\u00");
            out.push(char::from(b'0' + (byte >> 4)));
            out.push(hex_digit(byte & 15));
        },
    );
    out.push('"');
}

/// What a header value made of a token may hold: neither space nor control characters nor anything beyond ASCII.
pub(crate) fn is_visible_ascii(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, RFC 6749 appendix A.4.
pub(crate) fn is_scope_token(text: &str) -> bool {
    is_visible_ascii(text) && !text.bytes().any(|b| matches!(b, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    #[cfg(not(target_arch = "wasm32"))]
    use base64::engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE_NO_PAD};

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
        assert_eq!(base64_decode("!"), None);
        assert_eq!(base64url_decode("-_8"), None);
        assert_eq!(base64url_decode("4oKs").as_deref(), Some("€"));
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_encoded_is_decoded(text in proptest::prelude::any::<String>()) {
            let encoded = form_encode(&text);
            assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._*+%".contains(&b)), "{encoded}");
            assert_eq!(form_decode(&encoded).as_deref(), Some(text.as_str()));
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
        fn bytes_and_strings_come_back(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40), text in proptest::prelude::any::<String>()) {
            assert_eq!(base64url_encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            assert_eq!(base64url_bytes(&base64url_encode(&bytes)), Some(Zeroizing::new(bytes.clone())));
            assert_eq!(base64_bytes(&base64_encode(&bytes)), Some(Zeroizing::new(bytes)));
            let mut json = String::new();
            push_json_string(&mut json, &text);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), serde_json::Value::from(text));
        }

        #[test]
        fn decoding_never_panics(text in ".*") {
            let _ = (form_decode(&text), base64_decode(&text), base64url_decode(&text));
        }
    }
}

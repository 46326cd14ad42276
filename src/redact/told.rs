//! Whether a text tells something of a secret, however it is written.

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::encoding::base64::base64_encode;
use crate::encoding::form::{form_encode, hex_digit};
use crate::encoding::number::push_digits;
use crate::redact::{PART, TELLING};
use crate::secret::Secret;

/// Whether letters and digits in a row, out of the secret or an encoding of it, are in the text,
/// whatever stands between them.
pub(crate) fn tells(text: &[u8], secret: &str) -> bool {
    let bytes = secret.as_bytes();
    let encoded = Secret::from(form_encode(secret));
    let in_base64 = |bytes: &[u8]| (0..3).any(|offset| shares(text, base64_inside(bytes, offset).expose()));
    shares(text, secret)
        || in_base64(bytes)
        || in_base64(encoded.expose().as_bytes())
        || shares(text, hex(bytes).expose())
        || shares(text, numbers(bytes.iter().map(|byte| u64::from(*byte)), bytes.len()).expose())
        || shares(text, numbers(secret.chars().map(u64::from), bytes.len()).expose())
}

/// The symbols that stand for these bytes alone where `offset` others are before them, and any
/// behind.
fn base64_inside(bytes: &[u8], offset: usize) -> Secret {
    let mut padded = Zeroizing::new(Vec::with_capacity(bytes.len() + offset));
    padded.resize(offset, 0);
    padded.extend_from_slice(bytes);
    let all = Secret::from(base64_encode(&*padded));
    let (start, end) = ((offset * 8).div_ceil(6), padded.len() * 8 / 6);
    Secret::from(all.expose().get(start..end).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> Secret {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(hex_digit(byte >> 4));
        out.push(hex_digit(byte & 15));
    }
    out.into()
}

/// One behind the other, as Go prints bytes and JavaScript an array.
fn numbers(numbers: impl Iterator<Item = u64>, most: usize) -> Secret {
    let mut out = String::with_capacity(7 * most);
    for number in numbers {
        push_digits(&mut out, number);
    }
    out.into()
}

/// Whether the two have so many letters and digits in common as give a secret away.
fn shares(text: &[u8], secret: &str) -> bool {
    let secret = letters(secret);
    let telling = (secret.len() * 3 / 4).clamp(TELLING / 2, TELLING);
    // Of an assertion there are thousands of places: most are sorted out by one look.
    let mut seen = [false; 1 << 12];
    for part in text.windows(telling) {
        seen.get_mut(place(part)).into_iter().for_each(|seen| *seen = true);
    }
    let is_seen = |part: &[u8]| seen.get(place(part)).is_some_and(|seen| *seen);
    secret.windows(telling).any(|part| is_seen(part) && is_in(text, part))
}

/// Whether a word holds four letters and digits in a row out of a secret.
pub(crate) fn is_part_told(word: &str, secret: &Secret) -> bool {
    let word = letters(word);
    letters(secret.expose()).windows(PART).any(|four| is_in(&word, four))
}

/// Whether the letters and digits of one text stand in another, in any case.
pub(crate) fn holds(whole: &str, part: &str) -> bool {
    let part = letters(part);
    !part.is_empty() && is_in(&letters(whole), &part)
}

/// Whether a part stands in a text, and is not of open letters alone.
#[inline(never)]
fn is_in(text: &[u8], part: &[u8]) -> bool {
    let is_part = |other: &[u8]| other.iter().zip(part).all(|(a, b)| a & !OPEN == *b);
    text.windows(part.len()).any(|other| is_part(other) && other.iter().any(|byte| byte & OPEN == 0))
}

fn place(part: &[u8]) -> usize {
    let hash = part.iter().fold(0u32, |hash, byte| (hash ^ u32::from(byte & !OPEN)).wrapping_mul(0x0100_0193));
    (hash >> 20) as usize
}

fn letters(text: &str) -> Zeroizing<Vec<u8>> {
    let mut letters = Zeroizing::new(Vec::with_capacity(text.len()));
    push_skeleton(&mut letters, text);
    letters
}

/// Marks the letters of open words in a skeleton.
const OPEN: u8 = 0x80;

/// The skeleton of an open word.
pub(crate) fn push_open(skeleton: &mut Vec<u8>, word: &str) {
    let start = skeleton.len();
    push_skeleton(skeleton, word);
    skeleton.iter_mut().skip(start).for_each(|byte| *byte |= OPEN);
}

/// Letters and digits alone, in lower case.
pub(crate) fn push_skeleton(letters: &mut Vec<u8>, text: &str) {
    letters.extend(text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()));
}

#[cfg(test)]
pub(crate) mod tests {
    use std::prelude::v1::*;

    use crate::encoding::base64::base64_encode;
    use crate::encoding::form::{basic_credentials, form_encode};
    use crate::redact::{REDACTED, Redaction};

    fn basic(secret: &str) -> Redaction {
        Redaction::of_request(None, Some(&format!("Basic {}", basic_credentials("id", secret))), Some("scope=openid"))
    }

    fn cleaned(secret: &str, text: &str) -> String {
        basic(secret).clean(text).unwrap()
    }

    #[test]
    fn in_an_encoding_of_the_servers_own_a_secret_is_not_shown() {
        let secret = "kT9q-2mZbXwLc_7h";
        for (what, encode) in ENCODINGS {
            let shown = cleaned(secret, &format!("bad {}", encode(secret)));
            let left = shown.replace(REDACTED, "");
            assert!(shown.contains(REDACTED) && ["", "bad", "bad ''"].contains(&left.trim_end()), "{what}: {shown}");
        }
        // Hexadecimal that looks like a number, and base64 that looks like words.
        assert_eq!(cleaned("passat-watt", "id 7061737361742d7761747"), "[redacted]");
        assert_eq!(cleaned("hunter", "id 68 75 6e 74"), "[redacted]");
        assert_eq!(cleaned("hunter", "bytes [104 117 110 116 101 114]"), "[redacted]");
        assert_eq!(cleaned("пароль", "chars [1087 1072 1088 1086 1083 1100]"), "[redacted]");
    }

    /// Whether so many letters in a row are in a text, in any case.
    pub(crate) fn is_left(secret: &str, text: &str, longest: usize) -> bool {
        let letters = |text: &str| text.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let (secret, text) = (letters(secret), letters(&text.replace(REDACTED, "\u{1}")));
        secret.as_bytes().windows(longest).any(|part| text.as_bytes().windows(longest).any(|other| other == part))
    }

    type Encoding = fn(&str) -> String;

    fn joined(secret: &str, separator: &str, write: fn(u8) -> String) -> String {
        secret.bytes().map(write).collect::<Vec<_>>().join(separator)
    }

    fn base64url(text: &str) -> String {
        crate::encoding::base64::base64url_encode(text.as_bytes())
    }

    const ENCODINGS: [(&str, Encoding); 27] = [
        ("plain", str::to_owned),
        ("upper case", str::to_uppercase),
        ("lower case", str::to_lowercase),
        ("form", form_encode),
        ("form twice", |secret| form_encode(&form_encode(secret))),
        ("JSON", |secret| format!("{secret:?}")),
        ("spaced", |secret| secret.chars().flat_map(|c| [c, ' ']).collect()),
        ("Go's bytes", |secret| format!("[{}]", joined(secret, " ", |b| b.to_string()))),
        ("a list", |secret| format!("[{}]", joined(secret, ", ", |b| b.to_string()))),
        ("a list without spaces", |secret| joined(secret, ",", |b| b.to_string())),
        ("octal numbers", |secret| joined(secret, " ", |b| format!("{b:o}"))),
        ("numbers with zeros", |secret| joined(secret, " ", |b| format!("{b:03}"))),
        ("PHP's list", |secret| secret.bytes().enumerate().map(|(at, b)| format!("[{at}] => {b} ")).collect()),
        ("numbers with colons", |secret| joined(secret, ":", |b| b.to_string())),
        ("Go's syntax", |secret| format!("[]byte{{{}}}", joined(secret, ", ", |b| format!("{b:#x}")))),
        ("entities", |secret| joined(secret, "", |b| format!("&#{b};"))),
        ("hex", |secret| joined(secret, "", |b| format!("{b:02x}"))),
        ("HEX", |secret| joined(secret, "", |b| format!("{b:02X}"))),
        ("a dump", |secret| joined(secret, " ", |b| format!("{b:02x}"))),
        ("hex with colons", |secret| joined(secret, ":", |b| format!("{b:02x}"))),
        ("base64", |secret| base64_encode(secret)),
        ("base64url", base64url),
        ("base64 of JSON", |secret| base64_encode(format!("{{\"client_secret\":\"{secret}\"}}"))),
        ("base64 of a pair", |secret| base64_encode(format!("id:{secret}"))),
        ("base64 of another pair", |secret| base64_encode(format!("me2:{secret}:x"))),
        ("base64url of a form", |secret| base64url(&format!("a=b&client_secret={}&c=d", form_encode(secret)))),
        ("base64 in lines", |secret| {
            base64_encode(format!("one{secret}")).replace("=", "").chars().flat_map(|c| [c, ' ']).collect()
        }),
    ];

    #[cfg(not(target_arch = "wasm32"))]
    mod properties {
        use std::prelude::v1::*;

        use proptest::prelude::*;

        use super::{ENCODINGS, Redaction, basic, cleaned, is_left};
        use crate::encoding::form::form_encode;
        use crate::redact::{LONGEST_SHOWN, TELLING};

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(200))]

            #[test]
            fn of_no_secret_in_any_encoding_a_telling_part_is_left(
                secret in prop_oneof!["[A-Za-z0-9]{12,40}", "[a-z]{12,24}", "[!-~]{16,40}", "[a-z]{3,6}( \
                    [a-z]{3,6}){3,5}"],
                which in 0..ENCODINGS.len(),
                before in prop_oneof!["", "[a-z ]{0,30}", "[a-z ]{480,515}", "(x[0-9]{100} ){4}[a-z ]{80,120}", "(1 \
                    ){60}"],
                after in prop_oneof!["", "[a-z0-9 ]{0,300}"],
                separator in prop_oneof!["", " ", ": "],
            ) {
                let (what, encode) = ENCODINGS[which];
                let quoted = encode(&secret);
                let form = format!("client_secret={}&pin=1", form_encode(&secret));
                let requests = [basic(&secret), Redaction::of_request(None, None, Some(&form))];
                for redaction in requests {
                    let shown = redaction.clean(&format!("{before}{separator}{quoted}{separator}{after}")).unwrap();
                    prop_assert!(shown.chars().count() <= LONGEST_SHOWN);
                    prop_assert!(!is_left(&secret, &shown, TELLING), "{}: {}", what, shown);
                    prop_assert!(!is_left(&quoted, &shown, 12), "{}: {} as {}", what, quoted, shown);
                }
            }

            #[test]
            fn plain_words_stay(text in "[a-z]{1,9}( [a-z]{1,9}){0,20}") {
                let shown = cleaned("Kx9-Qz7_Wv3+Jp5", &text);
                prop_assert_eq!(shown, text.chars().take(LONGEST_SHOWN).collect::<String>());
            }
        }
    }
}

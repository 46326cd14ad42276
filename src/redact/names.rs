//! Which names can be shown: a secret may stand where a name belongs.

use crate::encoding::text::parts;

/// The longest name that is shown, in bytes.
const LONGEST: usize = 100;

/// Whether a name consists of words as people write them, short numbers and GUIDs. A random
/// password mixes letters of both cases with digits, or has more of them in a row than words have.
pub(crate) fn is_plain_name(name: &str) -> bool {
    if name.len() > LONGEST || !name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    let mut rest = name;
    while !rest.is_empty() {
        let part = run_of(rest, |byte| byte.is_ascii_alphanumeric());
        let taken = if is_word(part) || is_number(part) { part.len() } else { guid_length(rest) };
        if taken == 0 {
            return false;
        }
        rest = rest.get(taken..).unwrap_or_default();
        rest = rest.get(run_of(rest, is_mark).len()..).unwrap_or_default();
    }
    true
}

/// The longest start of a text of such bytes.
fn run_of(text: &str, belongs: impl Fn(u8) -> bool) -> &str {
    let end = text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_mark(byte: u8) -> bool {
    "-._:/@*#~+".bytes().any(|mark| mark == byte)
}

/// `ABC`, `word`, `Word`, and up to three more words behind it, as in `serviceUserID`.
fn is_word(text: &str) -> bool {
    let capitals = run_of(text, |byte| byte.is_ascii_uppercase());
    if capitals.len() == text.len() {
        return (1..=14).contains(&text.len());
    }
    if capitals.len() > 1 {
        return false;
    }
    let first = run_of(text.get(capitals.len()..).unwrap_or_default(), |byte| byte.is_ascii_lowercase());
    if !(1..=14).contains(&first.len()) {
        return false;
    }
    let mut rest = text.get(capitals.len() + first.len()..).unwrap_or_default();
    for _ in 0..3 {
        rest = rest.get(next_word(rest)..).unwrap_or_default();
    }
    rest.is_empty()
}

/// The length of the word in camel case that a text starts with, or 0.
fn next_word(text: &str) -> usize {
    if let Some(short) = ["ID", "URI", "URL"].iter().find(|short| text.starts_with(**short)) {
        return short.len();
    }
    let letters = run_of(text.get(1..).unwrap_or_default(), |byte| byte.is_ascii_lowercase()).len();
    let is_capital = text.as_bytes().first().is_some_and(u8::is_ascii_uppercase);
    if is_capital && (1..=13).contains(&letters) { 1 + letters } else { 0 }
}

/// Up to twenty digits, or a word with one digit behind it.
fn is_number(text: &str) -> bool {
    let digits = run_of(text, |byte| byte.is_ascii_digit());
    if digits.len() == text.len() {
        return (1..=20).contains(&text.len());
    }
    let letters = run_of(text, |byte| byte.is_ascii_lowercase());
    let last = text.get(letters.len()..).unwrap_or_default();
    !letters.is_empty() && last.len() == 1 && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// The length of the GUID that a text starts with, or 0.
fn guid_length(text: &str) -> usize {
    let Some((start, rest)) = text.split_at_checked(36) else { return 0 };
    let is_hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let is_guid = parts(start, "-").map(str::len).eq([8, 4, 4, 4, 12]) && start.bytes().all(|b| b == b'-' || is_hex(b));
    let ends = !rest.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    if is_guid && ends { 36 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::is_plain_name;

    #[test]
    fn names_that_people_write_are_shown() {
        for name in [
            "clientID",
            "Reader",
            "tokenEndpoint",
            "api:read",
            "urn:zitadel:iam:org:project:id:171234567890123456:aud",
            "2f1f3a5e-9a51-4f6b-8a3e-0c8a5d1f2b3c",
            "READ_WRITE",
            "role1",
            "jwksURI",
            "https://api.example/v2",
        ] {
            assert!(is_plain_name(name), "{name}");
        }
    }

    #[test]
    fn a_name_of_more_than_100_bytes_is_not_shown() {
        let hundred = "word.".repeat(20);
        assert!(is_plain_name(&hundred));
        assert!(!is_plain_name(&format!("{hundred}w")) && !is_plain_name(&hundred.repeat(2)));
    }

    #[test]
    fn what_may_be_a_secret_is_not() {
        for name in [
            "",
            "-word",
            "a b",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "sk_live_51H8xYzAbCdEfGhIj",
            "AKIAIOSFODNN7EXAMPLE",
            "word7word",
            "wordXQZ",
            "abcdefghijklmnopqrst",
            "kTqWmZbXwLcRhYpNvJsD",
            "deadbeefcafe0123456789abcdef0123",
            "123456789012345678901",
            "2f1f3a5e-9a51-4f6b-8a3e-0c8a5d1f2b3cx",
            "k7qWmZbX-wLcR-hYpN-vJsD-mZb4wLcRhYpN",
        ] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}

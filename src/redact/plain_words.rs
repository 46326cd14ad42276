//! What of a text can be shown: plain words, in the characters of the protocol.

use crate::encoding::text::parts;

/// A word of letters and the marks of prose, a number, a GUID (people need them to ask the server's
/// owner), or an error code such as AADSTS7000215. Whatever is encoded or a token mixes letters
/// with digits or with other marks.
pub(crate) fn is_plain(word: &str) -> bool {
    let bare = bare(word);
    let digits = bare.bytes().position(|b| !b.is_ascii_uppercase()).and_then(|at| bare.get(at..)).unwrap_or_default();
    let is_number = !digits.is_empty()
        && digits.len() <= 20
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b':' | b'-'));
    is_guid(bare) || is_number || word.bytes().all(|b| !b.is_ascii() || b.is_ascii_alphabetic() || is_mark(b))
}

/// Without the marks around it.
fn bare(word: &str) -> &str {
    let start = word.bytes().position(|b| !is_mark(b)).unwrap_or(word.len());
    let end = word.bytes().rposition(|b| !is_mark(b)).map_or(start, |last| last + 1);
    word.get(start..end).unwrap_or_default()
}

/// A mark of prose, or the place of an open word. (`contains` would bring a search for long texts.)
fn is_mark(b: u8) -> bool {
    ".,:;!?'\"`()[]<>{}_-/@=\r\n\t\u{1}".bytes().any(|mark| mark == b)
}

fn is_guid(text: &str) -> bool {
    parts(text, "-").map(str::len).eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// `error_description = *( %x20-21 / %x23-5B / %x5D-7E )`, RFC 6749 appendix A.8.
pub(crate) fn permitted(c: char) -> char {
    match c {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_told_from_what_may_be_encoded() {
        for word in [
            "client",
            "(e.g.,",
            "invalid_client",
            "https://idp.example/errors",
            "",
            "größe",
            "400",
            "05:36",
            "AADSTS7000215:",
        ] {
            assert!(is_plain(word), "{word}");
        }
        for word in ["0f8fad5b-d9cb-469f-a165-70867728950e,", "'283746501928374650'"] {
            assert!(is_plain(word), "{word}");
        }
        for word in [
            "a%26b",
            "a&amp;b",
            "a\\u0026b",
            "hunter2",
            "x7",
            "eyJhbGciOiJub25lIn0.e30.",
            "123456789012345678901",
            "a+b",
            "AB1c",
        ] {
            assert!(!is_plain(word), "{word}");
        }
    }

    #[test]
    fn what_the_protocol_has_no_place_for_is_written_otherwise() {
        let shown: alloc::string::String = "a \"b\" c:\\d\n\u{e9}".chars().map(permitted).collect();
        assert_eq!(shown, "a 'b' c:/d??");
    }
}

//! What of a text can be shown: plain words, in the characters of the protocol.

/// A word of letters and the marks of prose, a number, a GUID (people need them to ask the server's owner), or an error code such
/// as AADSTS7000215. Whatever is encoded or a token mixes letters with digits or with other marks.
pub(crate) fn is_plain(word: &str) -> bool {
    let bare = word.trim_matches(is_mark);
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let is_number =
        !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit() || b".,:-".contains(&b));
    is_guid(bare) || is_number || word.chars().all(|c| !c.is_ascii() || c.is_ascii_alphabetic() || is_mark(c))
}

/// A mark of prose. (`contains` of a string would bring two kilobytes.)
fn is_mark(c: char) -> bool {
    b".,:;!?'\"()[]<>{}_-/@=\r\n\t".iter().any(|mark| char::from(*mark) == c)
}

fn is_guid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
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
}

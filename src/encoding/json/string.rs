//! Strings of a document, where they have escapes (RFC 8259 section 7).

use alloc::string::String;

use zeroize::Zeroizing;

use crate::encoding::form::hex_value;
use crate::encoding::text::split;

/// The text without its escapes. Its place does not move, and leaves no copy: an escape is never
/// shorter than what it stands for.
pub(super) fn unescaped(text: &str) -> Option<Zeroizing<String>> {
    let mut own = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((piece, escape)) = split(rest, "\\") {
        own.push_str(piece);
        let (character, after) = read_escape(escape)?;
        own.push(character);
        rest = after;
    }
    own.push_str(rest);
    Some(own)
}

/// What an escape stands for, and what follows it.
fn read_escape(text: &str) -> Option<(char, &str)> {
    let rest = text.get(1..)?;
    let character = match text.bytes().next()? {
        mark @ (b'"' | b'\\' | b'/') => char::from(mark),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return read_code_point(rest),
        _ => return None,
    };
    Some((character, rest))
}

/// Of four digits, or of twice four for what lies beyond U+FFFF: a pair of surrogates, which mean
/// nothing alone.
fn read_code_point(text: &str) -> Option<(char, &str)> {
    let (high, rest) = read_unit(text)?;
    if !(0xd800..0xdc00).contains(&high) {
        return Some((char::from_u32(high)?, rest));
    }
    let (low, rest) = read_unit(rest.strip_prefix("\\u")?)?;
    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?, rest))
}

fn read_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let unit = digits.bytes().try_fold(0, |unit, digit| Some(unit << 4 | u32::from(hex_value(digit)?)))?;
    Some((unit, rest))
}

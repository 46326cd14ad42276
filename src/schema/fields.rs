//! How values cross the boundary: one text, its fields separated by NUL. No field holds a NUL, but
//! the last one, which is all of the rest.

use alloc::string::String;

use crate::encoding::number::{digits, push_number};
use crate::encoding::text::push_pieces;

/// What stands between fields.
pub const SEPARATOR: char = '\0';

/// What stands in front of an optional field that is given, so that an empty text is not a missing
/// one.
pub const GIVEN: char = '+';

/// The fields that are not read yet.
#[derive(Debug)]
pub struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    /// The fields of a text.
    pub fn of(text: &'a str) -> Self {
        Fields(text)
    }

    /// Takes the next field off.
    #[inline(never)]
    #[allow(clippy::should_implement_trait, reason = "an iterator would end; a missing field is empty")]
    pub fn next(&mut self) -> &'a str {
        let end = self.0.bytes().position(|byte| byte == SEPARATOR as u8).unwrap_or(self.0.len());
        let (field, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest.get(1..).unwrap_or_default();
        field
    }

    /// Takes the next field off, if it is given.
    pub fn optional(&mut self) -> Option<&'a str> {
        self.next().strip_prefix(GIVEN)
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a str {
        core::mem::take(&mut self.0)
    }
}

/// A whole number as JavaScript writes it.
pub(crate) fn whole(text: &str) -> i64 {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    sign * digits(rest).and_then(|number| i64::try_from(number).ok()).unwrap_or_default()
}

/// The opposite of [`whole`].
pub(crate) fn digits_of(number: i64) -> String {
    let mut text = String::new();
    push_number(&mut text, number);
    text
}

/// The fields of a result.
#[derive(Debug, Default)]
pub struct Written {
    text: String,
    has_fields: bool,
}

impl Written {
    /// Adds a field.
    pub fn text(&mut self, text: &str) {
        self.separate();
        self.push(text);
    }

    /// Adds a field that may be missing.
    pub fn optional(&mut self, text: Option<&str>) {
        self.separate();
        if let Some(text) = text {
            self.text.push(GIVEN);
            self.push(text);
        }
    }

    /// A NUL, as in the name of a hostile key, must not begin another field.
    fn push(&mut self, text: &str) {
        let is_separator = |byte| byte == SEPARATOR as u8;
        push_pieces(&mut self.text, text, is_separator, |out, _| out.push(char::REPLACEMENT_CHARACTER));
    }

    /// The text.
    pub fn end(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if self.has_fields {
            self.text.push(SEPARATOR);
        }
        self.has_fields = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_come_back_with_their_sign() {
        for number in [0, 1, -1, 8_640_000_000_000_000, -8_640_000_000_000_000] {
            assert_eq!(whole(&digits_of(number)), number);
        }
        assert_eq!(digits_of(-42), "-42");
        for none in ["", "-", "--1", "1.5", "1e3"] {
            assert_eq!(whole(none), 0, "{none}");
        }
    }
}

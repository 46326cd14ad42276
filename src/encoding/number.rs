//! Whole numbers as text. The standard library's way to write a number brings all of its
//! formatting.

use alloc::string::String;

/// A number of digits alone; one past all that counts here stands for anything larger.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let add = |number: u64, b: u8| b.is_ascii_digit().then(|| number.min(1 << 59) * 10 + u64::from(b - b'0'));
    if text.is_empty() { None } else { text.bytes().try_fold(0, add) }
}

/// By hand: the standard library's way to write a number brings all of its formatting.
pub(crate) fn push_digits(text: &mut String, number: u64) {
    if number > 9 {
        push_digits(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// A length in words.
pub(crate) fn digits_of(length: usize) -> String {
    let mut text = String::new();
    push_digits(&mut text, length as u64);
    text
}

/// With a sign where it is negative.
pub(crate) fn push_number(text: &mut String, number: i64) {
    if number < 0 {
        text.push('-');
    }
    push_digits(text, number.unsigned_abs());
}

#[cfg(test)]
mod tests {
    use std::prelude::v1::*;

    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for number in [0, 7, -1, 10, 1_700_000_000, i64::MAX, i64::MIN] {
            let mut text = String::new();
            push_number(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }
}

//! Numbers written as text. The standard library's parsers are compiled for every type, and are
//! four times as large; its way to write a number brings all of its formatting.

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

/// A number in JSON's grammar as a double, exact up to 15 digits with a small exponent, which is
/// more than times need.
pub(crate) fn decimal(text: &str) -> f64 {
    let at = text.bytes().position(|b| matches!(b, b'e' | b'E')).unwrap_or(text.len());
    let (whole, exponent) = text.split_at_checked(at).unwrap_or_default();
    let (mut number, mut in_fraction, mut places) = (0.0, false, 0);
    for byte in whole.bytes() {
        match byte {
            b'.' => in_fraction = true,
            b'0'..=b'9' if places < 20 => {
                number = number * 10.0 + f64::from(byte - b'0');
                places += i32::from(in_fraction);
            }
            _ => {}
        }
    }
    let digits = exponent.bytes().filter(u8::is_ascii_digit);
    let size = digits.fold(0i32, |size, digit| size.saturating_mul(10).saturating_add(i32::from(digit - b'0')));
    let power = if exponent.bytes().any(|b| b == b'-') { -size } else { size }.saturating_sub(places);
    // Beyond these a double is infinite or 0, and a hostile document shall not make us count there.
    let steps = if number == 0.0 { 0 } else { power.unsigned_abs().min(350) };
    let scale = (0..steps).fold(1.0, |scale, _| scale * 10.0);
    let number = if power < 0 { number / scale } else { number * scale };
    if whole.as_bytes().first() == Some(&b'-') { -number } else { number }
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

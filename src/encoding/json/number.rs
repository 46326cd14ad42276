//! Numbers of a document, as doubles: to the last bit where they are whole and below 2^53, else to a
//! bit or two. The standard library's reader is exact everywhere, and has tables of 10 kB for it.

use crate::encoding::number::digits;

/// From here on, further digits are below what a double tells apart.
const ENOUGH: u64 = 1_000_000_000_000_000_000;

/// More than a double holds, in both directions; the root is less.
const MAX_EXPONENT: i64 = 600;

/// The number that the text begins with (RFC 8259 section 6), and what follows it. `None` is also
/// what no double holds.
pub(super) fn read_number(text: &str) -> Option<(f64, &str)> {
    let (is_negative, text) = sign(text, '-');
    let (whole, text) = split_digits(text)?;
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let (fraction, text) = text.strip_prefix('.').map_or(Some(("", text)), split_digits)?;
    let (exponent, text) = text.strip_prefix(['e', 'E']).map_or(Some((0, text)), read_exponent)?;

    let (mut significand, mut taken) = (0, 0);
    for digit in whole.bytes().chain(fraction.bytes()) {
        if significand >= ENOUGH {
            break;
        }
        significand = significand * 10 + u64::from(digit - b'0');
        taken += 1;
    }
    let number = scaled(significand as f64, exponent + whole.len() as i64 - taken);
    number.is_finite().then_some((if is_negative { -number } else { number }, text))
}

fn read_exponent(text: &str) -> Option<(i64, &str)> {
    let (is_negative, text) = sign(text, '-');
    let (_, text) = if is_negative { (false, text) } else { sign(text, '+') };
    let (exponent, text) = split_digits(text)?;
    let exponent = digits(exponent)? as i64;
    Some((if is_negative { -exponent } else { exponent }, text))
}

/// `number` times ten to the power of `exponent`, in two steps: a power may be more than a double
/// holds where the product is not.
fn scaled(number: f64, exponent: i64) -> f64 {
    if exponent == 0 {
        return number;
    }
    let exponent = exponent.clamp(-MAX_EXPONENT, MAX_EXPONENT) as i32;
    let half = power_of_ten(exponent.abs() / 2);
    let other = power_of_ten(exponent.abs() - exponent.abs() / 2);
    if exponent < 0 { number / half / other } else { number * half * other }
}

/// By squares, as `powi` does, which only the standard library has.
fn power_of_ten(exponent: i32) -> f64 {
    let (mut power, mut square, mut left) = (1.0, 10.0, exponent);
    while left > 0 {
        if left & 1 == 1 {
            power *= square;
        }
        square *= square;
        left >>= 1;
    }
    power
}

fn sign(text: &str, sign: char) -> (bool, &str) {
    text.strip_prefix(sign).map_or((false, text), |rest| (true, rest))
}

/// The digits that the text begins with, at least one.
fn split_digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).filter(|_| end > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_last_bit() {
        for text in ["0", "-1", "1700000000", "1700000000.25", "1.7e9", "17E+8", "9007199254740991", "1e22", "-0.5"] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(read_number(text), Some((expected, "")), "{text}");
        }
        assert_eq!(read_number("0]"), Some((0.0, "]")));
        assert_eq!(read_number("01"), None);
    }

    #[test]
    fn what_no_double_holds_is_no_number_and_what_is_too_small_is_zero() {
        for text in ["1e309", "-1e999999999999999999999", "1797693134862315708145274237317043567981e270"] {
            assert_eq!(read_number(text), None, "{text}");
        }
        for text in ["0e999999999999999999999", "1e-999999999999999999999", "0.0e-1"] {
            assert_eq!(read_number(text), Some((0.0, "")), "{text}");
        }
        let long = format!("0.{}1e{}", "0".repeat(5_000), 5_001);
        assert_eq!(read_number(&long), Some((1.0, "")));
        assert_eq!(read_number(&"9".repeat(400)), None);
    }
}

//! Dates as ZITADEL's key files have them (RFC 3339). Nothing here overflows.

#![deny(clippy::arithmetic_side_effects)]

use crate::encoding::number::digits;
use crate::encoding::time::{Timestamp, days_since_1970, millis, number};

/// A date with a time as in RFC 3339, section 5.6, such as `2030-01-01T00:00:00Z`; a fraction of a
/// second counts down to milliseconds. A year before 1970 is Go's way to say that there is no time:
/// `0001-01-01T00:00:00Z`. `None`: unreadable.
pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b't' | b' ', _, _, b':', _, _, b':', _, _, ..] = text.as_bytes()
    else {
        return None;
    };
    let two = |at: usize, least, most| number(text.get(at..at.saturating_add(2))?, least, most);
    // A leap year, so that no date from before 1970 is refused for it.
    let year = number(text.get(..4)?, 0, 9999)?.max(1968);
    let month = two(5, 1, 12)?;
    let days = days_since_1970(year, month, two(8, 1, last_day(year, month))?);
    let (thousandths, offset) = split_fraction(text.get(19..)?)?;
    let minutes = two(14, 0, 59)?.checked_sub(minutes_ahead(offset)?)?;
    let whole = millis(days, two(11, 0, 23)?, minutes, two(17, 0, 60)?);
    Some(Timestamp::from_millis(whole).plus(thousandths))
}

/// The thousandths of a second, and what follows the fraction.
fn split_fraction(rest: &str) -> Option<(u64, &str)> {
    let Some(rest) = rest.strip_prefix(".") else { return Some((0, rest)) };
    let (fraction, offset) = rest.split_at_checked(rest.bytes().position(|b| !b.is_ascii_digit())?)?;
    let counted = fraction.get(..3).unwrap_or(fraction);
    let unit = match counted.len() {
        1 => 100,
        2 => 10,
        _ => 1,
    };
    Some((digits(counted)?.saturating_mul(unit), offset))
}

/// How many minutes the clock is ahead of `Z`.
fn minutes_ahead(offset: &str) -> Option<i64> {
    match offset.as_bytes() {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let hours = number(offset.get(1..3)?, 0, 23)?;
            let ahead = hours.checked_mul(60)?.checked_add(number(offset.get(4..)?, 0, 59)?)?;
            if *sign == b'-' { ahead.checked_neg() } else { Some(ahead) }
        }
        _ => None,
    }
}

fn last_day(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_is_read_as_go_writes_it() {
        let millis = |text: &str| rfc3339(text).map(Timestamp::as_millis);
        assert_eq!(millis("2030-01-01T00:00:00Z"), Some(1_893_456_000_000));
        assert_eq!(millis("9999-12-31T23:59:59Z"), Some(253_402_300_799_000));
        assert_eq!(millis("2030-01-01T01:30:00+01:30"), Some(1_893_456_000_000));
        assert_eq!(millis("2029-12-31T16:00:00-08:00"), Some(1_893_456_000_000));
        assert_eq!(millis("2030-01-01t00:00:00.1234567z"), Some(1_893_456_000_123));
        assert_eq!(millis("2030-01-01T00:00:00.5Z"), Some(1_893_456_000_500));
        assert_eq!(millis("2030-01-01T00:00:00.25Z"), Some(1_893_456_000_250));
        assert!(millis("0001-01-01T00:00:00Z").is_some_and(|millis| millis < 0));
        assert!(millis("1969-12-31T23:59:59Z").is_some_and(|millis| millis < 0));
        assert_eq!(millis("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(millis("2016-12-31T23:59:60Z"), Some(1_483_228_800_000));
        assert_eq!(millis("2030-01-01T23:59:00+23:59"), Some(1_893_456_000_000));
        assert_eq!(millis("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        assert_eq!(millis("2000-02-29T00:00:00Z"), Some(951_782_400_000));
        assert_eq!(millis("2030-04-30T00:00:00Z"), Some(1_903_737_600_000));
        for bad in [
            "",
            "2030-01-01",
            "2030-01-01T00:00:00",
            "2030-1-1T00:00:00Z",
            "2030-13-01T00:00:00Z",
            "2030-01-01T24:00:00Z",
            "2030-01-01T00:00:00.Z",
            "2030-01-01T00:00:00.-1Z",
            "2030-01-01T00:00:00+1",
            "2030-01-01T01:30:00+1:30",
            "2030-01-01T01:30:00+01:3",
            "2030-01-01T00:00:00+01:60",
            "2030-01-01T00:00:00+24:00",
            "2030-01-01T00:00:61Z",
            "2030-01-01T00:60:00Z",
            "2030-02-31T00:00:00Z",
            "2030-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2030-04-31T00:00:00Z",
            "2030-12-32T00:00:00Z",
            "2030-01-00T00:00:00Z",
            "never",
        ] {
            assert_eq!(millis(bad), None, "{bad}");
        }
    }
}

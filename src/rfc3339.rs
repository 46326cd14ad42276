//! Dates as ZITADEL's key files have them (RFC 3339). Nothing here overflows.

#![deny(clippy::arithmetic_side_effects)]

use crate::time::{Timestamp, days_since_1970, millis, number};

/// A date with a time as in RFC 3339, section 5.6, such as `2030-01-01T00:00:00Z`; a fraction of a second counts down to
/// milliseconds. A year before 1970 is Go's way to say that there is no time: `0001-01-01T00:00:00Z`. `None`: unreadable.
pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (year, rest) = date.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (clock, minutes_ahead) = split_offset(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let (hour, rest) = clock.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let two = |text: &str, least, most| number(text, least, most).filter(|_| text.len() == 2);
    // A leap year, so that no date from before 1970 is refused for it.
    let year = number(year, 0, 9999).filter(|_| year.len() == 4)?.max(1968);
    let month = two(month, 1, 12)?;
    let days = days_since_1970(year, month, two(day, 1, last_day(year, month))?);
    let minutes = two(minute, 0, 59)?.checked_sub(minutes_ahead)?;
    let whole = millis(days, two(hour, 0, 23)?, minutes, two(second, 0, 60)?);
    let fraction =
        fraction.bytes().all(|b| b.is_ascii_digit()).then_some(fraction).filter(|digits| !digits.is_empty())?;
    let places = fraction.bytes().chain([b'0'; 2]).take(3);
    let thousandths =
        places.fold(0u64, |sum, b| sum.saturating_mul(10).saturating_add(u64::from(b.saturating_sub(b'0'))));
    Some(Timestamp::from_millis(whole).plus(thousandths))
}

/// `Z`, or how many minutes the clock is ahead of it.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let at = time.bytes().rposition(|b| matches!(b, b'+' | b'-'))?;
    let (clock, offset) = time.split_at_checked(at)?;
    let is_behind = offset.starts_with('-');
    let (hours, minutes) = offset.trim_start_matches(['+', '-']).split_once(':')?;
    if (hours.len(), minutes.len()) != (2, 2) {
        return None;
    }
    let ahead = number(hours, 0, 23)?.checked_mul(60)?.checked_add(number(minutes, 0, 59)?)?;
    Some((clock, if is_behind { ahead.checked_neg()? } else { ahead }))
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

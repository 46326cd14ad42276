//! Milliseconds since 1970, as JavaScript counts, and three ways to write a time. Nothing here
//! overflows.

#![deny(clippy::arithmetic_side_effects)]

#[cfg(any(feature = "wasm", not(feature = "npm")))]
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::encoding::number::digits;
use crate::encoding::text::{find, split};

/// The last moment that a JavaScript `Date` can hold (ECMA-262, section 21.4.1.1), in milliseconds.
const LAST: i64 = 8_640_000_000_000_000;

/// The longest lifetime believed, in seconds: 68 years, what fits the 32 bits in which many servers
/// count.
const LONGEST_LIFETIME: u64 = i32::MAX as u64;

/// The longest that a server's `Retry-After` can hold a caller off, in milliseconds.
const LONGEST_RETRY_AFTER: u64 = 5 * 60 * 1000;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. Arithmetic stops at the ends of what a
/// `Date` can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970, drawn to the nearest value in range.
    #[inline(never)]
    pub const fn from_millis(millis: i64) -> Self {
        if millis > LAST {
            Timestamp(LAST)
        } else if millis < -LAST {
            Timestamp(-LAST)
        } else {
            Timestamp(millis)
        }
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time `millis` milliseconds later.
    #[must_use]
    pub const fn plus(self, millis: u64) -> Self {
        Self::from_millis(self.0.saturating_add_unsigned(millis))
    }

    /// The time `millis` milliseconds earlier.
    #[must_use]
    pub const fn minus(self, millis: u64) -> Self {
        Self::from_millis(self.0.saturating_sub_unsigned(millis))
    }

    /// How many milliseconds after `earlier` this is; 0 when it is not after it.
    pub const fn millis_since(self, earlier: Timestamp) -> u64 {
        if self.0 > earlier.0 { self.0.abs_diff(earlier.0) } else { 0 }
    }
}

#[cfg(any(feature = "wasm", not(feature = "npm")))]
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Timestamp(0).plus(millis(after)),
            Err(before) => Timestamp(0).minus(millis(before.duration())),
        }
    }
}

/// A lifetime such as `expires_in` (RFC 6749 section 5.1) in milliseconds: floored to seconds and
/// capped. `None`: negative or not a number.
pub(crate) fn lifetime_from_seconds(seconds: f64) -> Option<u64> {
    // The cast saturates, and the comparison is false for NaN.
    (seconds >= 0.0).then(|| capped_lifetime(seconds as u64))
}

/// The same, written as a text, which some servers send: `3600`, ` 3600 `, `3600.0`.
pub(crate) fn lifetime_from_text(text: &str) -> Option<u64> {
    let text = text.trim_ascii();
    let (whole, fraction) = split(text, ".").unwrap_or((text, "0"));
    digits(fraction).and(lifetime_from_digits(whole))
}

/// The same, written as a string of digits. `None`: anything but digits.
pub(crate) fn lifetime_from_digits(text: &str) -> Option<u64> {
    digits(text).map(capped_lifetime)
}

fn capped_lifetime(seconds: u64) -> u64 {
    seconds.min(LONGEST_LIFETIME).saturating_mul(1000)
}

/// A NumericDate (RFC 7519 section 2): seconds since 1970, a fraction allowed.
pub(crate) fn numeric_date(seconds: f64) -> Option<Timestamp> {
    seconds.is_finite().then_some(Timestamp::from_millis((seconds * 1000.0) as i64))
}

/// When a `Retry-After` header (RFC 9110 section 10.2.3: seconds, or a date) permits the next
/// attempt, at most 5 minutes from `now`. `None`: 0, a past date, or unreadable; all of these say
/// nothing about when to come back.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Timestamp> {
    let header = header.trim_ascii();
    let wait = match lifetime_from_digits(header) {
        Some(millis) => millis,
        None => http_date(header)?.millis_since(now),
    };
    (wait > 0).then(|| now.plus(wait.min(LONGEST_RETRY_AFTER)))
}

/// The three forms of RFC 9110 section 5.6.7, of which "a recipient … MUST accept all three".
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    let mut rest = text;
    let words: [&str; 9] = core::array::from_fn(|_| next_word(&mut rest));
    let (day, month, year, hour, minute, second) = match words {
        // Also with the dashes of RFC 850.
        [_, day, month, year, hour, minute, second, "GMT", ""] => (day, month, year, hour, minute, second),
        [_, month, day, hour, minute, second, year, "", _] => (day, month, year, hour, minute, second),
        _ => return None,
    };
    let days = days_since_1970(year_number(year)?, month_number(month)?, number(day, 1, 31)?);
    Some(Timestamp::from_millis(millis(days, number(hour, 0, 23)?, number(minute, 0, 59)?, number(second, 0, 60)?)))
}

/// Letters and digits up to the next other character, taken off; empty at the end.
fn next_word<'a>(rest: &mut &'a str) -> &'a str {
    let start = rest.bytes().position(|b| b.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let from = rest.get(start..).unwrap_or_default();
    let end = from.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(from.len());
    let (word, after) = from.split_at_checked(end).unwrap_or_default();
    *rest = after;
    word
}

pub(crate) fn number(text: &str, least: i64, most: i64) -> Option<i64> {
    i64::try_from(digits(text)?).ok().filter(|n| (least..=most).contains(n))
}

/// Four digits; or two, of RFC 850, which stand for the years 1970 to 2069.
fn year_number(text: &str) -> Option<i64> {
    match text.len() {
        4 => number(text, 1970, 9999),
        2 => number(text, 0, 99).map(|year| year.saturating_add(if year < 70 { 2000 } else { 1900 })),
        _ => None,
    }
}

fn month_number(name: &str) -> Option<i64> {
    // Each begins with the only capital letter of its three.
    let at = find("JanFebMarAprMayJunJulAugSepOctNovDec", name).filter(|at| name.len() == 3 && at % 3 == 0)?;
    i64::try_from(at / 3).ok()?.checked_add(1)
}

#[allow(clippy::arithmetic_side_effects, reason = "the callers bound every operand, as below")]
pub(crate) fn millis(days: i64, hours: i64, minutes: i64, seconds: i64) -> i64 {
    (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

#[allow(clippy::arithmetic_side_effects, reason = "the callers bound every operand: years 1970 to 9999")]
pub(crate) fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March put the leap day last, so that days before a month follow one
    // formula.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    365 * year + leap_days + (153 * month + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::from_millis(i64::MAX).plus(u64::MAX).as_millis(), LAST);
        assert_eq!(Timestamp::from_millis(i64::MIN).minus(u64::MAX).as_millis(), -LAST);
        assert_eq!(Timestamp(5).millis_since(Timestamp(7)), 0);
        assert_eq!(Timestamp(LAST).millis_since(Timestamp(-LAST)), 2 * LAST as u64);
    }

    #[test]
    fn system_time_is_taken_over_before_1970_too() {
        assert_eq!(Timestamp::from(UNIX_EPOCH + Duration::from_millis(1_500)).as_millis(), 1_500);
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_millis(1_500)).as_millis(), -1_500);
    }

    #[test]
    fn lifetimes_are_floored_capped_and_never_negative() {
        assert_eq!(lifetime_from_seconds(3599.9), Some(3_599_000));
        assert_eq!(lifetime_from_seconds(-0.0), Some(0));
        assert_eq!(lifetime_from_seconds(1e300), Some(LONGEST_LIFETIME * 1000));
        assert_eq!(lifetime_from_seconds(-0.5), None);
        assert_eq!(lifetime_from_seconds(f64::NAN), None);
        assert_eq!(lifetime_from_digits("99999999999999999999999"), Some(LONGEST_LIFETIME * 1000));
        assert_eq!(lifetime_from_digits(""), None);
        assert_eq!(lifetime_from_digits("+5"), None);
    }

    #[test]
    fn retry_after_takes_seconds_and_all_three_dates() {
        let at = |header: &str| retry_after(header, NOW).map(|t| t.millis_since(NOW));
        assert_eq!(at("7"), Some(7_000));
        assert_eq!(at(" 7 "), Some(7_000));
        assert_eq!(at("Tue, 14 Nov 2023 22:13:30 GMT"), Some(10_000));
        assert_eq!(at("Tuesday, 14-Nov-23 22:13:30 GMT"), Some(10_000));
        assert_eq!(at("Tue Nov 14 22:13:30 2023"), Some(10_000));
        assert_eq!(at("86400"), Some(LONGEST_RETRY_AFTER));
        for nothing in ["0", "", "soon", "-5", "1.5", "Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 31 Foo 2023 22:13:30 GMT"]
        {
            assert_eq!(at(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn dates_agree_with_the_calendar() {
        let seconds = |text: &str| http_date(text).map(|t| t.as_millis() / 1000);
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000));
        assert_eq!(seconds("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_800));
        assert_eq!(seconds("Wednesday, 31-Dec-69 00:00:00 GMT"), seconds("Tue, 31 Dec 2069 00:00:00 GMT"));
        assert_eq!(seconds("Thursday, 01-Jan-70 00:00:00 GMT"), Some(0));
        for bad in [
            "Thu, 32 Jan 2024 00:00:00 GMT",
            "Thu, 01 Jan 2024 24:00:00 GMT",
            "Thu, 01 Jan 1969 00:00:00 GMT",
            "Thu, 01 anF 2024 00:00:00 GMT",
            "Thu, 01 J 2024 00:00:00 GMT",
            "1 2 3 4 5 6 7 8 9",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
        assert_eq!(seconds("Mon, 01 Mar 2100 00:00:00 GMT"), Some(4_107_542_400));
    }
}

//! Times as servers write them: `Retry-After` and dates beside a reference reader, lifetimes of any
//! number, and a clock at any place. Nothing overflows.

use crate::input::Answer;
use arbitrary::{Arbitrary, Unstructured};
use edge_credentials::{Redaction, Response, Timestamp, Validity, parse_token_response};
use std::time::UNIX_EPOCH;

const LONGEST_WAIT: u64 = 300_000;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    now: i64,
    later: u32,
    obtained: i64,
    end: Option<i64>,
    leeway: Option<u64>,
    expires_in: f64,
    text: &'a str,
}

pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary(&mut Unstructured::new(data)) else { return };
    let now = Timestamp::from_millis(input.now);
    // As it is, and as a date that is near.
    let written = httpdate::fmt_http_date(UNIX_EPOCH + std::time::Duration::from_secs(u64::from(input.later)));
    for header in [input.text, &written] {
        retry(header, now);
        retry(header, Timestamp::from_millis(i64::from(input.later) * 1000 - 60_000));
    }
    lifetimes(&input, now);

    let answer = Answer::of(data);
    let _ = parse_token_response(&answer.response(), &Redaction::unknown(), now, now);
}

fn retry(header: &str, now: Timestamp) {
    let response = Response::new(503, "").with_header("retry-after", header);
    let error = parse_token_response(&response, &Redaction::unknown(), now, now).expect_err("no success");
    let Some(at) = error.retry_at() else { return };
    assert!(at >= now && at.millis_since(now) <= LONGEST_WAIT, "{header:?}: {at:?} at {now:?}");
    let Ok(date) = httpdate::parse_http_date(header) else { return };
    let Ok(since) = date.duration_since(UNIX_EPOCH) else { return };
    let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let latest = now.plus(LONGEST_WAIT).min(Timestamp::from_millis(millis));
    assert_eq!(at, latest, "{header:?}");
}

fn lifetimes(input: &Input, now: Timestamp) {
    let body = format!(r#"{{"access_token":"a","token_type":"bearer","expires_in":{:?}}}"#, input.expires_in);
    if let Ok(token) = parse_token_response(&Response::new(200, &body), &Redaction::unknown(), now, now) {
        let left = token.validity.time_left(now);
        let millis = input.expires_in.floor() * 1000.0;
        let is_near_the_end = now.as_millis().abs() > 8_000_000_000_000_000;
        let is_right = left.is_none_or(|left| left as f64 == millis.min(f64::from(i32::MAX) * 1000.0));
        assert!(is_right || is_near_the_end, "{body}: {left:?}");
    }
    let validity = Validity {
        obtained_at: Timestamp::from_millis(input.obtained),
        expires_at: input.end.map(Timestamp::from_millis),
    };
    let is_over = validity.time_left(now) == Some(0);
    assert_eq!(validity.is_expired(now, Some(0)), is_over);
    assert!(!is_over || validity.is_expired(now, input.leeway));
}

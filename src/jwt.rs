//! Access tokens as JWTs (RFC 7519), as far as their holder may look into them.

use crate::encode::base64url_decode;
use crate::json::{Object, Value};
use crate::text::parts;
use crate::time::{Timestamp, numeric_date};

/// The `exp` claim, unverified: good enough to know when to get another token, and for nothing else. `None` unless the token
/// has exactly three parts: five are a JWE, whose second part is a key.
pub(crate) fn unverified_expiry(token: &str) -> Option<Timestamp> {
    let mut parts = parts(token, ".");
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    match Object::parse(&base64url_decode(claims)?).ok()?.get("exp")? {
        Value::Number(seconds) => numeric_date(*seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_parts_with_a_numeric_exp_have_one() {
        // {"exp":1700000000}
        let claims = "eyJleHAiOjE3MDAwMDAwMDB9";
        assert_eq!(unverified_expiry(&format!("e30.{claims}.x")).map(Timestamp::as_millis), Some(1_700_000_000_000));
        for other in [claims.to_owned(), format!("e30.{claims}"), format!("e30.{claims}.a.b.c"), "a.b.c".to_owned()] {
            assert_eq!(unverified_expiry(&other), None, "{other}");
        }
        // {"exp":"1700000000"}
        assert_eq!(unverified_expiry("e30.eyJleHAiOiIxNzAwMDAwMDAwIn0.x"), None);
    }
}

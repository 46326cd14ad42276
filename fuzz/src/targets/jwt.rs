//! A JWT of any form, and claims of any form behind a signature that counts as good: what is taken is
//! of the issuer, for this API, of no other kind, and has not ended.

use crate::input::{NOW, shown};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_credentials::{Jwt, check_claims};
use serde_json::Value;

const ISSUER: &str = "https://idp.example";
const AUDIENCE: &str = "api";
/// ms
const LEEWAY: f64 = 30_000.0;

/// The first line is a header, or a whole token; the rest are claims.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (head, claims) = text.split_once('\n').unwrap_or((&text, ""));
    judge(head);
    for signature in [64, 256] {
        judge(&signed(head, claims, signature));
        judge(&signed(r#"{"alg":"RS256","typ":"at+jwt"}"#, claims, signature));
    }
}

fn signed(header: &str, claims: &str, signature: usize) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(vec![7; signature]))
}

fn judge(token: &str) {
    let jwt = match Jwt::parse(token) {
        Ok(Some(jwt)) => jwt,
        Ok(None) => return assert_ne!(token.split('.').count(), 3, "a JWT that passes for an opaque token"),
        Err(error) => return assert!(!shown(&error).contains(token) || token.len() < 20),
    };
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(jwt.signing_input(), format!("{}.{}", parts[0], parts[1]));
    assert_eq!(URL_SAFE_NO_PAD.encode(jwt.signature()), parts[2]);
    let header: Value = decoded(parts[0]);
    assert!(header["alg"].is_string() && header["alg"] != "none" && header.get("crit").is_none(), "{header}");

    let Ok(taken) = check_claims(&jwt, ISSUER, &[AUDIENCE], NOW, None) else { return };
    let claims: Value = decoded(parts[1]);
    assert_eq!(claims["iss"], ISSUER);
    let audience = &claims["aud"];
    let names_us = audience == AUDIENCE || audience.as_array().is_some_and(|list| list.contains(&AUDIENCE.into()));
    assert!(names_us, "{claims}");
    let now = NOW.as_millis() as f64;
    let exp = claims["exp"].as_f64().expect("a number");
    assert!(exp * 1000.0 + LEEWAY > now - 1.0, "{claims}");
    assert!((taken.expires_at.as_millis() as f64 - exp * 1000.0).abs() < 2.0 || exp.abs() > 8e12, "{claims}");
    for begin in [&claims["nbf"], &claims["iat"]] {
        assert!(begin.as_f64().is_none_or(|begin| begin * 1000.0 <= now + LEEWAY + 1.0), "{claims}");
    }
    assert!(claims.get("cnf").is_none(), "bound to a key: {claims}");
    // What marks it as an access token outweighs the signs of other kinds.
    let is_marked = jwt.is_at_jwt() || ["typ", "token_use", "tokenName"].iter().any(|name| claims[*name].is_string());
    let is_granted = ["scope", "scp", "roles"].iter().any(|name| !claims[*name].is_null());
    for sign in ["events", "at_hash", "c_hash", "s_hash", "code"] {
        assert!(is_marked || claims.get(sign).is_none(), "{sign}: {claims}");
    }
    assert!(is_marked || is_granted || claims.get("nonce").is_none(), "{claims}");
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

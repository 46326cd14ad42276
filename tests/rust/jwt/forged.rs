//! Tokens forged and mangled by the thousand: each is refused, by the right code, and a good one is
//! not.

use std::time::{Duration, Instant};

use crate::support::tokens::{Outcome, claims, encode, header, signed, token, verify, with, without};
use serde_json::{Value, json};

#[test]
fn a_good_token_is_taken() {
    let Outcome::Good(claims) = verify(&token(&header(), &crate::support::tokens::claims())) else { panic!("refused") };
    assert_eq!(claims.expires_at.as_millis(), 1_700_043_199_000);
    assert_eq!(claims.subject.as_deref(), Some("CANARY-subject"));
    assert_eq!(claims.client_id.as_deref(), Some("CANARY-client"));
    assert_eq!(claims.scope, None);
    assert_eq!(claims.payload.expose(), crate::support::tokens::claims().to_string());
}

#[test]
fn headers() {
    let change = |name: &str, value: Value| with(header(), name, value).to_string();
    let alg = "the token's `alg` is not one that is accepted";
    let extension = "the token's header wants an extension of JWS to be understood";
    let typ = "the token is no access token by its `typ`";
    let kid = "the token's `kid` is not a string of up to 256 bytes";
    let no_object = "the token's header is not a JSON object";
    let mut cases = vec![
        (header().to_string(), "good"),
        (format!(" {}\r\n", header()), "good"),
        (without(header(), "typ").to_string(), "good"),
        (without(header(), "kid").to_string(), "good"),
        (without(header(), "alg").to_string(), alg),
        (change("kid", json!("k".repeat(256))), "no key"),
        (change("kid", json!("k".repeat(257))), kid),
        (change("kid", json!("k".repeat(10_000))), kid),
        (change("kid", json!("canary-kid")), "no key"),
        (change("kid", json!("")), "no key"),
        (change("kid", json!("../../dev/null")), "no key"),
        (r#"{"alg":"none","alg":"RS256"}"#.to_owned(), "the token's header names a member twice"),
        (r#"{"alg":"RS256","\u0061lg":"RS256"}"#.to_owned(), "the token's header names a member twice"),
        (r#"{"alg":"RS256","x":{"a":1,"a":1}}"#.to_owned(), "the token's header names a member twice"),
        (format!("{}{}", header(), header()), no_object),
        ("[".repeat(4_000), no_object),
        (format!(r#"{{"alg":"RS256","x":{}1{}}}"#, "[".repeat(200), "]".repeat(200)), no_object),
        (String::new(), no_object),
        ("null".to_owned(), no_object),
        ("[{\"alg\":\"RS256\"}]".to_owned(), no_object),
        ("\u{feff}{\"alg\":\"RS256\"}".to_owned(), no_object),
    ];
    for name in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "rs256", "RS256 ", "RS1", "ES256K", "Ed448",
        "RSA-OAEP", "dir", "RS257",
    ] {
        cases.push((change("alg", json!(name)), alg));
    }
    // Of another family than the key's; with signatures of that family's length, as far as it has
    // one.
    for name in ["ES256", "ES384", "ES512", "EdDSA", "Ed25519"] {
        cases.push((change("alg", json!(name)), "the token's signature is not as long as its algorithm's are"));
    }
    for value in [json!(null), json!(256), json!(["RS256"]), json!({ "a": "RS256" }), json!(true)] {
        cases.push((change("alg", value.clone()), alg));
        cases.push((change("typ", value.clone()), typ));
        cases.push((change("kid", value), kid));
    }
    // `JOSE` and `application/jwt` say as little as `JWT` (RFC 7515 section 4.1.9).
    for name in [
        "JWT",
        "jwt",
        "JOSE",
        "jose",
        "application/jwt",
        "Application/JOSE",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ] {
        cases.push((change("typ", json!(name)), "good"));
    }
    for name in [
        "",
        "JWS",
        "JOSE+JSON",
        "secevent+jwt",
        "at+jwt ",
        "at-jwt",
        "text/at+jwt",
        "jwt,at+jwt",
        "application/",
        "application/application/jwt",
        "application/é",
        "éapplication/jwt",
        "Bearer",
    ] {
        cases.push((change("typ", json!(name)), typ));
    }
    for (name, message) in [
        ("ID", "the token is an id_token, not an access token"),
        ("dpop+jwt", "the token is a DPoP proof, not an access token"),
        ("logout+jwt", "the token is a logout token, not an access token"),
        ("Application/Logout+JWT", "the token is a logout token, not an access token"),
    ] {
        cases.push((change("typ", json!(name)), message));
    }
    for value in [json!(null), json!([]), json!(["exp"]), json!(["b64"]), json!("exp"), json!({}), json!(false)] {
        cases.push((change("crit", value.clone()), extension));
        cases.push((change("b64", value), extension));
    }
    // A key or an address that the token brings changes nothing.
    for name in ["jku", "x5u", "jwk", "x5c", "x5t", "x5t#S256", "cty", "__proto__"] {
        for value in
            [json!("https://evil.example/keys"), json!({ "kty": "oct", "k": "AA" }), json!(["AA"]), json!(null)]
        {
            cases.push((change(name, value), "good"));
        }
    }
    for (header, expected) in cases {
        assert_eq!(verify(&signed(&header, &claims().to_string())).message(), expected, "{header}");
    }
}

#[test]
fn forms() {
    let good = token(&header(), &claims());
    let (input, mac) = good.rsplit_once('.').unwrap();
    let (head, payload) = input.split_once('.').unwrap();
    let changed = "the token's signature is not base64url without padding";
    let base64 = |what| format!("the token's {what} is not UTF-8 in base64url without padding");
    let mut cases = vec![
        (String::new(), "opaque".to_owned()),
        ("dG9rZW4".to_owned(), "opaque".to_owned()),
        (input.to_owned(), "opaque".to_owned()),
        (format!("{good}."), "opaque".to_owned()),
        (format!("{good}.{mac}"), "opaque".to_owned()),
        (format!("{good}.{head}.{mac}"), "opaque".to_owned()),
        ("..".to_owned(), "the token's header is not a JSON object".to_owned()),
        (format!("{input}."), "the token's signature is not as long as its algorithm's are".to_owned()),
        (
            format!("{input}.{}", encode([1; 255])),
            "the token's signature is not as long as its algorithm's are".to_owned(),
        ),
        (
            format!("{input}.{}", encode([1; 2049])),
            "the token's signature is not as long as its algorithm's are".to_owned(),
        ),
        (format!("{input}.{}", encode([1; 256])), "bad signature".to_owned()),
        (format!("{head}.{payload}A.{mac}"), "bad signature".to_owned()),
        (
            format!("{good}{}", "A".repeat(1 << 16)),
            format!(
                "the token has {} characters, more than the 65536 that a JWT may have here",
                good.len() + (1 << 16)
            ),
        ),
        (
            ".".repeat(1 << 20),
            "the token has 1048576 characters, more than the 16384 that one may have that is no JWT".to_owned(),
        ),
        (
            "A".repeat(16 * 1024 + 1),
            "the token has 16385 characters, more than the 16384 that one may have that is no JWT".to_owned(),
        ),
        ("A".repeat(16 * 1024), "opaque".to_owned()),
        (format!("{}.{payload}.{mac}", encode(b"\xff{}")), base64("header")),
    ];
    for garbage in ["=", "==", "\n", " ", "\0", "é", "!", "+", "/", "%3D", "&x=1"] {
        cases.push((format!("{good}{garbage}"), changed.to_owned()));
        cases.push((format!("{head}{garbage}.{payload}.{mac}"), base64("header")));
        cases.push((format!("{garbage}{good}"), base64("header")));
    }
    // The last symbol holds two bits of the signature; all its other spellings decode alike where a
    // decoder is lax.
    let last = mac.chars().last().unwrap();
    for symbol in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().filter(|c| *c != last) {
        let outcome = verify(&format!("{}{symbol}", &good[..good.len() - 1]));
        assert!(["bad signature", changed].contains(&outcome.message()), "{symbol}: {}", outcome.message());
    }
    for (token, expected) in cases {
        let started = Instant::now();
        assert_eq!(verify(&token).message(), expected, "{}", token.chars().take(80).collect::<String>());
        assert!(started.elapsed() < Duration::from_millis(250), "{:?}", started.elapsed());
    }
    // Padding and stray bits in the payload are found only when the signature was good: whoever
    // signs can sign anything.
    for part in
        [format!("{payload}="), "e30=".to_owned(), "e31".to_owned(), "e3".to_owned(), "e".to_owned(), "e 30".to_owned()]
    {
        let input = format!("{head}.{part}");
        let token = format!("{input}.{}", encode(crate::support::tokens::signature(&input)));
        assert_eq!(verify(&token).name(), "token_invalid", "{part}");
    }
}

/// Every member in turn, at both depths, and as it was before.
#[test]
fn every_member_that_stands_twice_is_refused() {
    for (document, is_header) in [(header(), true), (claims(), false)] {
        for (name, value) in document.as_object().unwrap() {
            let escaped = format!("\\u{:04x}{}", u32::from(name.chars().next().unwrap()), &name[1..]);
            for again in [name.clone(), escaped] {
                let twice = document.to_string().replacen('{', &format!("{{\"{again}\":{value},"), 1);
                let token = if is_header {
                    signed(&twice, &claims().to_string())
                } else {
                    signed(&header().to_string(), &twice)
                };
                let what = if is_header { "header" } else { "payload" };
                assert_eq!(verify(&token).message(), format!("the token's {what} names a member twice"), "{twice}");
            }
        }
    }
}

/// Some thousand ways, none of which may find a good token.
#[test]
fn whatever_is_changed_spoils_the_token() {
    let good = token(&header(), &claims());
    let refused = |token: &str| assert_ne!(verify(token).name(), "good", "{token}");
    for at in 0..good.len() {
        refused(&good[..at]);
        refused(&good[at + 1..]);
        refused(&format!("{}{}", &good[..at], &good[at + 1..]));
        for symbol in ["A", "_", ".", "=", "\u{0}"] {
            refused(&format!("{}{symbol}{}", &good[..at], &good[at..]));
            let changed = format!("{}{symbol}{}", &good[..at], &good[at + 1..]);
            if changed != good {
                refused(&changed);
            }
        }
    }
}

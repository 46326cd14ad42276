//! The claims of tokens whose signature is good: each wrong in every way, and what is said of it.

use crate::support::tokens::{
    API, ISSUER, NOW, Outcome, claims, header, signed, token, verify, verify_at, with, without,
};
use edge_credentials::{Jwt, Timestamp, check_claims};
use serde_json::{Value, json};

#[test]
fn claims_of_every_kind() {
    let nobody = ("audience_refused", "the token names no audience");
    let audience = ("audience_refused", "the token is meant for `x`, not for `another`, `CANARY-audience`");
    let odd = ("audience_refused", "the token is meant for others, not for `another`, `CANARY-audience`");
    let near = ("audience_refused", "the token is meant for `canary-audience`, not for `another`, `CANARY-audience`");
    let ended = ("token_expired", "the token has ended");
    let early = ("token_expired", "the token is not valid yet");
    let id_token = "the token is an id_token, not an access token";
    let invalid = |message| ("token_invalid", message);
    let good = ("good", "good");
    let wrong = [
        "null",
        "true",
        "7",
        "7.5",
        "\"x\"",
        "[]",
        "[\"x\"]",
        "[7]",
        "{}",
        "{\"CANARY-audience\":1}",
        "[[\"CANARY-audience\"]]",
    ];
    let mut cases = Vec::new();
    for value in wrong {
        let (is_text, is_number) = (value.starts_with('"'), value.starts_with('7'));
        let only = |is_right: bool, message| if is_right { good } else { invalid(message) };
        cases.push(("iss", value, invalid("the token's `iss` is not the issuer expected")));
        cases.push(("sub", value, only(is_text, "the token's `sub` is not a string")));
        cases.push(("client_id", value, only(is_text, "the token's `client_id` is not a string")));
        cases.push(("nbf", value, only(is_number, "the token's `nbf` is not a number")));
        cases.push(("iat", value, only(is_number, "the token's `iat` is not a number")));
        cases.push(("exp", value, if is_number { ended } else { invalid("the token's `exp` is not a number") }));
        let are_texts = ["\"x\"", "[]", "[\"x\"]"].contains(&value);
        cases.push(("scope", value, only(are_texts, "the token's `scope` is not a string of scopes")));
        let neither = invalid("the token's `aud` is neither a string nor an array of strings");
        let refused = if value == "[]" { nobody } else { audience };
        cases.push(("aud", value, if are_texts { refused } else { neither }));
        for name in ["nonce", "at_hash", "c_hash", "s_hash"] {
            cases.push((name, value, invalid(id_token)));
        }
        // Alone it says nothing: Entra v2 and Auth0 have it in access tokens.
        cases.push(("azp", value, good));
        cases.push(("typ", value, only(!is_text, "the token is no access token by its claim `typ`")));
    }
    for issuer in [
        "\"https://idp.example/\"",
        "\"HTTPS://idp.example\"",
        "\"https://idp.example.evil\"",
        "\"https://idp.exampl\"",
        "\"\"",
    ] {
        cases.push(("iss", issuer, invalid("the token's `iss` is not the issuer expected")));
    }
    cases.extend([
        ("typ", "\"ID\"", invalid(id_token)),
        ("typ", "\"Bearer\"", good),
        ("scope", "\"a  b\"", good),
        ("scope", "\"\"", good),
        ("scope", "[\"a\",\"b\"]", good),
        ("scope", "[\"a b\"]", invalid("the token's `scope` is not a string of scopes")),
        ("scope", "\"a\\nb\"", invalid("the token's `scope` is not a string of scopes")),
        ("aud", "\"CANARY-audience\"", good),
        ("aud", "[\"x\",\"another\"]", good),
        ("aud", "\"CANARY-audience \"", odd),
        ("aud", "\"canary-audience\"", near),
        ("aud", "[\"CANARY-audience\",7]", invalid("the token's `aud` is neither a string nor an array of strings")),
        ("exp", "1700043199.5", good),
        ("exp", "1.7e9", good),
        ("exp", "1e300", good),
        ("exp", "-1e300", ended),
        ("exp", "1e400", invalid("the token's payload is not a JSON object")),
        ("exp", "\"1700043199\"", invalid("the token's `exp` is not a number")),
        ("exp", "01700043199", invalid("the token's payload is not a JSON object")),
        ("exp", "NaN", invalid("the token's payload is not a JSON object")),
        ("exp", "Infinity", invalid("the token's payload is not a JSON object")),
        ("nbf", "1e300", early),
        ("iat", "1e300", early),
        ("nbf", "-1e300", good),
        ("__proto__", "{\"exp\":1}", good),
    ]);
    for (name, value, expected) in cases {
        let base = if claims().get(name).is_some() { without(claims(), name) } else { claims() };
        let payload = base.to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
        let outcome = verify(&signed(&header().to_string(), &payload));
        assert_eq!((outcome.name(), outcome.message()), expected, "{name} {value}");
    }
    for (name, expected) in [
        ("iss", invalid("the token's `iss` is not the issuer expected")),
        ("exp", invalid("the token has no `exp`")),
        ("aud", nobody),
        ("sub", good),
        ("client_id", good),
        ("nbf", good),
        ("iat", good),
        ("jti", good),
    ] {
        let outcome = verify(&token(&header(), &without(claims(), name)));
        assert_eq!((outcome.name(), outcome.message()), expected, "without {name}");
    }
}

#[test]
fn an_id_token_is_told_from_an_access_token() {
    let keycloak = with(with(claims(), "azp", json!("CANARY-client")), "scope", json!("openid"));
    assert_eq!(verify(&token(&header(), &keycloak)).name(), "good", "`azp` beside `scope`");
    // `jti` says nothing: Auth0's access tokens have none.
    assert_eq!(verify(&token(&header(), &without(keycloak.clone(), "jti"))).name(), "good", "without jti");
    let outcome = verify(&token(&header(), &without(keycloak, "scope")));
    assert_eq!(outcome.message(), "the token is an id_token, not an access token", "without scope");
    // What says itself that it is one is taken at its word.
    let at_jwt = with(header(), "typ", json!("at+jwt"));
    for (name, value) in
        [("nonce", json!("n")), ("at_hash", json!("h")), ("typ", json!("ID")), ("azp", json!("CANARY-client"))]
    {
        assert_eq!(verify(&token(&at_jwt, &with(claims(), name, value))).name(), "good", "{name}");
    }
}

#[test]
fn scopes_in_an_array_are_one_string() {
    let outcome = verify(&token(&header(), &with(claims(), "scope", json!(["read", "write"]))));
    let Outcome::Good(claims) = outcome else { panic!("{outcome:?}") };
    assert_eq!(claims.scope.as_deref(), Some("read write"));
}

#[test]
fn clocks_may_be_half_a_minute_apart() {
    let good = token(&header(), &claims());
    let begin = NOW;
    let end = Timestamp::from_millis(1_700_043_199_000);
    for (now, expected) in [
        (begin.minus(30_001), "the token is not valid yet"),
        (begin.minus(30_000), "good"),
        (end.plus(29_999), "good"),
        (end.plus(30_000), "the token has ended"),
        (Timestamp::from_millis(i64::MAX), "the token has ended"),
        (Timestamp::from_millis(i64::MIN), "the token is not valid yet"),
    ] {
        assert_eq!(verify_at(&good, now).message(), expected);
    }
    let jwt = Jwt::parse(&good).unwrap().unwrap();
    let at = |now, leeway| check_claims(&jwt, ISSUER, &[API], now, Some(leeway)).is_ok();
    assert!(at(begin, 0) && !at(begin.minus(1), 0) && at(end.minus(1), 0) && !at(end, 0));
    assert!(at(end.plus(1_000_000), u64::MAX) && at(begin.minus(1_000_000), u64::MAX));
    assert!(check_claims(&jwt, ISSUER, &[], begin, None).is_err(), "no audience is nobody's");
}

#[test]
fn whose_fault_it_is_and_what_to_do() {
    let hint = |header: &Value, claims: &Value| match verify(&token(header, claims)) {
        Outcome::Refused(error) => {
            assert_eq!((error.category().as_str(), error.retryable(), error.status()), ("rejected", false, None));
            error.hint().to_owned()
        }
        other => panic!("{other:?}"),
    };
    let claim = |name, value: Value| hint(&header(), &with(claims(), name, value));
    assert_eq!(
        claim("iss", json!("https://idp.example/")),
        "only a trailing slash or letter case differs: set the issuer exactly as the server's metadata have it"
    );
    assert_eq!(
        claim("iss", json!("https://other.example")),
        "the caller must get a token from the issuer that this API trusts. If it did, set `issuer` to what the server's metadata name; an instance with several domains has several"
    );
    assert_eq!(
        claim("aud", json!("other")),
        "the caller must ask for a token for this API, by `resource` or `audience`; Keycloak needs an audience mapper. Or `audience` is wrong here"
    );
    assert_eq!(
        claim("nonce", json!("n")),
        "the caller must send the `access_token` that the token endpoint gave. If it did, let the \
         issuer mark access tokens by the `typ` of RFC 9068, `at+jwt`"
    );
    assert_eq!(
        claim("exp", json!(7)),
        "the caller must get a new token before the old one ends; if it did, the clock here may be off"
    );
    assert_eq!(claim("nbf", json!(1_800_000_000)), "the clock here or at the issuer is off: set it");
    assert_eq!(hint(&header(), &without(claims(), "exp")), "let the issuer give tokens that end");
    assert_eq!(
        claim("sub", json!(7)),
        "the token was cut off, changed or made up: the caller must get one from the issuer and send it as it came"
    );
    assert_eq!(
        hint(&with(header(), "typ", json!("secevent+jwt")), &claims()),
        "the caller must send the `access_token` that the token endpoint gave. If it did, let the issuer mark access tokens by the `typ` of RFC 9068, `at+jwt`"
    );
    assert_eq!(
        hint(&with(header(), "crit", json!(["b64"])), &claims()),
        "let the issuer sign tokens without `crit` and `b64`, which access tokens have no use for"
    );
    let opaque = Jwt::require("CANARY-opaque").unwrap_err();
    assert_eq!(opaque.message(), "the token is opaque, but a JWT is wanted");
    assert_eq!(opaque.hint(), "let the issuer give access tokens as JWTs, or check tokens by introspection");
    assert!(Jwt::require(&token(&header(), &claims())).is_ok());
}

/// Who is told that a token has ended can count on a new one.
#[test]
fn what_a_new_token_would_not_mend_is_told_first() {
    let ended = with(claims(), "exp", json!(7));
    for (claims, code) in [
        (with(ended.clone(), "aud", json!("other")), "audience_refused"),
        (with(ended.clone(), "iss", json!("other")), "token_invalid"),
        (with(ended.clone(), "nonce", json!("n")), "token_invalid"),
        (ended, "token_expired"),
    ] {
        assert_eq!(verify(&token(&header(), &claims)).name(), code);
    }
}

#[test]
fn debug_tells_the_algorithm_and_the_end_and_nothing_else_of_a_token() {
    let token = token(&header(), &claims());
    let jwt = Jwt::parse(&token).unwrap().unwrap();
    assert_eq!(format!("{jwt:?}"), "Jwt { algorithm: Rs256, .. }");
    let Outcome::Good(claims) = verify(&token) else { panic!("it is good") };
    assert_eq!(format!("{claims:?}"), format!("Claims {{ expires_at: {:?}, .. }}", claims.expires_at));
}

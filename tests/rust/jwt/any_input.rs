//! What must hold for every token, key set and introspection: no panic, nothing taken that is not
//! right, nothing of a token shown.

use crate::support::tokens::{API, ISSUER, NOW, claims, encode, header, signed, token, verify, with};
use edge_credentials::{
    Introspection, Jwt, KeySet, Redaction, Response, Timestamp, VerifyingKey, check_claims,
    parse_introspection_response,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Every run of eight characters of the token, and whatever its claims hold but a plain name in
/// `aud`: whoever is refused by it has to see which it is.
fn assert_hidden(shown: &str, token: &str) {
    let shown = &shown.replace("`CANARY-audience`", "").replace("`CANARY-client`", "");
    assert!(!shown.contains("CANARY"), "{shown}");
    for at in 0..token.len().saturating_sub(8) {
        assert!(
            !token.is_char_boundary(at) || token.get(at..at + 8).is_none_or(|part| !shown.contains(part)),
            "{shown}"
        );
    }
}

#[test]
fn nothing_of_a_token_is_shown() {
    let mut tokens = vec![
        token(&header(), &claims()),
        "CANARY-opaque-token-0123456789".to_owned(),
        format!("{}.e30.AAAA", encode(header().to_string())),
    ];
    for name in ["alg", "typ", "kid", "crit", "b64", "CANARY-name"] {
        for value in [json!("CANARY-v4Lu3xQ9zK2lM8"), json!(["CANARY-v4Lu3xQ9zK2lM8"])] {
            tokens.push(token(&with(header(), name, value.clone()), &claims()));
            let twice = header().to_string().replacen('{', &format!("{{\"{name}\":1,\"{name}\":{value},"), 1);
            tokens.push(signed(&twice, &claims().to_string()));
        }
    }
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "client_id", "scope", "nonce", "azp", "typ"] {
        for value in [
            json!("CANARY-v4Lu3xQ9zK2lM8"),
            json!(["CANARY-v4Lu3xQ9zK2lM8"]),
            json!({ "CANARY-name": 7 }),
            json!("CANARY \"value\""),
        ] {
            tokens.push(token(&header(), &with(claims(), name, value)));
        }
    }
    tokens.push(signed("CANARY {", "{}"));
    tokens.push(signed(&header().to_string(), "{\"CANARY"));
    for token in tokens {
        // Errors, claims, and what comes before them.
        assert_hidden(&format!("{:?}", verify(&token)), &token);
        assert_hidden(&format!("{:?}", Jwt::require(&token)), &token);
    }
    let body = with(claims(), "active", json!(true)).to_string();
    let active = parse_introspection_response(&Response::new(200, &body), &Redaction::unknown(), NOW).unwrap();
    assert!(matches!(active, Introspection::Active(_)));
    assert_hidden(&format!("{active:?} {:?}", active.check(&["x"])), "");
    for name in ["exp", "aud", "sub", "iss", "username", "active"] {
        let body = with(with(claims(), "active", json!(true)), name, json!({ "CANARY-name": "CANARY-v4Lu3xQ9zK2lM8" }))
            .to_string();
        let error = parse_introspection_response(&Response::new(200, &body), &Redaction::unknown(), NOW).unwrap_err();
        assert_hidden(&format!("{error:?} {error}"), "");
    }
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<f64>().prop_map(|n| json!(n)),
        "\\PC{0,8}".prop_map(|s| json!(s)),
    ];
    let names = prop_oneof![
        prop::sample::select(vec![
            "alg", "typ", "kid", "crit", "iss", "sub", "aud", "exp", "nbf", "scope", "azp", "active", "keys", "kty",
            "crv", "n", "e", "x", "y", "use", "key_ops"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,5}",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| json!(items)),
            prop::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .prop_map(|value| value.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_a_token(text in prop_oneof![any::<String>(), "[A-Za-z0-9_.-]{0,200}", "ey[A-Za-z0-9_-]{0,50}\\.ey[A-Za-z0-9_-]{0,50}\\.[A-Za-z0-9_-]{0,400}"]) {
        prop_assert!(verify(&text).name() != "good");
    }

    #[test]
    fn no_header_and_no_claims_but_the_right_ones_are_taken(header in json_text(), claims in json_text()) {
        let token = signed(&header, &crate::support::tokens::claims().to_string());
        prop_assert!(verify(&token).name() != "good");
        let token = signed(&crate::support::tokens::header().to_string(), &claims);
        let outcome = verify(&token);
        prop_assert_ne!(outcome.name(), "good");
        assert_hidden(&format!("{outcome:?}"), &token);
    }

    #[test]
    fn key_sets_and_introspections_of_any_form_do_no_harm(body in prop_oneof![json_text(), any::<String>()], status in any::<u16>(), cache in ".*") {
        let key = format!(r#"{{"keys":[{body}]}}"#);
        for body in [&body, &key] {
            let response = Response::new(status, body).with_header("cache-control", &cache);
            if let Ok(set) = KeySet::parse(&response, NOW) {
                prop_assert!(set.max_age().is_none_or(|age| (60_000..=86_400_000).contains(&age)));
                let _ = set.keys().iter().map(VerifyingKey::jwk).count();
            }
            let _ = parse_introspection_response(&response, &Redaction::unknown(), NOW);
        }
    }

    #[test]
    fn claims_are_judged_the_same_at_every_time(exp in any::<f64>(), nbf in any::<f64>(), now in any::<i64>(), leeway in any::<u64>()) {
        let token = token(&header(), &with(with(claims(), "exp", json!(exp)), "nbf", json!(nbf)));
        let jwt = Jwt::parse(&token).unwrap().unwrap();
        let now = Timestamp::from_millis(now);
        if let Ok(claims) = check_claims(&jwt, ISSUER, &[API], now, Some(leeway)) {
            prop_assert!(now < claims.expires_at.plus(leeway));
        }
    }
}

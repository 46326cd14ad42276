//! A key set of any form: what is taken is JSON; each key is public, fit to verify, and no others are
//! read than those of the text.

use crate::input::{Answer, NOW, json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_credentials::KeySet;
use serde_json::Value;

pub fn check(data: &[u8]) {
    let answer = Answer::of(data);
    let Ok(set) = KeySet::parse(&answer.response(), NOW) else { return };
    let body = json(&answer.body);
    assert!(answer.is_success());
    assert!(set.max_age().is_none_or(|age| (60_000..=86_400_000).contains(&age)));
    let given = body["keys"].as_array().expect("a list of keys");
    assert!(set.keys().len() <= given.len());
    for key in set.keys() {
        assert!(key.algorithms().next().is_some(), "a key that verifies nothing");
        let jwk: Value = serde_json::from_str(key.jwk()).expect("a JWK");
        let members = jwk.as_object().expect("a JWK");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(!members.contains_key(private), "{private} of a private key");
        }
        assert_ne!(jwk["kty"], "oct");
        assert!(given.iter().any(|given| is_same(given, &jwk)), "{jwk} is none of {body}");
    }
}

/// Whether a key that was read is the one that was given.
fn is_same(given: &Value, read: &Value) -> bool {
    let names = ["kty", "crv", "n", "e", "x", "y"];
    names.iter().all(|name| read.get(*name).is_none_or(|value| number(given.get(*name)) == number(Some(value))))
}

/// The bytes of a number, however its base64 was written and whatever zeros it began with.
fn number(value: Option<&Value>) -> Option<Vec<u8>> {
    let text = value?.as_str()?.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap_or_else(|_| text.into_bytes());
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

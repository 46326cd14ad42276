//! Which keys of a set may have signed a token.

use std::time::{Duration, Instant};

use crate::support::calls::call;
use crate::support::tokens::{NOW, claims, encode, key_set, token, with, without};
use edge_credentials::{JwsAlgorithm, Jwt, KeySet, Response};
use serde_json::{Value, json};

fn rsa(kid: &str) -> Value {
    json!({ "kty": "RSA", "n": encode([0xff; 256]), "e": "AQAB", "kid": kid })
}

/// Of each kind one, with the algorithms that it verifies by and the length of a signature.
fn kinds() -> Vec<(Value, Vec<&'static str>, usize)> {
    let curve = |crv: &str, size: usize| json!({ "kty": "EC", "crv": crv, "x": encode(vec![1; size]), "y": encode(vec![2; size]) });
    vec![
        (without(rsa(""), "kid"), vec!["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], 256),
        (curve("P-256", 32), vec!["ES256"], 64),
        (curve("P-384", 48), vec!["ES384"], 96),
        (curve("P-521", 66), vec!["ES512"], 132),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": encode([1; 32]) }), vec!["EdDSA", "Ed25519"], 64),
    ]
}

fn unsigned(header: &Value, length: usize) -> String {
    format!("{}.{}.{}", encode(header.to_string()), encode(claims().to_string()), encode(vec![1; length]))
}

#[test]
fn a_key_verifies_only_by_the_algorithms_of_its_kind_and_its_own() {
    let length = |name: &str| kinds().into_iter().find(|(_, names, _)| names.contains(&name)).unwrap().2;
    for (key, names, _) in kinds() {
        for own in [None].into_iter().chain(JwsAlgorithm::ALL.map(Some)) {
            let key = own.map_or(key.clone(), |own| with(key.clone(), "alg", json!(own.name())));
            let set = key_set(&[key]);
            for algorithm in JwsAlgorithm::ALL {
                let name = algorithm.name();
                let token = unsigned(&json!({ "alg": name }), length(name));
                let jwt = Jwt::parse(&token).unwrap().unwrap();
                let is_own =
                    own.is_none_or(|own| names.contains(&own.name()) && (own == algorithm || names.len() == 2));
                let expected = usize::from(names.contains(&name) && is_own);
                assert_eq!(set.candidates(&jwt).count(), expected, "{name} by a key for {own:?} of {names:?}");
            }
        }
    }
}

#[test]
fn a_signature_is_as_long_as_its_algorithms_are() {
    for (_, names, length) in kinds() {
        for name in names {
            let fits = |length| Jwt::parse(&unsigned(&json!({ "alg": name }), length)).is_ok();
            let longest = if length == 256 { 2048 } else { length };
            assert!(fits(length) && fits(longest), "{name}");
            assert!(!fits(length - 1) && !fits(longest + 1) && !fits(0), "{name}");
        }
    }
}

#[test]
fn a_signature_with_ed448_is_told_by_its_length() {
    let refused = |alg: &str, length| Jwt::parse(&unsigned(&json!({ "alg": alg }), length)).unwrap_err();
    let other = "the token's signature is not as long as its algorithm's are";
    assert_eq!(refused("EdDSA", 114).message(), "the token is signed with Ed448, which is not supported");
    assert_eq!(refused("EdDSA", 113).message(), other);
    assert_eq!(refused("ES256", 114).message(), other);
}

#[test]
fn an_rsa_key_has_2048_bits_or_more() {
    let is_taken = |modulus: &[u8]| {
        let key = with(rsa("a"), "n", json!(encode(modulus)));
        key_set(&[key]).keys().len() == 1
    };
    let modulus = |first: u8, length: usize| [&[first], &*vec![0xff; length - 1]].concat();
    assert!(is_taken(&modulus(0x80, 256)) && is_taken(&modulus(1, 257)) && is_taken(&modulus(1, 2048)));
    assert!(!is_taken(&modulus(0x7f, 256)) && !is_taken(&modulus(0xff, 255)) && !is_taken(&modulus(1, 2049)));
}

#[test]
fn a_token_with_a_kid_is_of_that_key_and_one_without_of_any() {
    let set = key_set(&[rsa("a"), without(rsa(""), "kid"), rsa("b"), rsa(""), rsa("a"), kinds()[1].0.clone()]);
    let candidates = |header: Value| {
        let token = token(&header, &claims());
        let jwt = Jwt::parse(&token).unwrap().unwrap();
        set.candidates(&jwt).map(|key| key.key_id().map(str::to_owned)).collect::<Vec<_>>()
    };
    let some = |kid: &str| Some(kid.to_owned());
    assert_eq!(candidates(json!({ "alg": "RS256", "kid": "a" })), [some("a"), some("a")]);
    assert_eq!(candidates(json!({ "alg": "RS256", "kid": "" })), [some("")]);
    assert_eq!(candidates(json!({ "alg": "RS256", "kid": "A" })), []);
    assert_eq!(candidates(json!({ "alg": "RS256" })), [some("a"), None, some("b"), some(""), some("a")]);
}

#[test]
fn no_more_than_eight_keys_are_tried() {
    let set = key_set(&vec![rsa("a"); 100]);
    for header in [json!({ "alg": "RS256" }), json!({ "alg": "RS256", "kid": "a" })] {
        let token = token(&header, &claims());
        assert_eq!(set.candidates(&Jwt::parse(&token).unwrap().unwrap()).count(), 8);
    }
}

#[test]
fn a_set_of_a_mebibyte_takes_no_time_to_speak_of() {
    let long = "A".repeat(1_000_000);
    for body in [
        json!({ "keys": [{ "kty": "RSA", "n": long, "e": "AQAB" }] }).to_string(),
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": long, "y": "AA" }] }).to_string(),
        json!({ "keys": vec![rsa("a"); 2_500] }).to_string(),
        format!(r#"{{"keys":[{}1]}}"#, "1,".repeat(500_000)),
    ] {
        assert!(body.len() <= 1 << 20);
        let started = Instant::now();
        KeySet::parse(&Response::new(200, &body), NOW).unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

/// The keys as the npm package keeps them, and their places for a header.
fn chosen(keys: &[Value], header: &Value) -> Result<(String, bool), String> {
    let body = json!({ "keys": keys }).to_string();
    let head = ["200", "", "", "", "", "", ""];
    let kept = call("ParseKeySet", &[&head[..], &["1700000000000", &body]].concat()).unwrap();
    let places = call("ChooseKeys", &[&encode(header.to_string()), &kept[0]]);
    places.map(|fields| (fields[0].clone(), !fields[1].is_empty())).map_err(|error| error["message"].to_string())
}

#[test]
fn of_keys_that_are_kept_the_same_are_chosen() {
    let keys = [rsa("a"), without(rsa(""), "kid"), kinds()[1].0.clone(), rsa("b"), rsa("a")];
    let places = |header: Value| {
        chosen(&keys, &header).map(|(places, is_cut)| {
            assert!(!is_cut);
            places
        })
    };
    assert_eq!(places(json!({ "alg": "RS256", "kid": "a" })).as_deref(), Ok("0 4"));
    assert_eq!(places(json!({ "alg": "RS256", "kid": "c" })).as_deref(), Ok(""), "keys may have been rotated");
    assert_eq!(places(json!({ "alg": "RS256" })).as_deref(), Ok("0 1 3 4"));
    assert_eq!(places(json!({ "alg": "ES256" })).as_deref(), Ok("2"));
    assert_eq!(places(json!({ "alg": "ES384" })).as_deref(), Ok(""), "another key may come");
    let refused = places(json!({ "alg": "ES256", "kid": "a" })).unwrap_err();
    assert_eq!(refused, "\"the token's `alg` is not one of the key that it names\"");
}

#[test]
fn it_is_told_that_more_than_eight_keys_fit() {
    let header = json!({ "alg": "RS256", "kid": "a" });
    let of = |count: usize| chosen(&vec![rsa("a"); count], &header).unwrap();
    assert_eq!(of(7), ("0 1 2 3 4 5 6".to_owned(), false));
    assert_eq!(of(8), ("0 1 2 3 4 5 6 7".to_owned(), false));
    assert_eq!(of(9), ("0 1 2 3 4 5 6 7".to_owned(), true));
}

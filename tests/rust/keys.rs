//! Keys and assertions against their vectors, which are in `tests/vectors/`, and what must hold for
//! any text given as a key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use edge_credentials::{
    Algorithm, AnyKey, Assertion, Code, Error, KeyFile, SigningKey, Timestamp, complete_assertion, prepare_assertion,
};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn keys_become_pkcs8_or_say_why_not() {
    for case in cases("signing_key") {
        let outcome = SigningKey::parse(text(&case, "key"));
        assert_outcome(&case, "result", outcome.map(|key| with_key(&key, json!({}))));
    }
}

#[test]
fn a_bare_key_is_the_same_to_whoever_tells_apart_what_was_given() {
    for case in cases("signing_key") {
        match AnyKey::parse(text(&case, "key")) {
            Ok(any) => assert_eq!(with_key(any.key(), json!({})), case["result"], "{}", case["name"]),
            Err(error) if case["error"]["message"] != "the key's JSON is no JWK" => {
                assert_eq!(shown(&error), case["error"], "{}", case["name"]);
            }
            Err(error) => assert_eq!(error.message(), "the key file's `userId` is missing"),
        }
    }
}

#[test]
fn key_files() {
    for case in cases("key_file") {
        let outcome = KeyFile::parse(text(&case, "key")).and_then(|file| {
            match case["want"].as_str() {
                Some("userId") => drop(file.user_id()?),
                Some("clientId") => drop(file.client_id()?),
                Some(_) => file.check_expiry(millis(&case["now"]))?,
                None => file.check_expiry(Timestamp::from_millis(0))?,
            }
            Ok(with_key(
                file.key(),
                json!({
                    "userId": file.user_id().ok(),
                    "clientId": file.client_id().ok(),
                    "expiresAt": file.expires_at().map(Timestamp::as_millis),
                }),
            ))
        });
        assert_outcome(&case, "result", outcome);
    }
}

#[test]
fn a_key_file_is_good_until_the_very_end() {
    let cases = cases("key_file");
    let expired = cases.iter().find(|case| case["error"]["code"] == "key_expired").unwrap();
    let (file, end) = (KeyFile::parse(text(expired, "key")).unwrap(), millis(&expired["now"]));
    assert_eq!(file.expires_at(), Some(end));
    assert!(file.check_expiry(end.minus(1)).is_ok());
    assert_eq!(file.check_expiry(end).unwrap_err().code(), Code::KeyExpired);
}

#[test]
fn prepared_assertions() {
    let random: [u8; 16] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    for case in cases("prepared_assertion") {
        let options = &case["options"];
        let algorithm = Algorithm::from_name(text(options, "algorithm")).unwrap();
        let (subject, audience) = (text(options, "subject"), text(options, "audience"));
        let assertion = Assertion::new(algorithm, options["keyId"].as_str(), subject, audience);
        let outcome = prepare_assertion(&assertion, millis(&options["now"]), random);
        if let Ok(input) = &outcome {
            let (header, claims) = input.split_once('.').unwrap();
            let decoded = |part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
            assert_eq!(
                (decoded(header), decoded(claims)),
                (text(&case, "header").into(), text(&case, "claims").into())
            );
            let claims: Value = serde_json::from_str(&decoded(claims)).unwrap();
            assert_eq!((&claims["iss"], &claims["aud"]), (&options["subject"], &options["audience"]));
        }
        assert_outcome(&case, "input", outcome.map(Value::from));
    }
}

#[test]
fn completed_assertions() {
    for case in cases("completed_assertion") {
        let signature = URL_SAFE_NO_PAD.decode(text(&case, "signature")).unwrap();
        let outcome = complete_assertion(text(&case, "input"), &signature);
        assert_outcome(&case, "jwt", outcome.map(|jwt| jwt.expose().into()));
        if case["key"].is_object() {
            let key = SigningKey::parse(&case["key"].to_string()).unwrap();
            assert_eq!(key.algorithm().name(), text(&case, "algorithm"));
        }
    }
}

#[test]
fn an_algorithm_is_chosen_among_those_of_the_key() {
    let key = |name: &str| SigningKey::parse(text(&named("signing_key", name), "key")).unwrap();
    let (rsa, p256, ed25519) = (key("PKCS#8 of RSA"), key("PKCS#8 of P-256"), key("PKCS#8 of Ed25519"));
    let chosen = |key: &SigningKey, name| {
        key.clone().with_algorithm(Algorithm::from_name(name)?).map(|key| key.algorithm().name())
    };
    assert_eq!(chosen(&rsa, "PS256").unwrap(), "PS256");
    assert_eq!(chosen(&ed25519, "Ed25519").unwrap(), "Ed25519");
    let hint =
        "choose RS256 or PS256 for an RSA key, ES256 for one on the curve P-256, EdDSA or Ed25519 for an Ed25519 key";
    for (key, name, message) in [
        (&p256, "RS256", "the signature algorithm does not fit the key"),
        (&rsa, "EdDSA", "the signature algorithm does not fit the key"),
        (&rsa, "HS256", "the signature algorithm is not one of those offered here"),
        (&rsa, "none", "the signature algorithm is not one of those offered here"),
    ] {
        let error = chosen(key, name).unwrap_err();
        assert_eq!((error.code(), error.message(), error.hint()), (Code::OptionInvalid, message, hint));
    }
}

#[test]
fn no_part_of_a_key_is_ever_shown() {
    for case in ["signing_key", "key_file"].into_iter().flat_map(cases) {
        let text = text(&case, "key");
        let shown = match AnyKey::parse(text) {
            Ok(any) => format!("{any:?} {any:#?} {:?}", any.key()),
            Err(error) => format!("{error:?} {error:#?} {error} {}", error.hint()),
        };
        // What mixes letters of both cases with digits, or is long, is out of a key; words and
        // marks are not.
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() >= 8);
        for part in parts.filter(|part| part.bytes().any(|b| b.is_ascii_digit()) || part.len() > 20) {
            assert!(!shown.contains(part), "{}: {shown}", case["name"]);
        }
    }
    let key = SigningKey::parse(text(&named("signing_key", "PKCS#8 of Ed25519"), "key")).unwrap().with_key_id("CANARY");
    assert_eq!(format!("{key:?}"), "SigningKey { algorithm: EdDsa, .. }");
    let file = AnyKey::parse(text(&named("key_file", "a service user's"), "key")).unwrap();
    assert_eq!(format!("{file:?}"), "File(KeyFile { .. })");
}

#[test]
fn a_jwk_whose_members_make_no_key_is_refused() {
    let with = |name: &str, member: &str, value: &str| {
        let mut jwk: Value = serde_json::from_str(text(&named("signing_key", name), "key")).unwrap();
        jwk[member] = json!(value);
        SigningKey::parse(&jwk.to_string()).map_or_else(|error| error.message().to_owned(), |_| "taken".to_owned())
    };
    let unreadable = "the key holds no private key that can be read";
    // 65537, 3; then an even one, 1 with and without a zero in front, 0.
    for (exponent, expected) in [
        ("AQAB", "taken"),
        ("Aw", "taken"),
        ("AQAA", unreadable),
        ("AQ", unreadable),
        ("AAE", unreadable),
        ("AA", unreadable),
    ] {
        assert_eq!(with("a JWK of RSA", "e", exponent), expected, "{exponent}");
    }
    let pem = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----";
    assert_eq!(with("a JWK of P-256", "kid", pem), "the JWK's `kid` holds a private key");
    assert_eq!(with("a JWK of P-256", "kid", "7"), "taken");
}

/// Texts that come near to being keys.
fn near_key() -> impl Strategy<Value = String> {
    let texts: Vec<String> =
        ["signing_key", "key_file"].into_iter().flat_map(cases).map(|case| text(&case, "key").to_owned()).collect();
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<char>(), 0..3u8), 0..6);
    (prop::sample::select(texts), edits).prop_map(|(text, edits)| {
        let mut characters: Vec<char> = text.chars().collect();
        for (index, new, kind) in edits.into_iter().filter(|_| !text.is_empty()) {
            let at = index.index(characters.len().max(1)).min(characters.len().saturating_sub(1));
            match kind {
                0 => characters.insert(at, new),
                1 if !characters.is_empty() => drop(characters.remove(at)),
                _ => characters.truncate(at.max(1)),
            }
        }
        characters.into_iter().collect()
    })
}

/// Bytes that are, or nearly are, a private key in DER.
fn near_der() -> impl Strategy<Value = Vec<u8>> {
    let ders: Vec<Vec<u8>> = cases("signing_key")
        .iter()
        .filter(|case| case["result"].is_object())
        .map(|case| STANDARD.decode(text(&case["result"], "pkcs8")).unwrap())
        .collect();
    let edits = prop::collection::vec((0..80usize, any::<u8>()), 0..4);
    (prop::sample::select(ders), edits, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(mut der, edits, end, cut)| {
            for (at, byte) in edits {
                der[at % 48] = byte;
            }
            if cut {
                der.truncate(end.index(der.len()));
            }
            der
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered_without_a_panic(text in any::<String>(), label in "[A-Z ]{0,20}", body in "[A-Za-z0-9+/=\\\\\n -]{0,200}") {
        let _ = AnyKey::parse(&text);
        let _ = AnyKey::parse(&format!("-----BEGIN {label}-----{text}-----END {label}-----"));
        let _ = AnyKey::parse(&format!("-----BEGIN {label}PRIVATE KEY-----{body}-----END"));
        let _ = complete_assertion(&text, text.as_bytes());
    }

    #[test]
    fn what_is_nearly_a_key_is_answered_without_a_panic(text in near_key()) {
        let _ = (AnyKey::parse(&text), SigningKey::parse(&text), KeyFile::parse(&text));
    }

    #[test]
    fn what_is_nearly_der_is_answered_and_what_is_taken_stays_what_it_is(der in near_der()) {
        if let Ok(key) = SigningKey::parse(&pem(&der)) {
            let again = SigningKey::parse(&pem(key.expose_pkcs8())).unwrap();
            prop_assert_eq!(again.expose_pkcs8(), key.expose_pkcs8());
            prop_assert_eq!(again.algorithm(), key.algorithm());
        }
    }

    #[test]
    fn any_bytes_are_answered_without_a_panic(der in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = SigningKey::parse(&pem(&der));
    }

    #[test]
    fn a_jwk_of_any_numbers_comes_back_from_pkcs8(
        modulus in prop::collection::vec(any::<u8>(), 255..600), first in 0x80u8..,
        numbers in prop::collection::vec(prop::collection::vec(1u8.., 1..253), 7),
        curve in prop::array::uniform32(1u8..),
    ) {
        let modulus = [&[first][..], &modulus].concat();
        let mut jwk = json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(&modulus) });
        for (name, number) in ["e", "d", "p", "q", "dp", "dq", "qi"].into_iter().zip(&numbers) {
            let mut number = number.clone();
            // An even exponent is none, and 1 is refused.
            if name == "e" {
                number.extend([1, 1]);
            }
            jwk[name] = URL_SAFE_NO_PAD.encode(number).into();
        }
        let curve = URL_SAFE_NO_PAD.encode(curve);
        let ec = json!({ "kty": "EC", "crv": "P-256", "d": curve, "x": curve, "y": curve });
        let okp = json!({ "kty": "OKP", "crv": "Ed25519", "d": curve });
        for jwk in [jwk, ec, okp] {
            let key = SigningKey::parse(&jwk.to_string()).unwrap();
            let again = SigningKey::parse(&pem(key.expose_pkcs8())).unwrap();
            prop_assert_eq!(again.expose_pkcs8(), key.expose_pkcs8());
        }
    }

    #[test]
    fn any_ids_come_back_from_the_claims(subject in "\\PC{1,40}", audience in "\\PC{1,40}", key_id in "\\PC{1,9}", now in any::<i64>(), random in any::<[u8; 16]>()) {
        let assertion = Assertion::new(Algorithm::EdDsa, Some(&key_id), &subject, &audience);
        let input = prepare_assertion(&assertion, Timestamp::from_millis(now), random).unwrap();
        let jwt = complete_assertion(&input, &[0xf7; 64]).unwrap();
        let parts: Vec<Value> = jwt.expose().split('.').take(2)
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        prop_assert_eq!(&parts[0], &json!({ "alg": "EdDSA", "kid": key_id, "typ": "JWT" }));
        let claims = &parts[1];
        prop_assert_eq!((&claims["iss"], &claims["sub"], &claims["aud"]), (&json!(subject), &json!(subject), &json!(audience)));
        prop_assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
        prop_assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 361);
    }
}

fn with_key(key: &SigningKey, mut more: Value) -> Value {
    more["algorithm"] = key.algorithm().name().into();
    more["keyId"] = json!(key.key_id());
    more["pkcs8"] = STANDARD.encode(key.expose_pkcs8()).into();
    more
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

fn cases(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path);
    file["cases"].as_array().expect(&path).clone()
}

fn named(file: &str, name: &str) -> Value {
    cases(file).into_iter().find(|case| case["name"] == name).expect(name)
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().expect(name)
}

fn millis(value: &Value) -> Timestamp {
    Timestamp::from_millis(value.as_i64().unwrap())
}

fn shown(error: &Error) -> Value {
    json!({ "code": error.code().as_str(), "category": error.category().as_str(), "message": error.to_string(), "hint": error.hint() })
}

fn assert_outcome(case: &Value, member: &str, outcome: Result<Value, Error>) {
    match outcome {
        Ok(value) => assert_eq!(value, case[member], "{}", case["name"]),
        Err(error) => assert_eq!(shown(&error), case["error"], "{}", case["name"]),
    }
}

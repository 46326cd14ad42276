//! The vectors of `tests/vectors/verify/`: tokens, key sets and answers to introspection.

use edge_credentials::{
    ClientAuth, Credentials, Error, Introspection, JwsAlgorithm, Jwt, KeySet, Response, Timestamp, Url, VerifyingKey,
    build_introspection_request, build_key_set_request, parse_introspection_response,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn tokens_and_the_keys_that_may_have_signed_them() {
    for case in cases("jwt") {
        let token = case["token"].as_str().unwrap();
        let body = json!({ "keys": [case["key"]] }).to_string();
        let keys = KeySet::parse(&Response::new(200, &body), NOW).unwrap();
        let outcome = Jwt::parse(token).map(|jwt| {
            let Some(jwt) = jwt else { return Value::Null };
            let (input, _) = token.rsplit_once('.').unwrap();
            assert_eq!(jwt.signing_input(), input);
            let [key] = keys.keys() else { panic!("{}", case["name"]) };
            assert_eq!(key_json(key)["verifiesBy"], case["verifiesBy"], "{}", case["name"]);
            assert_eq!(key.jwk(), case["publicJwk"].as_str().unwrap());
            assert_eq!(keys.candidates(&jwt).map(VerifyingKey::jwk).collect::<Vec<_>>(), [key.jwk()]);
            json!({
                "algorithm": jwt.algorithm().name(),
                "keyId": jwt.key_id(),
                "isAtJwt": jwt.is_at_jwt(),
                "signatureBytes": jwt.signature().len(),
            })
        });
        assert_outcome(&case, "jwt", outcome);
    }
}

#[test]
fn key_sets() {
    for case in cases("key_set") {
        let outcome = with_response(&case, |response| KeySet::parse(response, NOW)).map(|set| {
            assert_eq!(json!(set.max_age()), case["maxAge"], "{}", case["name"]);
            set.keys().iter().map(key_json).collect()
        });
        assert_outcome(&case, "keys", outcome);
    }
}

#[test]
fn introspections() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("api", "s3cret", ClientAuth::SecretBasic).unwrap();
    let redaction = build_introspection_request(&endpoint, &credentials, &"t".into()).unwrap().redaction();
    for case in cases("introspection") {
        let parsed = with_response(&case, |response| parse_introspection_response(response, &redaction, NOW));
        let outcome = parsed.map(|introspection| match introspection {
            Introspection::Inactive => Value::Null,
            Introspection::Active(token) => json!({
                "expiresAt": token.expires_at.map(Timestamp::as_millis),
                "audience": token.audience,
                "issuer": token.issuer,
                "scope": token.scope,
                "clientId": token.client_id,
                "subject": token.subject,
                "username": token.username,
            }),
        });
        assert_outcome(&case, "token", outcome);
    }
}

#[test]
fn keys_are_asked_for_without_credentials() {
    let request = build_key_set_request(&Url::parse("https://idp.example/keys").unwrap());
    assert_eq!((request.method(), request.url(), request.body()), ("GET", "https://idp.example/keys", None));
    assert_eq!(request.headers().collect::<Vec<_>>(), [("accept", "application/json")]);
}

fn key_json(key: &VerifyingKey) -> Value {
    let verifies_by: Vec<_> = key.algorithms().map(JwsAlgorithm::name).collect();
    json!({ "keyId": key.key_id(), "verifiesBy": verifies_by, "jwk": key.jwk() })
}

fn cases(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/verify/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path);
    let cases = file["cases"].as_array().expect(&path).clone();
    assert!(!cases.is_empty(), "{path} has no cases");
    cases
}

fn with_response<T>(case: &Value, read: impl Fn(&Response<'_>) -> T) -> T {
    let response = &case["response"];
    let body = match &response["body"] {
        Value::String(body) => body.clone(),
        body => body["repeat"].as_str().unwrap().repeat(usize::try_from(body["times"].as_u64().unwrap()).unwrap()),
    };
    let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
    let headers = response["headers"].as_object().unwrap();
    read(&headers.iter().fold(Response::new(status, &body), |response, (name, value)| {
        response.with_header(name, value.as_str().unwrap())
    }))
}

fn assert_outcome(case: &Value, member: &str, outcome: Result<Value, Error>) {
    match outcome {
        Ok(value) => assert_eq!(Some(&value), case.get(member), "{}", case["name"]),
        Err(error) => {
            let mut shown = json!({
                "code": error.code().as_str(),
                "category": error.category().as_str(),
                "message": error.message(),
                "hint": error.hint(),
            });
            for (name, value) in [
                ("error", json!(error.error())),
                ("errorDescription", json!(error.error_description())),
                ("status", json!(error.status())),
                ("retryAt", json!(error.retry_at().map(Timestamp::as_millis))),
            ] {
                if !value.is_null() {
                    shown[name] = value;
                }
            }
            if error.retryable() {
                shown["retryable"] = json!(true);
            }
            assert_eq!(shown, case["error"], "{}", case["name"]);
        }
    }
}

//! What is sent to ask about a token, and whom an answer lets in. The answers themselves are in
//! `tests/vectors/verify/introspection.json`.

use edge_credentials::{
    ClientAuth, Credentials, Introspection, Redaction, Response, Timestamp, Url, build_introspection_request,
    parse_introspection_response,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn a_request_for_introspection_is_a_form_with_credentials() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let build = |auth, token: &str| {
        let credentials = Credentials::from_secret("api@project", "s3&cret", auth).unwrap();
        build_introspection_request(&endpoint, &credentials, &token.into())
    };
    let basic = build(ClientAuth::SecretBasic, "a+b/c==").unwrap();
    assert_eq!((basic.method(), basic.url()), ("POST", "https://idp.example/introspect"));
    assert_eq!(basic.body(), Some("token=a%2Bb%2Fc%3D%3D"));
    assert!(basic.headers().any(|(name, value)| name == "authorization" && value.starts_with("Basic ")));
    let post = build(ClientAuth::SecretPost, "t").unwrap();
    assert_eq!(post.body(), Some("token=t&client_id=api%40project&client_secret=s3%26cret"));
    assert!(build(ClientAuth::SecretBasic, &"t".repeat(16 * 1024)).is_ok());
    for bad in [String::new(), "a b".to_owned(), "a\nb".to_owned(), "é".to_owned(), "t".repeat(16 * 1024 + 1)] {
        let error = build(ClientAuth::SecretBasic, &bad).unwrap_err();
        assert_eq!((error.code().as_str(), error.category().as_str()), ("token_malformed", "rejected"));
    }
}

#[test]
fn an_api_may_come_with_a_token_of_its_own_or_with_nothing() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let build = |credentials: &Credentials| build_introspection_request(&endpoint, credentials, &"t".into()).unwrap();
    let own = build(&Credentials::from_access_token("own").unwrap());
    assert_eq!(own.headers().find(|(name, _)| *name == "authorization"), Some(("authorization", "Bearer own")));
    let none = build(&Credentials::none());
    assert!(!none.headers().any(|(name, _)| name == "authorization"));
    assert_eq!((own.body(), none.body()), (Some("token=t"), Some("token=t")));
    assert!(Credentials::from_access_token("Bearer own").is_err());

    let answer = Response::new(400, r#"{"error":"invalid_token"}"#);
    let read = |redaction: Redaction| parse_introspection_response(&answer, &redaction, NOW);
    assert_eq!(read(own.redaction()).unwrap_err().code().as_str(), "credentials_refused");
    assert!(matches!(read(none.redaction()), Ok(Introspection::Inactive)));
}

#[test]
fn an_introspected_token_must_be_active_and_for_this_api() {
    let check = |body: Value, audience: &[&str]| {
        let body = body.to_string();
        let introspection =
            parse_introspection_response(&Response::new(200, &body), &Redaction::unknown(), NOW).unwrap();
        introspection
            .check(audience)
            .map(|token| token.is_for(audience))
            .map_err(|error| (error.code().as_str(), error.message().to_owned()))
    };
    let refused = |code, message: &str| Err((code, message.to_owned()));
    let others = |named: &str| refused("audience_refused", &format!("the token is meant for `a`, not for {named}"));
    assert_eq!(check(json!({ "active": true, "aud": ["a", "b"] }), &["x", "b"]), Ok(true));
    assert_eq!(check(json!({ "active": true, "aud": "a" }), &["a"]), Ok(true));
    assert_eq!(check(json!({ "active": true, "aud": "a" }), &["A"]), others("`A`"));
    assert_eq!(check(json!({ "active": true, "aud": ["a"] }), &[]), others("this API"));
    let nobody = refused("audience_refused", "the token names no audience");
    assert_eq!(check(json!({ "active": true }), &["a"]), nobody);
    let inactive = refused("token_inactive", "the server does not know the token as good");
    assert_eq!(check(json!({ "active": false }), &["a"]), inactive);
    assert_eq!(check(json!({ "active": true, "aud": "a", "exp": 1 }), &["a"]), inactive);
}

#[test]
fn a_proof_by_key_is_refused_as_a_secret_is() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials =
        Credentials::from_assertion("api@project", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl").unwrap();
    let request = build_introspection_request(&endpoint, &credentials, &"t".into()).unwrap();
    for (status, error) in [(400, "unauthorized_client"), (401, "invalid_client"), (401, "access_denied")] {
        let body = json!({ "error": error }).to_string();
        let refused =
            parse_introspection_response(&Response::new(status, &body), &request.redaction(), NOW).unwrap_err();
        assert_eq!(
            (refused.code().as_str(), refused.category().as_str()),
            ("credentials_refused", "denied"),
            "{error}"
        );
    }
}

#[test]
fn a_server_that_quotes_the_token_shows_nothing_of_it() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("api", "s3cret-of-this-api", ClientAuth::SecretPost).unwrap();
    for token in ["CANARYaBcDeFgHiJkLmNoPqRsTuVwXyZ", "eyJCANARY.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"] {
        let request = build_introspection_request(&endpoint, &credentials, &token.into()).unwrap();
        // A 400 that spoke of the token alone would be no error, but an inactive token.
        for status in [400, 401, 403, 500] {
            let body = json!({ "error": token, "error_description": format!("no assertion but {token}") }).to_string();
            let response = Response::new(status, &body);
            let error = parse_introspection_response(&response, &request.redaction(), NOW).unwrap_err();
            let shown = format!("{error:?} {error} {request:?} {credentials:?}");
            assert!(!shown.contains("CANARY") && !shown.contains("s3cret"), "{shown}");
        }
    }
}

/// First as servers sent them, then made up for each part of the rule.
#[test]
fn a_token_that_a_server_quotes_does_not_speak_of_this_api() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("id", "s3cret", ClientAuth::SecretBasic).unwrap();
    for (token, ours) in [("invalid_client", "invalid_client"), ("x+client/assertion==", "bad assertion")] {
        let redaction = build_introspection_request(&endpoint, &credentials, &token.into()).unwrap().redaction();
        let inactive = |body: &str| {
            let read = parse_introspection_response(&Response::new(400, body), &redaction, NOW);
            read.map(|read| matches!(read, Introspection::Inactive)).map_err(|error| error.code().as_str())
        };
        let quoted = format!("no token '{token}', {token}");
        let json = |words: &str| json!({ "error": "invalid_request", "error_description": words }).to_string();
        assert_eq!([inactive(&quoted), inactive(&json(&quoted))], [Ok(true), Ok(true)], "{token}");
        for body in [
            json!({ "error": "invalid_client" }).to_string(),
            json("bad client assertion"),
            format!("{token}: {ours}, bad client assertion"),
        ] {
            assert_eq!(inactive(&body), Err("credentials_refused"), "{body}");
        }
    }
}

#[test]
fn a_refusal_is_about_the_token_or_about_this_api() {
    let vectors = std::fs::read_to_string("tests/vectors/servers/introspection-refusals.json").unwrap();
    let vectors: Value = serde_json::from_str(&vectors).unwrap();
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("api", "s3cret", ClientAuth::SecretBasic).unwrap();
    let redaction = build_introspection_request(&endpoint, &credentials, &"t".into()).unwrap().redaction();
    for case in vectors["cases"].as_array().unwrap() {
        let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
        let headers = case["headers"].as_object().unwrap();
        let response =
            headers.iter().fold(Response::new(status, case["body"].as_str().unwrap()), |answer, (name, value)| {
                answer.with_header(name, value.as_str().unwrap())
            });
        for redaction in [&redaction, &Redaction::unknown()] {
            let outcome = match parse_introspection_response(&response, redaction, NOW) {
                Ok(Introspection::Active(_)) => "active",
                Ok(Introspection::Inactive) => "inactive",
                Err(error) => {
                    assert_eq!(error.status(), Some(status), "{case}");
                    error.code().as_str()
                }
            };
            assert_eq!(case["outcome"], outcome, "{case}");
        }
    }
}

#[test]
fn an_outage_that_speaks_of_credentials_is_no_refusal_of_ours() {
    let body = r#"{"error":"upstream","error_description":"client authentication is down"}"#;
    let told = |status| {
        let answer = Response::new(status, body);
        parse_introspection_response(&answer, &Redaction::unknown(), NOW).unwrap_err().code().as_str()
    };
    assert_eq!((told(500), told(403)), ("server_failed", "credentials_refused"));
}

#[test]
fn an_active_token_is_for_those_that_it_names() {
    let body = r#"{"active":true,"aud":["a","b"]}"#;
    let Ok(Introspection::Active(token)) =
        parse_introspection_response(&Response::new(200, body), &Redaction::unknown(), NOW)
    else {
        panic!("it is active");
    };
    assert!(token.is_for(&["x", "b"]) && !token.is_for(&["x"]) && !token.is_for(&[]));
    // A log has neither whose it is nor what it is for.
    assert_eq!(format!("{token:?}"), "ActiveToken { expires_at: None, .. }");
}

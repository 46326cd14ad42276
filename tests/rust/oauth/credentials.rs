//! Requests that are proven by an assertion, and the revocation pair.

use edge_credentials::{
    Client, ClientAuth, Credentials, Error, Redaction, Request, Response, Secret, Timestamp, Url,
    build_revocation_request, build_token_request, parse_revocation_response,
};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";

fn endpoint() -> Url {
    Url::parse("https://idp.example/endpoint").unwrap()
}

fn private_key_jwt() -> Credentials {
    Credentials::from_assertion("me@project", JWT).unwrap()
}

fn headers(request: &Request) -> Vec<(&str, &str)> {
    request.headers().collect()
}

#[test]
fn the_jwt_profile_sends_an_assertion_and_no_client_authentication() {
    let client = Client::jwt_profile(endpoint(), JWT).unwrap().with_auth(ClientAuth::SecretPost);
    let client = client.with_scope("openid profile").unwrap().with_param("audience", "api").unwrap();
    let request = build_token_request(&client);
    assert_eq!(
        request.body().unwrap(),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&scope=openid+profile&audience=api\
         &assertion=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
    );
    assert_eq!(
        headers(&request),
        [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")]
    );
}

#[test]
fn private_key_jwt_sends_the_assertion_in_place_of_the_secret() {
    let client = Client::from_credentials(endpoint(), private_key_jwt()).with_auth(ClientAuth::SecretBasic);
    let request = build_token_request(&client.with_scope("a").unwrap());
    assert_eq!(
        request.body().unwrap(),
        "grant_type=client_credentials&scope=a&client_id=me%40project\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
    );
    assert_eq!(headers(&request).len(), 2);
}

#[test]
fn a_revocation_names_the_token_and_who_asks() {
    let token = Secret::from("t/1");
    let by = |credentials: &Credentials| build_revocation_request(&endpoint(), credentials, &token).unwrap();
    let basic = by(&Credentials::from_secret("id", "secret", ClientAuth::SecretBasic).unwrap());
    assert_eq!(
        (basic.method(), basic.url(), basic.body()),
        ("POST", "https://idp.example/endpoint", Some("token=t%2F1"))
    );
    assert_eq!(headers(&basic)[2], ("authorization", "Basic aWQ6c2VjcmV0"));
    let post = by(&Credentials::from_secret("id", "secret", ClientAuth::SecretPost).unwrap());
    assert_eq!(post.body(), Some("token=t%2F1&client_id=id&client_secret=secret"));
    assert!(
        by(&private_key_jwt())
            .body()
            .unwrap()
            .starts_with("token=t%2F1&client_id=me%40project&client_assertion_type=urn")
    );
}

#[test]
fn a_revocation_is_done_with_any_success_whatever_its_body() {
    for (status, body, kind) in [
        (200, "", "application/json"),
        (200, "", "text/html"),
        (204, "", ""),
        (200, "<html>", "text/html"),
        (200, r#"{"error":"x"}"#, "application/json"),
    ] {
        let response = Response::new(status, body).with_header("content-type", kind);
        assert!(parse_revocation_response(&response, &Redaction::unknown(), NOW).is_ok());
    }
}

#[test]
fn a_revocations_body_counts_up_to_64_kib() {
    let refused = |length| {
        let body = r#"{"error":"unsupported_token_type"}"#;
        let body = format!("{body}{}", " ".repeat(length - body.len()));
        parse_revocation_response(&Response::new(400, &body), &Redaction::unknown(), NOW).unwrap_err().code().as_str()
    };
    assert_eq!(refused(64 * 1024), "request_refused");
    assert_eq!(refused(64 * 1024 + 1), "status_unexpected");
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let jwt_hint = "pass the JWT that completeAssertion gave, signature included";
    for bad in ["", "a.b", "a..c", "a.b.", ".b.c", "a.b.c.d", "a.b.c\n", "a b.c.d"] {
        let failures =
            [Client::jwt_profile(endpoint(), bad).unwrap_err(), Credentials::from_assertion("id", bad).unwrap_err()];
        for error in failures {
            assert_error(&error, "option_invalid", "the assertion is not a signed JWT", jwt_hint);
        }
    }
    let unset = "is the binding, secret or environment variable set?";
    let no_id = Credentials::from_assertion("", JWT).unwrap_err();
    assert_error(&no_id, "option_invalid", "the client id is empty", unset);
    let no_secret = Credentials::from_secret("id", "", ClientAuth::SecretBasic).unwrap_err();
    assert_error(&no_secret, "option_invalid", "the client secret is empty", unset);
    let quoted = |secret: &str| Credentials::from_secret("id", secret, ClientAuth::SecretBasic);
    let in_quotes = "remove them: they belong to the file that it was stored in, such as `.env`";
    for bad in ["\"x\"", "'s3cret'"] {
        assert_error(&quoted(bad).unwrap_err(), "option_invalid", "the client secret is in quotes", in_quotes);
    }
    for good in ["\"", "\"\"", "\"x", "x'", "\"x'"] {
        assert!(quoted(good).is_ok(), "{good}");
    }
    let pem = "-----BEGIN PRIVATE KEY-----CANARY-----END PRIVATE KEY-----";
    for swapped in [
        Credentials::from_assertion(pem, JWT).unwrap_err(),
        Credentials::from_secret(pem, "secret", ClientAuth::SecretBasic).unwrap_err(),
    ] {
        let hint = "two values were swapped: a private key goes only where a key is taken";
        assert_error(&swapped, "option_invalid", "the client id holds a private key", hint);
    }
    for bad in ["", "a b", "a\n"] {
        let error = build_revocation_request(&endpoint(), &private_key_jwt(), &bad.into()).unwrap_err();
        let message = "the token is empty or holds characters that no token has";
        assert_error(&error, "option_invalid", message, "pass the token as it came from the token endpoint");
    }
}

fn assert_error(error: &Error, code: &str, message: &str, hint: &str) {
    assert_eq!((error.code().as_str(), error.message(), error.hint()), (code, message, hint));
}

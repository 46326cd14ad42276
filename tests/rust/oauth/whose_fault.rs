//! Whose fault a refusal is, and what of a server's words is shown.

use edge_credentials::{
    Client, ClientAuth, Credentials, Error, Redaction, Request, Response, Timestamp, Url, build_token_request,
    parse_introspection_response, parse_token_response,
};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn request(id: &str, secret: &str, auth: ClientAuth) -> Request {
    let endpoint = Url::parse("https://idp.example:8443/realms/x/token").unwrap();
    build_token_request(&Client::from_credentials(endpoint, Credentials::from_secret(id, secret, auth).unwrap()))
}

fn basic() -> Request {
    request("my-service", "s3cret", ClientAuth::SecretBasic)
}

fn profile() -> Request {
    let endpoint = Url::parse("https://idp.example:8443/realms/x/token").unwrap();
    build_token_request(&Client::jwt_profile(endpoint, "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl").unwrap())
}

fn refused(request: &Request, status: u16, body: &str) -> Error {
    parse_token_response(&Response::new(status, body), &request.redaction(), NOW, NOW).unwrap_err()
}

#[test]
fn what_may_be_about_the_credentials_is_about_the_credentials() {
    for (status, body) in [
        (401, r#"{"error":"unauthorized_client","error_description":"Invalid client or Invalid client credentials"}"#),
        (401, r#"{"error":"access_denied","error_description":"Unauthorized"}"#),
        (401, r#"{"message":"no"}"#),
        (401, ""),
        (403, ""),
        (403, r#"{"message":"Forbidden"}"#),
        (403, r#"{"error":"Forbidden","status":403}"#),
    ] {
        assert_eq!(refused(&basic(), status, body).code().as_str(), "credentials_refused", "{status} {body}");
    }
    for body in [
        r#"{"error":"invalid_request","error_description":"assertion invalid"}"#,
        r#"{"error":"jti_known"}"#,
        r#"{"error":"invalid_grant"}"#,
        "",
    ] {
        assert_eq!(refused(&profile(), 400, body).code().as_str(), "credentials_refused", "{body}");
    }
}

#[test]
fn what_is_about_something_else_stays_that() {
    for (status, body, code) in [
        (
            401,
            r#"{"error":"unauthorized_client","error_description":"Client not enabled to retrieve service account"}"#,
            "grant_refused",
        ),
        (
            401,
            r#"{"error":"unauthorized_client","error_description":"Public client not allowed to retrieve service account"}"#,
            "grant_refused",
        ),
        (400, r#"{"error":"unauthorized_client"}"#, "grant_refused"),
        (400, r#"{"error":"unsupported_grant_type"}"#, "grant_refused"),
        (401, r#"{"error":"invalid_scope"}"#, "scope_refused"),
        (403, r#"{"error":"access_denied"}"#, "request_refused"),
        (400, r#"{"error":"invalid_request"}"#, "request_refused"),
        (400, r#"{"error":"invalid_target"}"#, "target_refused"),
        (400, "", "status_unexpected"),
        (401, r#"{"error":"unsupported_grant_type"}"#, "grant_refused"),
    ] {
        assert_eq!(refused(&basic(), status, body).code().as_str(), code, "{status} {body}");
    }
    assert_ne!(
        refused(&basic(), 400, r#"{"error":"unsupported_grant_type"}"#).message(),
        refused(&basic(), 400, r#"{"error":"unauthorized_client"}"#).message(),
        "the one is the server's, the other the client's"
    );
}

#[test]
fn somebody_in_between_is_told_and_nobodys_credentials_are_blamed() {
    let page = "<!doctype html><title>Access denied</title>";
    for (status, code) in [
        (400, "status_unexpected"),
        (401, "status_unexpected"),
        (403, "status_unexpected"),
        (404, "endpoint_not_found"),
        (429, "rate_limited"),
        (500, "server_failed"),
        (503, "server_overloaded"),
    ] {
        for request in [basic(), profile()] {
            let error = refused(&request, status, page);
            assert_eq!(error.code().as_str(), code, "{status}");
            let is_told = error.message().starts_with("a firewall or a proxy answered in place of the token endpoint");
            assert_eq!(is_told, status != 404, "{status}: {}", error.message());
        }
    }
    for (status, number, code) in [(404, "1042", "status_unexpected"), (522, "522", "server_failed")] {
        let error = refused(&basic(), status, &format!("error code: {number}"));
        let message = format!(
            "Cloudflare, by its error code {number}, answered in place of the token endpoint (status {status})"
        );
        assert_eq!((error.code().as_str(), error.message()), (code, message.as_str()));
    }
    for other in ["teapot", "10421042"] {
        let error = refused(&basic(), 404, &format!("error code: {other}"));
        assert_eq!(error.code().as_str(), "endpoint_not_found", "{other}");
    }
    // Servers answer unknown paths with pages of their own, and redirect to them.
    for (status, code) in [
        (200, "response_not_json"),
        (302, "endpoint_redirects"),
        (404, "endpoint_not_found"),
        (405, "endpoint_unsuitable"),
    ] {
        let error = refused(&basic(), status, page);
        assert_eq!(error.code().as_str(), code);
        assert!(error.hint().ends_with(". Perhaps a firewall or a proxy answered"), "{status}: {}", error.hint());
        let challenged = Response::new(status, page).with_header("cf-mitigated", "challenge");
        let error = parse_token_response(&challenged, &basic().redaction(), NOW, NOW).unwrap_err();
        if status != 200 {
            assert_eq!(error.code().as_str(), "status_unexpected", "{status}");
        }
    }
    let challenge = |ray: &str| {
        let body = r#"{"error":"invalid_client"}"#;
        let response = Response::new(403, body).with_header("cf-mitigated", "challenge").with_header("CF-Ray", ray);
        parse_token_response(&response, &basic().redaction(), NOW, NOW).unwrap_err()
    };
    assert_eq!(challenge("8f2a1b3c4d5e6f70-FRA").code().as_str(), "status_unexpected");
    assert!(challenge("8f2a1b3c4d5e6f70-FRA").hint().ends_with("(its `cf-ray` is 8f2a1b3c4d5e6f70-FRA)"));
    for other in [
        "<script>",
        "Zq8-vN3kLr0Tw5yXb2Hd",
        "8f2a1b3c4d5e6f70-fra",
        "8f2a1b3c4d5e6f70-FRANKFURT",
        "vN3kLr0Tw5yXb2Hd-FRA",
        "8f2a-FRA",
    ] {
        assert!(!challenge(other).hint().contains(other), "{other}");
    }
    // Glewlwyd's 403 calls itself a page, and is empty.
    let empty = Response::new(403, "").with_header("content-type", "text/html; charset=utf-8");
    let error = parse_token_response(&empty, &basic().redaction(), NOW, NOW).unwrap_err();
    assert_eq!(error.code().as_str(), "credentials_refused");
}

#[test]
fn a_blocked_instance_is_no_rate_limit() {
    let error = refused(&basic(), 429, "Your ZITADEL instance is blocked.");
    assert_eq!((error.code().as_str(), error.retryable()), ("request_refused", false));
    assert!(error.hint().starts_with("this is no rate limit"));
    let limited = refused(&basic(), 429, "slow down");
    assert_eq!((limited.code().as_str(), limited.retryable()), ("rate_limited", true));
}

#[test]
fn a_hint_names_the_other_way_to_send_a_secret() {
    let body = r#"{"error":"invalid_client"}"#;
    let hint = |id: &str, secret: &str, auth| refused(&request(id, secret, auth), 401, body).hint().to_owned();
    assert!(hint("id", "s3cret", ClientAuth::SecretBasic).ends_with(r#"want `clientAuth: "client_secret_post"`"#));
    assert!(hint("id", "s3cret", ClientAuth::SecretPost).ends_with(r#"want `clientAuth: "client_secret_basic"`"#));
    for (id, secret) in [("id", "s3c:ret"), ("id", "s3cret+"), ("i d", "s3cret"), ("id@org", "s3cret")] {
        let hint = hint(id, secret, ClientAuth::SecretBasic);
        assert!(hint.contains("Basic encodes their symbols"), "{id} {secret}: {hint}");
    }
}

/// Glewlwyd does not decode Basic, and refuses by an empty 403.
#[test]
fn a_refusal_without_words_names_the_options_too() {
    let hint = |request: &Request, status| refused(request, status, "").hint().to_owned();
    assert!(hint(&request("id", "a:b+c", ClientAuth::SecretBasic), 403).contains("Basic encodes their symbols"));
    assert!(hint(&request("id", "s3cret", ClientAuth::SecretPost), 401).contains("client_secret_basic"));
    for status in [400, 401, 403] {
        assert!(hint(&profile(), status).contains("`assertionAudience`"), "{status}");
    }
    let secret = Credentials::from_secret("id", "s3cret", ClientAuth::SecretBasic).unwrap();
    let endpoint = Url::parse("https://idp.example/token").unwrap();
    let both = Client::jwt_profile(endpoint, "a.b.c").unwrap().with_credentials(secret);
    assert!(hint(&build_token_request(&both), 401).starts_with("check the client id and the client secret"));
    let unknown = parse_token_response(&Response::new(401, ""), &Redaction::unknown(), NOW, NOW).unwrap_err();
    assert!(!unknown.hint().contains("clientAuth"), "{}", unknown.hint());
}

#[test]
fn at_introspection_a_clock_shows_by_the_date_of_any_refusal() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let api = Credentials::from_assertion("api", "a.b.c").unwrap();
    let asked = edge_credentials::build_introspection_request(&endpoint, &api, &"opaque".into()).unwrap();
    for (status, body) in [(401, "invalid assertion"), (403, ""), (400, r#"{"error":"invalid_client"}"#)] {
        let response = Response::new(status, body).with_header("date", "Tue, 14 Nov 2000 22:13:20 GMT");
        let error = parse_introspection_response(&response, &asked.redaction(), NOW).unwrap_err();
        assert!(error.hint().starts_with("set the clock of this machine"), "{status} {body}: {}", error.hint());
    }
    let gateway = Response::new(400, r#"{"message":"client authentication failed"}"#);
    let error = parse_introspection_response(&gateway, &asked.redaction(), NOW).unwrap_err();
    assert_eq!(error.code().as_str(), "credentials_refused", "whichever member says it");
}

/// What ZITADEL says is explained where it says it, and nowhere else.
#[test]
fn texts_of_zitadel_are_matched_whole() {
    let body = r#"{"error":"invalid_client","error_description":"client not found in our shop"}"#;
    assert!(!refused(&basic(), 400, body).hint().contains("ZITADEL"));
    let body = r#"{"error":"invalid_client","error_description":"no active client not found"}"#;
    assert!(!refused(&basic(), 400, body).hint().contains("revoke"));
}

#[test]
fn a_clock_that_is_off_is_told_by_keycloaks_words() {
    for words in ["Token was issued in the future", "Token is not active", "Token reuse detected"] {
        let body = format!(r#"{{"error":"invalid_client","error_description":"{words}"}}"#);
        assert!(refused(&profile(), 400, &body).hint().contains("set the clock"), "{words}");
        assert!(!refused(&basic(), 401, &body).hint().contains("clock"), "a secret does not mind");
        let jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";
        let endpoint = Url::parse("https://idp.example/introspect").unwrap();
        let api = Credentials::from_assertion("api", jwt).unwrap();
        let asked = edge_credentials::build_introspection_request(&endpoint, &api, &"opaque".into()).unwrap();
        let error = parse_introspection_response(&Response::new(401, &body), &asked.redaction(), NOW).unwrap_err();
        assert_eq!(error.code().as_str(), "credentials_refused");
        assert!(error.hint().contains("set the clock"), "{words}: {}", error.hint());
    }
}

#[test]
fn errors_of_other_shapes_are_shown() {
    for (body, shown) in [
        (r#"{"error":"invalid_client","message":"a","detail":"b"}"#, "a"),
        (r#"{"detail":"no such client"}"#, "no such client"),
        (r#"{"title":"Unauthorized","status":401}"#, "Unauthorized"),
        (r#"{"errorCode":"E1","errorSummary":"Invalid client"}"#, "Invalid client"),
        (r#"{"fault":{"faultstring":"Invalid ApiKey"}}"#, "Invalid ApiKey"),
        (r#"{"error":{"code":401,"message":"unknown client"}}"#, "unknown client"),
        (r#"{"error":"invalid_client","error_description":"c","message":"a"}"#, "c"),
        (r#"{"message":"wrong s3cret"}"#, "wrong [redacted]"),
    ] {
        assert_eq!(refused(&basic(), 401, body).error_description(), Some(shown), "{body}");
    }
    let parent = r#"{"error":"server_error","error_description":"Errors.Internal","parent":"no rows s3cret"}"#;
    assert_eq!(refused(&basic(), 500, parent).error_description(), Some("Errors.Internal (no rows [redacted])"));
    let deep = r#"{"a":{"b":{"message":"too deep"}}}"#;
    assert_eq!(refused(&basic(), 401, deep).error_description(), None);
    let unknown = parse_token_response(&Response::new(401, parent), &Redaction::unknown(), NOW, NOW).unwrap_err();
    assert_eq!(unknown.error_description(), None);
}

#[test]
fn what_was_configured_and_the_protocols_words_are_shown() {
    let described = |request: &Request, words: &str| {
        let body = serde_json::json!({ "error": "invalid_client", "error_description": words }).to_string();
        refused(request, 401, &body).error_description().unwrap().to_owned()
    };
    for words in [
        "aud must be 'https://idp.example:8443/realms/x/token'",
        "issuer https://idp.example:8443/realms/x is another",
        "host idp.example:8443 of `my-service` is unknown",
        "`client_secret_post` was sent, `client_secret` is wrong",
        "use Basic, not `client_secret_basic`",
    ] {
        assert_eq!(described(&basic(), words), words);
    }
    // Within a longer word they are a part of who knows what.
    for words in ["tokenX9kQ7zB1LpW3tR is old", "X9kQ7zB1LpW3tRtoken is old"] {
        assert_eq!(described(&basic(), words), "[redacted] is old");
    }
    let horse = request("my-service", "battery-horse-77", ClientAuth::SecretBasic);
    for (words, shown) in [
        ("battery-horse-77 is wrong", "[redacted] is wrong"),
        ("`battery-horse-77`", "`[redacted]`"),
        // Four characters of it, in any case.
        ("my BATTling horde, seahorses", "my [redacted] horde, [redacted]"),
        ("https://idp.example:8443/realms/y7", "[redacted]"),
        ("https://idp.example:8443/?secret=x9y8", "[redacted]"),
    ] {
        assert_eq!(described(&horse, words), shown);
    }
    // Of a short secret four characters are telling wherever they stand.
    assert_eq!(described(&basic(), "the crest, the cretin"), "[redacted]");
    // What was asked for is no secret, nor is the issuer behind an inner address.
    let endpoint = Url::parse("http://127.0.0.1:8080/token").unwrap();
    let client = Client::new(endpoint, "my-service", "battery-horse-77").unwrap();
    let client = client.with_resource("https://api.example/v2").unwrap().with_param("audience", "api://v1").unwrap();
    let asked = build_token_request(&client.with_scope("urn:zitadel:iam:org:project:id:171234567890:aud").unwrap());
    let words =
        "https://api.example/v2, api://v1, urn:zitadel:iam:org:project:id:171234567890:aud, https://id7.example:1";
    let body = serde_json::json!({ "error": "invalid_target", "error_description": words }).to_string();
    let redaction = asked.redaction().with_issuer("https://id7.example:1");
    let error = parse_token_response(&Response::new(400, &body), &redaction, NOW, NOW).unwrap_err();
    assert_eq!(error.error_description(), Some(words));
    // An address may carry a key in its query.
    let endpoint = Url::parse("https://idp.example/token?code=kT9q2mZbXwLc").unwrap();
    let keyed = build_token_request(&Client::new(endpoint, "my-service", "s3cret").unwrap());
    assert_eq!(
        described(&keyed, "at https://idp.example/token?code=kT9q2mZbXwLc"),
        "at https://idp.example/token?code=[redacted]"
    );
    // Of a pair that was swapped the id is the secret.
    let swapped = request("Tr0ub4dor3xHorse", "my-service", ClientAuth::SecretBasic);
    assert_eq!(described(&swapped, "client Tr0ub4dor3xHorse"), "client [redacted]");
    // No id is shown that holds the secret, and no secret is broken up by an open word in it.
    for (id, secret, words) in [
        ("svc:hunter2hunter2", "hunter2hunter2", "svc:hunter2hunter2"),
        ("Acme-Key", "acme-key", "acme-key"),
        ("acme", "acme-acme-42", "ACME-ACME-42"),
        ("me", "Secret-Token-ABC", "secret-token-abc"),
        ("me", "my secret is the token", "MY SECRET IS THE TOKEN"),
        ("kq7", "zkq7wab9kq7v", "zkq7w"),
    ] {
        let shown = described(&request(id, secret, ClientAuth::SecretBasic), words);
        assert!(shown.contains("[redacted]") && !shown.to_lowercase().contains("hunter"), "{id}: {shown}");
        assert!(shown.replace("[redacted]", "").len() <= 4, "{id}: {shown}");
    }
    // Where both look like secrets nobody knows which is which.
    let random = request("aB3xY9zK1mN7pQ5r", "Kx9-Qz7_Wv3+Jp5", ClientAuth::SecretPost);
    assert_eq!(described(&random, "client aB3xY9zK1mN7pQ5r unknown"), "client [redacted] unknown");
}

#[test]
fn an_expired_key_or_a_locked_account_is_no_matter_of_the_clock() {
    for words in ["AADSTS700027: The key used is expired", "The user account is not active"] {
        let body = serde_json::json!({ "error": "invalid_grant", "error_description": words }).to_string();
        assert!(!refused(&profile(), 400, &body).hint().contains("set the clock"), "{words}");
    }
}

#[test]
fn of_a_request_that_is_not_known_nothing_is_supposed() {
    let refused = |error: &str| {
        let body = format!(r#"{{"error":"{error}"}}"#);
        parse_token_response(&Response::new(401, &body), &Redaction::unknown(), NOW, NOW).unwrap_err()
    };
    for (error, code) in [
        ("invalid_client", "credentials_refused"),
        ("invalid_grant", "credentials_refused"),
        ("unsupported_grant_type", "grant_refused"),
    ] {
        let error = refused(error);
        let said = format!("{} {}", error.message(), error.hint());
        assert_eq!(error.code().as_str(), code);
        for supposed in ["secret", "client credentials", "client_credentials", "userId", "assertion"] {
            assert!(!said.contains(supposed), "{said}");
        }
    }
}

#[test]
fn zitadels_invalid_assertion_is_a_service_users_alone() {
    let body = r#"{"error":"invalid_request","error_description":"invalid assertion"}"#;
    assert!(refused(&profile(), 400, body).hint().contains("`userId`"));
    for request in [basic(), by_client_assertion()] {
        assert!(!refused(&request, 400, body).hint().contains("`userId`"));
    }
}

fn by_client_assertion() -> Request {
    let endpoint = Url::parse("https://idp.example/token").unwrap();
    let credentials = Credentials::from_assertion("me", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl").unwrap();
    build_token_request(&Client::from_credentials(endpoint, credentials))
}

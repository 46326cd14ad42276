//! What a refusal says where an assertion was sent or a token was to be revoked, and that it leaks
//! neither.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_credentials::{
    Algorithm, Assertion, Client, ClientAuth, Credentials, Error, Redaction, Request, Response, Secret, Timestamp, Url,
    build_revocation_request, build_token_request, complete_assertion, parse_revocation_response, parse_token_response,
    prepare_assertion,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";

fn endpoint() -> Url {
    Url::parse("https://idp.example/endpoint").unwrap()
}

fn profile() -> Request {
    build_token_request(&Client::jwt_profile(endpoint(), JWT).unwrap().with_scope("openid").unwrap())
}

fn private_key_jwt() -> Credentials {
    Credentials::from_assertion("me@project", JWT).unwrap()
}

/// A long one, as RSA makes it.
fn long_assertion(signature: &[u8]) -> Secret {
    let audience = "https://a-rather-long-name-of-an-instance.zitadel.cloud";
    let assertion = Assertion::new(Algorithm::Rs256, Some("100509901696068329"), "100507859606888466", audience);
    complete_assertion(&prepare_assertion(&assertion, NOW, [7; 16]).unwrap(), signature).unwrap()
}

/// An assertion is dated back by 30 s and good for five minutes.
#[test]
fn a_clock_that_is_off_is_told_by_the_answers_date() {
    // `NOW` is 22:13:20 that day.
    let hint = |request: &Request, date: &str, body: &str, status| {
        let response = Response::new(status, body).with_header("Date", date);
        parse_token_response(&response, &request.redaction(), NOW, NOW).unwrap_err().hint().to_owned()
    };
    let clock = "set the clock of this machine: by the answer's `date` header it is off";
    let client = build_token_request(&Client::from_credentials(endpoint(), private_key_jwt()));
    let secret = build_token_request(&Client::new(endpoint(), "me", "s3cret").unwrap());
    for (date, is_off) in [
        ("Tue, 14 Nov 2023 22:13:20 GMT", false),
        ("Tue, 14 Nov 2023 22:12:40 GMT", false),
        ("Tue, 14 Nov 2023 22:12:39 GMT", true),
        ("Tue, 14 Nov 2023 21:13:20 GMT", true),
        ("Tue, 14 Nov 2023 22:18:00 GMT", false),
        ("Tue, 14 Nov 2023 22:18:01 GMT", true),
        ("yesterday", false),
    ] {
        for request in [&profile(), &client] {
            for (status, error) in [(500, "server_error"), (400, "invalid_client"), (401, "access_denied"), (403, "")] {
                let body = format!(r#"{{"error":"{error}"}}"#);
                assert_eq!(hint(request, date, &body, status) == clock, is_off, "{date} {error}");
            }
        }
        assert_ne!(hint(&secret, date, r#"{"error":"invalid_client"}"#, 401), clock, "a secret does not mind");
    }
}

#[test]
fn a_refused_revocation_says_why() {
    let redaction = build_revocation_request(&endpoint(), &private_key_jwt(), &"t".into()).unwrap().redaction();
    let refused = |status, body: &str| {
        let response = Response::new(status, body).with_header("retry-after", "7");
        parse_revocation_response(&response, &redaction, NOW).unwrap_err()
    };
    assert_error(
        &refused(400, r#"{"error":"unsupported_token_type"}"#),
        "request_refused",
        "the server does not revoke tokens of this type (status 400)",
        "let the token run out; ask for shorter lifetimes where tokens must end early",
    );
    let other = "use the credentials of the client that the token was issued to";
    for error in ["unauthorized_client", "invalid_grant"] {
        let body = format!(r#"{{"error":"{error}"}}"#);
        let message = "the server does not let this client revoke the token (status 400)";
        assert_error(&refused(400, &body), "grant_refused", message, other);
        assert_eq!(refused(400, &body).error(), Some(error));
    }
    assert_error(
        &refused(401, r#"{"error":"invalid_client"}"#),
        "credentials_refused",
        CLIENT_REFUSED_401,
        CLIENT_HINT,
    );
    assert_error(
        &refused(404, ""),
        "endpoint_not_found",
        "the revocation endpoint was not found (status 404)",
        "check `revocationEndpoint`: the server's metadata name it as `revocation_endpoint`",
    );
    assert_error(
        &refused(302, ""),
        "endpoint_redirects",
        "the revocation endpoint redirects elsewhere (status 302)",
        "set `revocationEndpoint` to the address that answers without a redirect, https included",
    );
    assert_error(
        &refused(401, ""),
        "credentials_refused",
        "the revocation endpoint refused the credentials (status 401)",
        CLIENT_HINT,
    );
    // RFC 7009 section 2.2.1: "the client must assume the token still exists and may retry after a
    // reasonable delay".
    let overloaded = refused(503, "");
    assert!(overloaded.retryable());
    assert_eq!(overloaded.retry_at(), Some(NOW.plus(7_000)));
    assert_eq!(refused(500, &"x".repeat(100_000)).code().as_str(), "server_failed");
}

#[test]
fn an_application_that_revokes_is_told_of_no_login_name() {
    let credentials = Credentials::from_secret("7-project", "secret", ClientAuth::SecretBasic).unwrap();
    let redaction = build_revocation_request(&endpoint(), &credentials, &"t".into()).unwrap().redaction();
    for body in
        [r#"{"error":"invalid_client"}"#, r#"{"error":"invalid_client","error_description":"client not found"}"#]
    {
        let pair = "the server refused the client id or the client secret (status 401)";
        let unknown = "the server refused the credentials (status 401)";
        for (redaction, message, hint) in
            [(&redaction, pair, SECRET_HINT), (&Redaction::unknown(), unknown, UNKNOWN_HINT)]
        {
            let error = parse_revocation_response(&Response::new(401, body), redaction, NOW).unwrap_err();
            assert_error(&error, "credentials_refused", message, hint);
        }
    }
}

const PROFILE_HINT: &str = "check the key, its id, `algorithm` and `userId`, and whether it was deleted or has \
    expired; the clock; and the audience (of your own key `assertionAudience`): servers want exactly their issuer or \
    their token endpoint. Some want `clientId` and `clientSecret` too";
const SECRET_HINT: &str = "check both, for blanks around them too; the server may also want \
    `clientAuth: \"client_secret_post\"`";
const UNKNOWN_HINT: &str = "check what the request authenticates with, for blanks around it too";
const CLIENT_REFUSED_401: &str = "the server refused the client's assertion (status 401)";
const CLIENT_HINT: &str = "check that the server has this client's public key, under this key id, and takes its \
    `algorithm`; the clock; and the audience (of your own key `assertionAudience`): servers want exactly their issuer \
    or their token endpoint";

#[test]
fn a_refused_assertion_names_the_likely_causes() {
    let refused = |request: &Request, status, body: &str| {
        parse_token_response(&Response::new(status, body), &request.redaction(), NOW, NOW).unwrap_err()
    };
    let hint = PROFILE_HINT;
    // What ZITADEL says to a wrong key, a wrong audience and a wrong clock alike.
    let internal = r#"{"error":"server_error","error_description":"Errors.Internal"}"#;
    let failed = refused(&profile(), 500, internal);
    let message = "the server failed, as some do where they refuse an assertion (status 500)";
    assert_error(&failed, "server_failed", message, hint);
    assert_eq!((failed.error(), failed.error_description()), (Some("server_error"), Some("Errors.Internal")));
    for error in ["invalid_grant", "invalid_client"] {
        let body = format!(r#"{{"error":"{error}"}}"#);
        let message = "the server refused the assertion (status 400)";
        assert_error(&refused(&profile(), 400, &body), "credentials_refused", message, hint);
    }
    for error in ["unsupported_grant_type", "unauthorized_client"] {
        let hint = "allow the grant urn:ietf:params:oauth:grant-type:jwt-bearer, or use client credentials";
        let gives_none = "the server gives no token for an assertion (status 400)";
        let body = format!(r#"{{"error":"{error}"}}"#);
        assert_error(&refused(&profile(), 400, &body), "grant_refused", gives_none, hint);
    }
    // A user that is locked is told as such whatever proved it.
    let locked = refused(&profile(), 400, r#"{"error":"invalid_request","error_description":"Errors.User.NotActive"}"#);
    assert_eq!(locked.code().as_str(), "user_inactive");

    let by_client = build_token_request(&Client::from_credentials(endpoint(), private_key_jwt()));
    let invalid = refused(&by_client, 401, r#"{"error":"invalid_client"}"#);
    assert_error(&invalid, "credentials_refused", CLIENT_REFUSED_401, CLIENT_HINT);
    // zitadel/oidc makes a `server_error` of what is wrong with a client's assertion as well.
    assert_error(&refused(&by_client, 500, internal), "server_failed", message, CLIENT_HINT);
    // With another status it is an outage.
    for request in [&profile(), &by_client] {
        let outage = refused(request, 503, internal);
        let hint = "try again later; the server's own log says why";
        assert_error(&outage, "server_failed", "the server failed (status 503)", hint);
    }
}

/// No login name was sent, and no secret.
#[test]
fn an_assertion_is_not_explained_by_what_a_secret_would_mean() {
    let by_client = build_token_request(&Client::from_credentials(endpoint(), private_key_jwt()));
    let by_secret = build_token_request(&Client::new(endpoint(), "id", "secret").unwrap());
    let refused = |request: &Request, status, body: &str| {
        parse_token_response(&Response::new(status, body), &request.redaction(), NOW, NOW).unwrap_err()
    };
    for description in [
        "client not found",
        "Errors.User.Machine.Secret.Invalid",
        "Errors.User.Machine.Secret.NotExisting",
        "client_id or client_assertion must be provided",
        "invalid basic auth header",
    ] {
        let body = format!(r#"{{"error":"invalid_client","error_description":"{description}"}}"#);
        let profile = refused(&profile(), 400, &body);
        assert_eq!(profile.message(), "the server refused the assertion (status 400)", "{description}");
        assert_eq!(profile.error_description(), Some(description));
        let by_client = refused(&by_client, 401, &body);
        if description == "client not found" {
            let owner = "with ZITADEL the key of a service user goes with `userId`, not with `clientId`; only an application's goes with `clientId`";
            assert_error(&by_client, "credentials_refused", "the client id is unknown (status 401)", owner);
        } else {
            assert_error(&by_client, "credentials_refused", CLIENT_REFUSED_401, CLIENT_HINT);
        }
        let unspecific = "the server refused the client id or the client secret (status 400)";
        assert_ne!(refused(&by_secret, 400, &body).message(), unspecific, "{description}");
    }
    for (request, hint) in [(&profile(), PROFILE_HINT), (&by_client, CLIENT_HINT), (&by_secret, SECRET_HINT)] {
        let message = "the token endpoint refused the credentials (status 401)";
        assert_error(&refused(request, 401, ""), "credentials_refused", message, hint);
    }
}

#[test]
fn of_a_request_that_is_not_known_nothing_is_shown() {
    let quoting = r#"{"error":"invalid_request","error_description":"you sent CANARY"}"#;
    let shown = |redaction: &Redaction| {
        let error = parse_token_response(&Response::new(400, quoting), redaction, NOW, NOW).unwrap_err();
        error.error_description().map(str::to_owned)
    };
    assert_eq!(shown(&Redaction::unknown()), None);
    assert_eq!(shown(&profile().redaction()).as_deref(), Some("you sent CANARY"));
}

/// Letters alone are no sign of an encoding, so here only knowing the whole assertion helps,
/// however long it is.
#[test]
fn the_end_of_a_long_assertion_is_known_too() {
    let letters: Vec<u8> = (b'a'..=b'z').chain(b'A'..=b'Z').collect();
    let mut state = 7u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(letters[(state >> 16) as usize % 52])
    };
    let signature: String = (0..5120).map(|_| letter()).collect();
    let jwt = long_assertion(&URL_SAFE_NO_PAD.decode(&signature).unwrap());
    assert!(jwt.expose().ends_with(&signature));
    let request = build_token_request(&Client::jwt_profile(endpoint(), jwt).unwrap());
    let tail = &signature[signature.len() - 14..];
    let body = format!(r#"{{"error":"invalid_grant","error_description":"no such signature {tail}"}}"#);
    let failure = parse_token_response(&Response::new(400, &body), &request.redaction(), NOW, NOW).unwrap_err();
    assert_eq!(failure.error_description(), Some("[redacted]"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_server_that_quotes_an_assertion_leaks_nothing_of_it(
        signature in prop::collection::vec(any::<u8>(), 256..520), from in any::<prop::sample::Index>(), length in 12usize..600,
        as_client in any::<bool>(), upper in any::<bool>(), before in "[a-z ]{0,20}", status in prop_oneof![Just(400u16), Just(401), Just(500)],
        error in prop_oneof![Just("invalid_grant"), Just("invalid_client"), Just("invalid_request"), Just("server_error")],
    ) {
        let jwt = long_assertion(&signature);
        let token = "CANARY-5f0a1b2c3d4e";
        let request = if as_client {
            let credentials = Credentials::from_assertion("me", jwt.clone()).unwrap();
            build_revocation_request(&endpoint(), &credentials, &token.into()).unwrap()
        } else {
            build_token_request(&Client::jwt_profile(endpoint(), jwt.clone()).unwrap())
        };
        // Any part of it, in either case, whole or cut.
        let text = jwt.expose();
        let at = from.index(text.len() - 12);
        let part = &text[at..text.len().min(at + length)];
        let quoted = if upper { part.to_uppercase() } else { part.to_owned() };
        let body = serde_json::json!({ "error": error, "error_description": format!("{before} {quoted} {token}") }).to_string();
        let response = Response::new(status, &body);
        let failure = if as_client {
            parse_revocation_response(&response, &request.redaction(), NOW).unwrap_err()
        } else {
            parse_token_response(&response, &request.redaction(), NOW, NOW).unwrap_err()
        };
        let shown = format!("{failure:?} {failure} {request:?} {:?} {jwt:?}", request.redaction());
        for window in part.as_bytes().windows(12) {
            let piece = std::str::from_utf8(window).unwrap();
            prop_assert!(!shown.to_lowercase().contains(&piece.to_lowercase()), "{} in {}", piece, shown);
        }
        prop_assert!(!as_client || !shown.contains("CANARY"), "{}", shown);
    }
}

fn assert_error(error: &Error, code: &str, message: &str, hint: &str) {
    assert_eq!((error.code().as_str(), error.message(), error.hint()), (code, message, hint));
}

//! What is made of every answer that was recorded of endpoints for tokens, revocations and metadata.

use crate::support::recorded::{RECORDED, assert_lines, cases, response};
use edge_credentials::{
    Client, ClientAuth, Credentials, Error, Metadata, Request, Timestamp, Token, Url, build_revocation_request,
    build_token_request, parse_metadata_response, parse_revocation_response, parse_token_response,
};
use serde_json::Value;

/// Header `{"alg":"RS256","kid":"key-1"}`, claims `{"iss":"svc","sub":"svc","aud":"https://idp.example/"}`.
const JWT: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.\
    eyJpc3MiOiJzdmMiLCJzdWIiOiJzdmMiLCJhdWQiOiJodHRwczovL2lkcC5leGFtcGxlLyJ9.c2lnbmF0dXJlLW9mLWEta2V5";

#[test]
fn every_recorded_answer_of_a_token_endpoint_is_read_as_its_line_says() {
    let recorded = cases("token-answers.json");
    let made: Vec<(&Value, String)> = recorded
        .iter()
        .map(|case| {
            let redaction = token_request(case).redaction();
            let line = match parse_token_response(&response(case), &redaction, RECORDED, RECORDED) {
                Ok(token) => obtained(&token),
                Err(error) => refused(&error),
            };
            (case, line)
        })
        .collect();
    assert_lines("token-answers.txt", &made);
}

#[test]
fn every_recorded_answer_of_a_revocation_endpoint_is_read_as_its_line_says() {
    let recorded = cases("revocations.json");
    let endpoint = Url::parse("https://idp.example/revoke").unwrap();
    let credentials = Credentials::from_secret("svc", "s3cret", ClientAuth::SecretBasic).unwrap();
    let request = build_revocation_request(&endpoint, &credentials, &"opaque-token".into()).unwrap();
    let made: Vec<(&Value, String)> = recorded
        .iter()
        .map(|case| {
            let line = match parse_revocation_response(&response(case), &request.redaction(), RECORDED) {
                Ok(()) => "revoked".to_owned(),
                Err(error) => refused(&error),
            };
            (case, line)
        })
        .collect();
    assert_lines("revocations.txt", &made);
}

#[test]
fn every_recorded_answer_at_an_address_of_metadata_is_read_as_its_line_says() {
    let recorded = cases("metadata.json");
    let made: Vec<(&Value, String)> = recorded
        .iter()
        .map(|case| {
            let issuer = Url::parse(issuer_of(case)).unwrap();
            let line = match parse_metadata_response(&response(case), &issuer, RECORDED) {
                Ok(metadata) => found(&metadata),
                Err(error) => refused(&error),
            };
            (case, line)
        })
        .collect();
    assert_lines("metadata.txt", &made);
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap()
}

fn token_request(case: &Value) -> Request {
    let endpoint = Url::parse(&format!("https://idp.example{}", text(case, "path"))).unwrap();
    let credentials = |auth| Credentials::from_secret("svc", "s3cret", auth).unwrap();
    let client = match text(case, "auth") {
        "basic" => Client::from_credentials(endpoint, credentials(ClientAuth::SecretBasic)),
        "post" => Client::from_credentials(endpoint, credentials(ClientAuth::SecretPost)),
        "client assertion" => Client::from_credentials(endpoint, Credentials::from_assertion("svc", JWT).unwrap()),
        "assertion" => Client::jwt_profile(endpoint, JWT).unwrap(),
        other => panic!("{other} is no authentication"),
    };
    build_token_request(&client.with_scope("openid").unwrap())
}

/// As the servers named themselves where they were recorded.
fn issuer_of(case: &Value) -> &str {
    match text(case, "server") {
        server if server.starts_with("Keycloak") => "https://idp.example/realms/walk",
        server if server.starts_with("ZITADEL") => "https://zitadel.example",
        server if server.starts_with("Spring") => "https://idp.example",
        _ => "https://idp.example/",
    }
}

fn obtained(token: &Token) -> String {
    let seconds = |end: Timestamp| format!("for {} s", end.millis_since(RECORDED) / 1000);
    let parts = [
        Some(format!("token {}", token.token_type)),
        token.validity.expires_at.map(seconds),
        token.scope.as_ref().map(|scope| format!("scope {scope:?}")),
        token.has_other_members.then(|| "other members".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn found(metadata: &Metadata) -> String {
    let path = |name: &str, url: &Option<Url>| url.as_ref().map(|url| format!("{name} {}", url.as_str()));
    let parts = [
        Some(metadata.issuer.clone()),
        path("token", &metadata.token_endpoint),
        path("introspection", &metadata.introspection_endpoint),
        path("revocation", &metadata.revocation_endpoint),
        path("keys", &metadata.jwks_uri),
        metadata.token_endpoint_auth_methods_supported.as_ref().map(|methods| methods.join(" ")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn refused(error: &Error) -> String {
    let parts = [
        Some(format!("{}, {}: {}", error.code().as_str(), error.category().as_str(), error.message())),
        Some(format!("hint: {}", error.hint())),
        error.error().map(|error| format!("error: {error}")),
        error.error_description().map(|description| format!("says: {description}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" | ")
}

//! What is made of every answer that was recorded of introspection endpoints.

use std::collections::BTreeSet;

use crate::support::recorded::{RECORDED, assert_lines, cases, response};
use edge_credentials::{
    ActiveToken, ClientAuth, Credentials, Error, Introspection, Timestamp, Url, build_introspection_request,
    parse_introspection_response,
};
use serde_json::Value;

#[test]
fn every_recorded_introspection_is_read_as_its_line_says() {
    let endpoint = Url::parse("https://idp.example/introspect").unwrap();
    let credentials = Credentials::from_secret("resource-server", "s3cret", ClientAuth::SecretBasic).unwrap();
    let redaction = build_introspection_request(&endpoint, &credentials, &"opaque-token".into()).unwrap().redaction();
    let recorded = recorded();
    let made: Vec<(&Value, String)> = recorded
        .iter()
        .map(|case| {
            let now = shortly_before_the_end(case);
            let line = match parse_introspection_response(&response(case), &redaction, now) {
                Ok(Introspection::Active(token)) => active(&token, now),
                Ok(Introspection::Inactive) => "inactive".to_owned(),
                Err(error) => refused(&error),
            };
            (case, line)
        })
        .collect();
    assert_lines("introspections.txt", &made);
}

/// Of the refusals those that are not made up: of a server that is among the others.
fn recorded() -> Vec<Value> {
    let mut recorded = cases("introspections.json");
    let servers: BTreeSet<String> = recorded.iter().map(|case| case["server"].to_string()).collect();
    let refusals = cases("introspection-refusals.json");
    recorded.extend(refusals.into_iter().filter(|case| servers.contains(&case["server"].to_string())));
    recorded
}

/// A minute before the token's `exp`.
fn shortly_before_the_end(case: &Value) -> Timestamp {
    let answer: Value = serde_json::from_str(case["body"].as_str().unwrap()).unwrap_or_default();
    answer["exp"].as_i64().map_or(RECORDED, |seconds| Timestamp::from_millis((seconds - 60) * 1000))
}

fn active(token: &ActiveToken, now: Timestamp) -> String {
    let text = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    let parts = [
        Some("active".to_owned()),
        token.expires_at.map(|end| format!("for {} s", end.millis_since(now) / 1000)),
        Some(format!("aud [{}]", token.audience.join(", "))),
        text("client_id", &token.client_id),
        text("sub", &token.subject),
        text("username", &token.username),
        token.scope.as_ref().map(|scope| format!("scope {scope:?}")),
        text("iss", &token.issuer),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn refused(error: &Error) -> String {
    format!("{}, {}: {}", error.code().as_str(), error.category().as_str(), error.message())
}

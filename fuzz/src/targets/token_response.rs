//! A token response of any form: what is taken is JSON with that token; no error shows the secret or
//! the token of the body.

use crate::input::{Answer, NOW, assert_hidden, json};
use edge_credentials::{Client, Redaction, Url, build_token_request, parse_token_response};

const SECRET: &str = "CANARY-s3cret/+%-of-the-client";

pub fn check(data: &[u8]) {
    let answer = Answer::of(data);
    let endpoint = Url::parse("https://idp.example/token").unwrap();
    let request = build_token_request(&Client::new(endpoint, "a-client", SECRET).unwrap());
    for redaction in [request.redaction(), Redaction::unknown()] {
        match parse_token_response(&answer.response(), &redaction, NOW, NOW) {
            Ok(token) => {
                let body = json(&answer.body);
                assert!(answer.is_success());
                assert_eq!(body["access_token"].as_str(), Some(token.access_token.expose()));
                assert!(token.access_token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
                assert!(token.validity.obtained_at <= NOW);
                assert!(token.validity.expires_at.is_none_or(|end| end >= NOW));
                let shown = format!("{token:?}");
                let is_long = token.access_token.expose().len() > 30;
                assert!(!is_long || !shown.contains(token.access_token.expose()), "{shown}");
            }
            Err(error) => {
                assert_hidden(&error, SECRET);
                let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
                // What is shorter may be a word of the message.
                let token = body["access_token"].as_str().filter(|token| token.len() > 30);
                token.inspect(|token| assert_hidden(&error, token));
            }
        }
    }
}

//! A server that quotes the request, in whatever encoding, between whatever words: no error shows the
//! secret.

use crate::input::{NOW, assert_hidden};
use arbitrary::{Arbitrary, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use edge_credentials::{Client, ClientAuth, Redaction, Response, Url, build_token_request, parse_token_response};
use serde_json::json;

#[derive(Arbitrary, Debug)]
enum Quoted {
    Plain,
    Percent,
    Base64,
    Base64Url,
    Upper,
    Reversed,
    Body,
    Header,
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    secret: [u8; 12],
    post: bool,
    knows: bool,
    status: u8,
    error: &'a str,
    before: &'a str,
    quoted: Vec<Quoted>,
    after: &'a str,
    is_json: bool,
}

pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary(&mut Unstructured::new(data)) else { return };
    // Letters and digits alike, as random secrets are, so that none is a word of a message.
    let alphabet = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    let random: String =
        input.secret.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()] as char).collect();
    let secret = format!("Qz7{random}9kX");
    let auth = if input.post { ClientAuth::SecretPost } else { ClientAuth::SecretBasic };
    let endpoint = Url::parse("https://idp.example/token").unwrap();
    let request = build_token_request(&Client::new(endpoint, "me", secret.as_str()).unwrap().with_auth(auth));
    let header = request.headers().find(|(name, _)| *name == "authorization").map_or("", |(_, value)| value);
    let quoted: Vec<String> = input
        .quoted
        .iter()
        .take(6)
        .map(|how| match how {
            Quoted::Plain => secret.clone(),
            Quoted::Percent => secret.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            Quoted::Base64 => STANDARD.encode(&secret),
            Quoted::Base64Url => URL_SAFE_NO_PAD.encode(&secret),
            Quoted::Upper => secret.to_uppercase(),
            Quoted::Reversed => secret.chars().rev().collect(),
            Quoted::Body => request.body().unwrap_or_default().to_owned(),
            Quoted::Header => header.to_owned(),
        })
        .collect();
    let words = format!("{}{}{}", input.before, quoted.join(" "), input.after);
    let body = match input.is_json {
        true => json!({ "error": format!("{}{}", input.error, quoted.first().map_or("", |first| first)),
            "error_description": words, "message": words, "error_uri": words })
        .to_string(),
        false => words,
    };
    let redaction = if input.knows { request.redaction() } else { Redaction::unknown() };
    let response = Response::new(300 + u16::from(input.status), &body).with_header("content-type", "application/json");
    let error = parse_token_response(&response, &redaction, NOW, NOW).expect_err("no success");
    let credentials = header.strip_prefix("Basic ").unwrap_or(&secret);
    for hidden in [secret.as_str(), credentials, &STANDARD.encode(&secret), &secret.to_uppercase()] {
        assert_hidden(&error, hidden);
    }
    let sent = format!("{request:?} {redaction:?} {response:?}");
    assert!(!sent.contains(&secret) && !sent.contains(credentials), "{sent}");
}

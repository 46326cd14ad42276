//! What the exports give and throw: JSON, which JavaScript's own parser reads faster than any
//! object of ours is copied.

use crate::encoding::base64::base64_encode;
use crate::encoding::json::writer::Json;
use crate::encoding::json::writer::push_json_string;
use crate::encoding::number::push_number;
use crate::encoding::time::Timestamp;
use crate::error::Error;
use crate::http::Request;
use crate::jwt::jwks::KeySet;
use crate::keys::algorithm::JwsAlgorithm;
use crate::keys::signing_key::SigningKey;
use crate::oauth::token::Token;

pub(super) fn request(request: &Request) -> String {
    let mut headers = Json::new();
    for (name, value) in request.headers() {
        headers.text(name, value);
    }
    let mut json = Json::new();
    json.text("method", request.method());
    json.text("url", request.url());
    json.raw("headers", &headers.end());
    json.optional("body", request.body());
    json.text("redirect", "manual");
    json.end()
}

pub(super) fn token(token: &Token) -> String {
    let mut json = Json::new();
    json.text("accessToken", token.access_token.expose());
    json.text("tokenType", token.token_type);
    match &token.scope {
        Some(scope) => json.text("scope", scope),
        None => json.raw("scope", "null"),
    }
    json.time("obtainedAt", token.validity.obtained_at);
    match token.validity.expires_at {
        Some(end) => json.time("expiresAt", end),
        None => json.raw("expiresAt", "null"),
    }
    json.end()
}

pub(super) fn key(
    key: &SigningKey,
    key_id: Option<&str>,
    user_id: Option<&str>,
    client_id: Option<&str>,
    expires_at: Option<Timestamp>,
) -> String {
    let mut json = Json::new();
    json.text("pkcs8", &base64_encode(key.expose_pkcs8()));
    json.text("algorithm", key.algorithm().name());
    json.optional("keyId", key_id);
    json.optional("userId", user_id);
    json.optional("clientId", client_id);
    if let Some(end) = expires_at {
        json.time("expiresAt", end);
    }
    json.end()
}

pub(super) fn header(algorithm: JwsAlgorithm, key_id: Option<&str>) -> String {
    let mut json = Json::new();
    json.text("algorithm", algorithm.name());
    json.optional("keyId", key_id);
    json.end()
}

pub(super) fn key_set(set: &KeySet) -> String {
    let mut keys = String::from("[");
    for key in set.keys() {
        let mut algorithms = String::from("[");
        for algorithm in key.algorithms() {
            separate(&mut algorithms);
            push_json_string(&mut algorithms, algorithm.name());
        }
        algorithms.push(']');
        let mut json = Json::new();
        json.optional("keyId", key.key_id());
        json.raw("algorithms", &algorithms);
        json.raw("jwk", key.jwk());
        separate(&mut keys);
        keys.push_str(&json.end());
    }
    keys.push(']');
    let mut json = Json::new();
    json.raw("keys", &keys);
    if let Some(age) = set.max_age() {
        json.number("maxAge", age as i64);
    }
    json.end()
}

fn separate(list: &mut String) {
    if !list.ends_with('[') {
        list.push(',');
    }
}

pub(super) fn error(error: &Error) -> String {
    let mut json = Json::new();
    json.text("code", error.code().as_str());
    json.text("category", error.category().as_str());
    json.text("message", error.message());
    json.text("hint", error.hint());
    json.optional("error", error.error());
    json.optional("errorDescription", error.error_description());
    if let Some(status) = error.status() {
        json.number("status", status.into());
    }
    json.raw("retryable", if error.retryable() { "true" } else { "false" });
    if let Some(at) = error.retry_at() {
        json.time("retryAt", at);
    }
    json.end()
}

pub(super) fn number(number: Option<f64>) -> String {
    let mut text = String::new();
    if let Some(number) = number {
        push_number(&mut text, number as i64);
    }
    text
}

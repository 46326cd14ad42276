//! What JavaScript reads by `JSON.parse`: errors and keys.

use alloc::string::String;

use crate::encoding::json::writer::{Json, push_json_string};
use crate::error::Error;
use crate::jwt::jwks::KeySet;

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
        json.number("retryAt", at.as_millis());
    }
    json.end()
}

/// `{"keys":[{"keyId","issuer","algorithms":[…],"jwk":{…}}]}`, where `keyId` and `issuer` may be left out.
pub(super) fn keys(set: &KeySet) -> String {
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
        json.optional("issuer", key.issuer());
        json.raw("algorithms", &algorithms);
        json.raw("jwk", key.jwk());
        separate(&mut keys);
        keys.push_str(&json.end());
    }
    keys.push(']');
    let mut json = Json::new();
    json.raw("keys", &keys);
    json.end()
}

fn separate(list: &mut String) {
    if !list.ends_with('[') {
        list.push(',');
    }
}

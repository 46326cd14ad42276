//! The encodings beside reference crates: JSON beside serde_json, forms beside form_urlencoded, base64
//! beside base64. And every function that JavaScript calls, with any text of fields.

use crate::input::NOW;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edge_credentials::calls::{CALLS, call_at};
use edge_credentials::{Client, ClientAuth, Redaction, Response, Url, build_token_request, parse_token_response};
use serde_json::Value;

/// How deep the reader goes, the object around it included.
const DEEPEST: usize = 126;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    json(&text);
    form(&text);
    let (place, fields) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    let place = place.bytes().next().map_or(0, usize::from) % (CALLS.len() + 1);
    let outcome = call_at(place, fields, || Some([7; 16]));
    if let Err(error) = outcome {
        let error: Value = serde_json::from_str(&error).expect("an error is JSON");
        assert!(error["code"].is_string() && error["hint"].is_string(), "{error}");
        // Fields that nothing here wrote are `internal` too.
        assert!(error["code"] == "internal" || place < CALLS.len(), "{error}");
    }
}

fn json(text: &str) {
    let document = format!(r#"{{"access_token":"a","token_type":"bearer","other":{text}}}"#);
    let taken = parse_token_response(&Response::new(200, &document), &Redaction::unknown(), NOW, NOW).is_ok();
    let by_serde: Option<Value> = serde_json::from_str(&document).ok();
    assert!(!taken || by_serde.is_some(), "taken here alone: {document:?}");
    let Ok(alone) = serde_json::from_str::<Value>(text) else { return };
    // Duplicates are refused here alone, and serde_json has forgotten them.
    if depth(&alone) < DEEPEST && !has_duplicates(text, &alone) {
        assert!(taken, "taken by serde_json alone: {document:?}");
    }
}

/// serde_json keeps the last of two members: what it writes then is shorter than what it read. Names
/// may be written in several ways, so that a text with escapes counts as one that has some.
fn has_duplicates(text: &str, read: &Value) -> bool {
    text.contains('\\') || text.matches('"').count() != read.to_string().matches('"').count()
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn form(text: &str) {
    let endpoint = Url::parse("https://idp.example/token").unwrap();
    for auth in [ClientAuth::SecretBasic, ClientAuth::SecretPost] {
        let Ok(client) = Client::new(endpoint.clone(), text, text) else { return };
        let Ok(client) = client.with_auth(auth).with_param("other", text) else { return };
        let request = build_token_request(&client);
        let body = request.body().expect("a form");
        let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        assert!(pairs.contains(&("other".into(), text.into())), "{body}");
        let header = request.headers().find(|(name, _)| *name == "authorization").map(|(_, value)| value);
        if let Some(value) = header {
            let pair = STANDARD.decode(value.strip_prefix("Basic ").expect("Basic")).expect("base64");
            let pair = String::from_utf8(pair).expect("text");
            let (id, secret) = pair.split_once(':').expect("a colon");
            let decoded =
                |part: &str| form_urlencoded::parse(format!("a={part}").as_bytes()).next().map(|(_, v)| v.into_owned());
            assert_eq!((decoded(id), decoded(secret)), (Some(text.to_owned()), Some(text.to_owned())));
        } else {
            assert!(pairs.contains(&("client_id".into(), text.into())), "{body}");
            assert!(pairs.contains(&("client_secret".into(), text.into())), "{body}");
        }
    }
}

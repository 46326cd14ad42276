//! What the exports give and throw: JSON, which JavaScript's own parser reads faster than any object of ours is copied.

use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::http::Request;
use crate::time::Timestamp;
use crate::token::Token;

pub(super) fn request(request: &Request) -> String {
    let headers = request.headers().fold(Json::new(), |json, (name, value)| json.text(name, Some(value)));
    let json = Json::new().text("method", Some(request.method())).text("url", Some(request.url()));
    json.raw("headers", &headers.end()).text("body", request.body()).text("redirect", Some("manual")).end()
}

pub(super) fn token(token: &Token) -> String {
    let scope = token.scope.as_deref();
    let json =
        Json::new().text("accessToken", Some(token.access_token.expose())).text("tokenType", Some(token.token_type));
    let json = if scope.is_none() { json.raw("scope", "null") } else { json.text("scope", scope) };
    let json = json.time("obtainedAt", Some(token.validity.obtained_at));
    let end = token.validity.expires_at;
    if end.is_none() { json.raw("expiresAt", "null") } else { json.time("expiresAt", end) }.end()
}

pub(super) fn error(error: &Error) -> JsValue {
    let json = Json::new().text("code", Some(error.code().as_str())).text("class", Some(error.class().as_str()));
    let json =
        json.text("message", Some(error.message())).text("hint", Some(error.hint())).text("error", error.error());
    let json = json.text("errorDescription", error.error_description()).number("status", error.status().map(i64::from));
    let json = json.raw("retryable", if error.retryable() { "true" } else { "false" });
    JsValue::from_str(&json.time("retryAt", error.retry_at()).end())
}

/// An object, member by member; those that are not there are left out.
struct Json(String);

impl Json {
    fn new() -> Self {
        Json(String::new())
    }

    fn text(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.name(name);
            self.quote(value);
        }
        self
    }

    fn time(self, name: &str, time: Option<Timestamp>) -> Self {
        self.number(name, time.map(Timestamp::as_millis))
    }

    fn number(mut self, name: &str, number: Option<i64>) -> Self {
        if let Some(number) = number {
            self.name(name);
            self.digits(number);
        }
        self
    }

    fn raw(mut self, name: &str, json: &str) -> Self {
        self.name(name);
        self.0.push_str(json);
        self
    }

    fn end(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.quote(name);
        self.0.push(':');
    }

    fn quote(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                '\0'..' ' => {
                    let digit = |value: u32| char::from_digit(value, 16).unwrap_or('0');
                    let value = u32::from(character);
                    self.0.extend(['\\', 'u', '0', '0', digit(value >> 4), digit(value & 15)]);
                }
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    /// By hand: the standard library's way to write a number brings all of its formatting.
    fn digits(&mut self, number: i64) {
        if number < 0 {
            self.0.push('-');
        }
        let mut rest = number.unsigned_abs();
        let mut digits = [0; 20];
        let mut count = 0;
        for digit in digits.iter_mut() {
            (*digit, rest, count) = ((rest % 10) as u8, rest / 10, count + 1);
            if rest == 0 {
                break;
            }
        }
        self.0.extend(digits.iter().take(count).rev().map(|digit| char::from(b'0' + digit)));
    }
}

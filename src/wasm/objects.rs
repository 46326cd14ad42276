//! What the exports give: objects whose getters copy.

use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::http::Request;
use crate::time::Timestamp;
use crate::token::Token;

/// A request; see [`Request`].
#[wasm_bindgen]
pub struct CoreRequest(pub(super) Request);

#[wasm_bindgen]
impl CoreRequest {
    /// `GET` or `POST`.
    #[wasm_bindgen(getter)]
    pub fn method(&self) -> String {
        self.0.method().to_owned()
    }

    /// Where to send it.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.0.url().to_owned()
    }

    /// A line for each, `name: value`, as HTTP itself writes them.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> String {
        let mut lines = String::new();
        for (name, value) in self.0.headers() {
            lines.push_str(name);
            lines.push_str(": ");
            lines.push_str(value);
            lines.push('\n');
        }
        lines
    }

    /// The body of a `POST`.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Option<String> {
        self.0.body().map(str::to_owned)
    }
}

/// A token; see [`Token`].
#[wasm_bindgen]
pub struct CoreToken(pub(super) Token);

#[wasm_bindgen]
impl CoreToken {
    /// The access token.
    #[wasm_bindgen(getter, js_name = accessToken)]
    pub fn access_token(&self) -> String {
        self.0.access_token.expose().to_owned()
    }

    /// Its type.
    #[wasm_bindgen(getter, js_name = tokenType)]
    pub fn token_type(&self) -> String {
        self.0.token_type.to_owned()
    }

    /// The scope that the server named.
    #[wasm_bindgen(getter)]
    pub fn scope(&self) -> Option<String> {
        self.0.scope.clone()
    }

    /// When the request was sent.
    #[wasm_bindgen(getter, js_name = obtainedAt)]
    pub fn obtained_at(&self) -> f64 {
        millis(self.0.validity.obtained_at)
    }

    /// When the token ends.
    #[wasm_bindgen(getter, js_name = expiresAt)]
    pub fn expires_at(&self) -> Option<f64> {
        self.0.validity.expires_at.map(millis)
    }
}

/// A failure; see [`Error`].
#[wasm_bindgen]
pub struct CoreError(Error);

#[wasm_bindgen]
impl CoreError {
    /// What failed.
    #[wasm_bindgen(getter)]
    pub fn code(&self) -> String {
        self.0.code().as_str().to_owned()
    }

    /// Whose fault it is.
    #[wasm_bindgen(getter)]
    pub fn class(&self) -> String {
        self.0.class().as_str().to_owned()
    }

    /// What failed, in words.
    #[wasm_bindgen(getter)]
    pub fn message(&self) -> String {
        self.0.message().to_owned()
    }

    /// What to do.
    #[wasm_bindgen(getter)]
    pub fn hint(&self) -> String {
        self.0.hint().to_owned()
    }

    /// The server's `error`.
    #[wasm_bindgen(getter)]
    pub fn error(&self) -> Option<String> {
        self.0.error().map(str::to_owned)
    }

    /// The server's `error_description`.
    #[wasm_bindgen(getter, js_name = errorDescription)]
    pub fn error_description(&self) -> Option<String> {
        self.0.error_description().map(str::to_owned)
    }

    /// The HTTP status.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> Option<u16> {
        self.0.status()
    }

    /// Whether the same request may succeed later.
    #[wasm_bindgen(getter)]
    pub fn retryable(&self) -> bool {
        self.0.retryable()
    }

    /// When the server permits the next attempt.
    #[wasm_bindgen(getter, js_name = retryAt)]
    pub fn retry_at(&self) -> Option<f64> {
        self.0.retry_at().map(millis)
    }
}

impl From<Error> for CoreError {
    fn from(error: Error) -> Self {
        CoreError(error)
    }
}

fn millis(timestamp: Timestamp) -> f64 {
    timestamp.as_millis() as f64
}

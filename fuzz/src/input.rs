//! How bytes become what a target needs. A seed is readable: an answer begins with a line of status
//! and headers, and its body follows.

use edge_credentials::{Error, Response, Timestamp};

/// The time of every target, 2023-11-14.
pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// An answer: the first line has the status, then headers, separated by `|`. What is no text is
/// replaced, as `TextDecoder` does it.
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn of(data: &[u8]) -> Self {
        let text = String::from_utf8_lossy(data);
        let (head, body) = text.split_once('\n').unwrap_or(("200", &text));
        let mut parts = head.split('|');
        let status = parts.next().and_then(|status| status.trim().parse().ok()).unwrap_or(200);
        let headers = parts.filter_map(|part| part.split_once(':'));
        let headers = headers.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
        Answer { status, headers, body: body.to_owned() }
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn response(&self) -> Response<'_> {
        let start = Response::new(self.status, &self.body);
        self.headers.iter().fold(start, |response, (name, value)| response.with_header(name, value))
    }
}

/// The body as serde_json reads it, without the byte order mark that the crate passes over.
pub fn json(body: &str) -> serde_json::Value {
    let body = body.strip_prefix('\u{feff}').unwrap_or(body);
    serde_json::from_str(body).unwrap_or_else(|error| panic!("taken, though serde_json says {error}: {body:?}"))
}

/// Everything that an error shows.
pub fn shown(error: &Error) -> String {
    format!("{error} {error:?} {error:#?} {} {:?} {:?}", error.hint(), error.error(), error.error_description())
}

/// Nothing of an error shows a secret.
pub fn assert_hidden(error: &Error, secret: &str) {
    let shown = shown(error);
    assert!(!shown.contains(secret), "{secret:?} is shown: {shown}");
    assert!(!error.message().is_empty() && !error.hint().is_empty());
}

//! Requests and responses as plain data, and what a status means.

use core::fmt;

use zeroize::Zeroizing;

use crate::encode::find;
use crate::error::{Code, Error};
use crate::json::{Fault, Object};
use crate::redact::Redaction;
use crate::time::{Timestamp, retry_after};

/// A request, ready to be sent by whatever the caller has for that. Redirects must not be followed.
///
/// `Debug` shows method and address; authorization and body are left out. Both are wiped from memory on drop.
#[derive(Clone)]
pub struct Request {
    method: &'static str,
    url: String,
    authorization: Option<Zeroizing<String>>,
    form: Option<Zeroizing<String>>,
}

impl Request {
    pub(crate) fn get(url: String) -> Self {
        Request { method: "GET", url, authorization: None, form: None }
    }

    pub(crate) fn post(url: String, authorization: Option<String>, form: String) -> Self {
        let authorization = authorization.map(Zeroizing::new);
        Request { method: "POST", url, authorization, form: Some(Zeroizing::new(form)) }
    }

    /// `GET` or `POST`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Where to send it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names, in lower case, and values of the headers to send.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let content_type = self.form.as_ref().map(|_| ("content-type", "application/x-www-form-urlencoded"));
        let authorization = self.authorization.as_ref().map(|value| ("authorization", value.as_str()));
        [Some(("accept", "application/json")), content_type, authorization].into_iter().flatten()
    }

    /// The body of a `POST`.
    pub fn body(&self) -> Option<&str> {
        self.form.as_ref().map(|form| form.as_str())
    }

    /// What of this request must not show up in an error about its answer.
    pub fn redaction(&self) -> Redaction {
        Redaction::of_request(self.authorization.as_ref().map(|value| value.as_str()), self.body())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("url", &self.url).finish_non_exhaustive()
    }
}

/// An answer. `Debug` leaves the body out.
#[derive(Clone, Copy)]
pub struct Response<'a> {
    /// The HTTP status; 0 for a browser's opaque redirect.
    pub status: u16,
    /// The value of the `content-type` header, if there is one.
    pub content_type: Option<&'a str>,
    /// The value of the `retry-after` header, if there is one.
    pub retry_after: Option<&'a str>,
    /// The body as text.
    pub body: &'a str,
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Response<'_> {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The JSON object that a success must hold.
    ///
    /// # Errors
    /// By status where it is no success; else `response_too_large`, `response_not_json`, `member_duplicate`.
    pub(crate) fn document(&self, kind: &Kind, now: Timestamp) -> Result<Object, Error> {
        if !self.is_success() {
            return Err(self.status_error(kind, now));
        }
        let fail = |code, problem: &str, hint: &'static str| {
            Error::new(code, ["the ", kind.answer, problem].concat(), hint).with_status(self.status)
        };
        let not_json = |problem| fail(Code::ResponseNotJson, problem, kind.address_hint);
        if self.body.len() > kind.longest_body {
            return Err(fail(Code::ResponseTooLarge, " is larger than any honest one", kind.address_hint));
        }
        if !self.content_type.is_none_or(is_json) {
            return Err(not_json(" does not have a JSON content type"));
        }
        if self.body.trim_ascii().is_empty() {
            return Err(not_json(" is empty"));
        }
        Object::parse(self.body).map_err(|fault| match fault {
            Fault::NotJson => not_json(" is not JSON"),
            Fault::NotAnObject => not_json(" is JSON but not an object"),
            Fault::DuplicateMember => fail(
                Code::MemberDuplicate,
                " names a member twice",
                "the server, or something between, makes JSON that programs read differently: report it there",
            ),
        })
    }

    /// What a status says by itself, where the body says nothing that counts.
    pub(crate) fn status_error(&self, kind: &Kind, now: Timestamp) -> Error {
        let (code, problem, hint) = match self.status {
            0 | 300..=399 => (Code::EndpointRedirects, " redirects elsewhere", kind.redirect_hint),
            401 => (Code::CredentialsRefused, " refused the credentials", "check the client id and the client secret"),
            403 => (
                Code::RequestRefused,
                " refused the request",
                "check what the client may do; a firewall may also stand between",
            ),
            404 if find(self.body, "Instance not found").is_some() => {
                (Code::EndpointNotFound, " does not know its own host name", INSTANCE_HINT)
            }
            404 => (Code::EndpointNotFound, " was not found", kind.address_hint),
            405 | 415 => (Code::EndpointUnsuitable, " does not take such a request", kind.address_hint),
            429 => (
                Code::RateLimited,
                " limits the rate of requests",
                "wait until retryAt, or a minute where it is not set; share one token among callers",
            ),
            408 | 503 => (Code::ServerOverloaded, " is overloaded or down for a while", "try again later"),
            500..=599 => (Code::ServerFailed, " failed", "try again later; the server's own log says why"),
            _ => (
                Code::StatusUnexpected,
                " answered neither with success nor with an error of the protocol's",
                kind.address_hint,
            ),
        };
        let message = ["the ", kind.endpoint, problem, &status_suffix(self.status)].concat();
        Error::new(code, message, hint).with_status(self.status).with_retry_at(self.retry_at(code, now))
    }

    /// `Retry-After`, where it makes sense to come back.
    pub(crate) fn retry_at(&self, code: Code, now: Timestamp) -> Option<Timestamp> {
        let waits = matches!(code, Code::RateLimited | Code::ServerOverloaded | Code::ServerFailed);
        self.retry_after.filter(|_| waits).and_then(|header| retry_after(header, now))
    }
}

/// ` (status 404)`. By hand: `format!` brings half a kilobyte.
pub(crate) fn status_suffix(status: u16) -> String {
    let mut digits = String::new();
    for place in [10_000, 1_000, 100, 10, 1] {
        if status >= place || place == 1 {
            digits.push(char::from(b'0' + (status / place % 10) as u8));
        }
    }
    [" (status ", &digits, ")"].concat()
}

/// ZITADEL's answer to a host that it serves no instance for (zitadel/zitadel#8605).
const INSTANCE_HINT: &str = "use a domain of the ZITADEL instance itself, or add this one to its domains; \
    a proxy in front must pass the host name on";

/// A kind of endpoint: how messages name it, and its limits.
pub(crate) struct Kind {
    pub(crate) endpoint: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) longest_body: usize,
    pub(crate) address_hint: &'static str,
    pub(crate) redirect_hint: &'static str,
}

/// `application/json` or another JSON type (RFC 6838 section 4.2.8), whatever its parameters.
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    media_type == "application/json" || media_type == "text/json" || media_type.ends_with("+json")
}

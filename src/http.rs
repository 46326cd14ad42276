//! Requests and responses as plain data.

use core::fmt;

use zeroize::Zeroizing;

use crate::redact::Redaction;

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
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) retry_after: Option<&'a str>,
    pub(crate) date: Option<&'a str>,
    pub(crate) cache_control: Option<&'a str>,
    pub(crate) cf_mitigated: Option<&'a str>,
    pub(crate) body: &'a str,
}

impl<'a> Response<'a> {
    /// An answer without headers. `status` is 0 for a browser's opaque redirect; `body` is the whole of it, as text.
    pub fn new(status: u16, body: &'a str) -> Self {
        Response {
            status,
            content_type: None,
            retry_after: None,
            date: None,
            cache_control: None,
            cf_mitigated: None,
            body,
        }
    }

    /// Adds a header; those that say nothing here are passed over, so that all of them can be given.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &'a str) -> Self {
        if name.eq_ignore_ascii_case("content-type") {
            self.content_type = Some(value);
        } else if name.eq_ignore_ascii_case("retry-after") {
            self.retry_after = Some(value);
        } else if name.eq_ignore_ascii_case("date") {
            self.date = Some(value);
        } else if name.eq_ignore_ascii_case("cache-control") {
            self.cache_control = Some(value);
        } else if name.eq_ignore_ascii_case("cf-mitigated") {
            self.cf_mitigated = Some(value);
        }
        self
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

//! A request as plain data.

use alloc::string::String;

use core::fmt;

use zeroize::Zeroizing;

use crate::redact::Redaction;

/// A request, ready to be sent by whatever the caller has for that. Redirects must not be followed.
///
/// `Debug` shows method and address; authorization and body are left out. Both are wiped from
/// memory on drop.
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
        Redaction::of_request(Some(&self.url), self.authorization.as_ref().map(|value| value.as_str()), self.body())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("url", &self.url).finish_non_exhaustive()
    }
}

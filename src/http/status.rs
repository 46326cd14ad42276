//! What an answer's status, size and content type say by themselves.

use crate::encoding::json::{Fault, Object};
use crate::encoding::number::{digits, digits_of, push_digits};
use crate::encoding::text::{concat, parts};
use crate::encoding::time::{Timestamp, http_date, retry_after};
use crate::error::{Code, Error};
use crate::http::Response;
use crate::zitadel::error_texts;

/// How far a clock is ahead of the server's, or behind it, in ms, that an assertion cannot survive.
/// It is dated back a minute and ends after five (`oauth/client_assertion.rs`); the answer is up to
/// ten seconds later than its date, and the assertion was made up to twenty before.
const AHEAD: u64 = 70_000;
const BEHIND: u64 = 280_000;

/// A kind of endpoint: how messages name it, and its limits.
pub(crate) struct Kind {
    pub(crate) endpoint: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) longest_body: usize,
    pub(crate) address_hint: &'static str,
    pub(crate) redirect_hint: &'static str,
    pub(crate) refusal_hint: &'static str,
    pub(crate) sends: Sends,
}

/// What a request proves who asks with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sends {
    Nothing,
    Credentials,
    /// An assertion, at the token endpoint.
    Assertion,
}

/// The body as JSON; `None`: too large to be looked at.
pub(crate) type Parsed<'a> = Option<Result<Object<'a>, Fault>>;

impl<'a> Response<'a> {
    /// Parses the body, once for all who look into it.
    pub(crate) fn parsed(&self, kind: &Kind) -> Parsed<'a> {
        (self.body.len() <= kind.longest_body).then(|| Object::parse(self.unmarked()))
    }

    /// The body without a byte order mark.
    fn unmarked(&self) -> &'a str {
        self.body.strip_prefix('\u{feff}').unwrap_or(self.body)
    }

    /// The same, without blanks around it.
    fn text(&self) -> &'a str {
        self.unmarked().trim_ascii()
    }

    /// The JSON object that a success must hold, whatever its content type.
    ///
    /// # Errors
    /// By status where it is no success; else `response_too_large`, `response_not_json`,
    /// `member_duplicate`.
    pub(crate) fn document(&self, parsed: Parsed<'a>, kind: &Kind, now: Timestamp) -> Result<Object<'a>, Error> {
        if !self.is_success() {
            return Err(self.status_error(kind, now));
        }
        let fail = |code, problem: &str, hint: &'static str| {
            Error::new(code, concat(&["the ", kind.answer, problem]), hint).with_status(self.status)
        };
        let not_json = |problem| fail(Code::ResponseNotJson, problem, kind.address_hint);
        let Some(parsed) = parsed else {
            let limit = digits_of(kind.longest_body);
            let problem = concat(&[" has more than the ", &limit, " bytes that are read"]);
            return Err(fail(Code::ResponseTooLarge, &problem, kind.address_hint));
        };
        if self.text().is_empty() {
            return Err(not_json(" is empty"));
        }
        parsed.map_err(|fault| match fault {
            Fault::NotJson => not_json(" is not JSON that can be read"),
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
        let own = self.is_from_between().then(|| self.between());
        let (code, problem, hint) = match self.status {
            0 | 300..=399 => (Code::EndpointRedirects, " redirects elsewhere", kind.redirect_hint),
            404 if error_texts::is_unknown_instance(self.body) => {
                (Code::EndpointNotFound, " does not know its own host name", error_texts::UNKNOWN_INSTANCE_HINT)
            }
            404 if own.is_none() || self.is_page() => (Code::EndpointNotFound, " was not found", kind.address_hint),
            405 | 415 => (Code::EndpointUnsuitable, " does not take such a request", kind.address_hint),
            429 if error_texts::is_blocked_instance(self.body) => {
                (Code::RequestRefused, " belongs to a blocked instance", error_texts::BLOCKED_INSTANCE_HINT)
            }
            429 => (
                Code::RateLimited,
                " limits the rate of requests",
                "wait until retryAt, or a minute; keep what was obtained instead of asking each time",
            ),
            408 | 503 => (Code::ServerOverloaded, " is overloaded or down for a while", "try again later"),
            500..=599 => (Code::ServerFailed, " failed", "try again later; the server's own log says why"),
            _ if own.is_some() => (Code::StatusUnexpected, "", ""),
            401 | 403 if kind.sends != Sends::Nothing => {
                (Code::CredentialsRefused, " refused the credentials", kind.refusal_hint)
            }
            400 if kind.sends == Sends::Assertion => {
                (Code::CredentialsRefused, " refused the assertion", kind.refusal_hint)
            }
            401 | 403 => (Code::RequestRefused, " refused the request", kind.refusal_hint),
            _ => (
                Code::StatusUnexpected,
                " answered neither with success nor with an error of the protocol's",
                kind.address_hint,
            ),
        };
        let status = status_suffix(self.status);
        let is_told = matches!(self.status, 408 | 429 | 500..) || code == Code::StatusUnexpected;
        let error = match own.filter(|_| is_told) {
            Some((who, hint)) => {
                Error::new(code, concat(&[&who, " answered in place of the ", kind.endpoint, &status]), hint)
            }
            None => Error::new(code, concat(&["the ", kind.endpoint, problem, &status]), hint),
        };
        error.with_status(self.status).with_retry_at(self.retry_at(code, now))
    }

    /// Whether somebody between this program and the server answered: with a page, with
    /// Cloudflare's bare `error code: 1020`, or with its challenge to prove to be no robot.
    /// Glewlwyd's own 403 calls itself HTML and is empty.
    pub(crate) fn is_from_between(&self) -> bool {
        self.cf_mitigated.is_some() || self.is_page() || self.error_code().is_some()
    }

    fn is_page(&self) -> bool {
        let text = self.text();
        let is_called_one = self.content_type.is_some_and(is_html) && !text.is_empty() && !text.starts_with('{');
        text.starts_with('<') || is_called_one
    }

    /// The number in Cloudflare's `error code: 1020`.
    fn error_code(&self) -> Option<&str> {
        let number = self.text().strip_prefix("error code: ")?;
        (number.len() <= 5 && digits(number).is_some()).then_some(number)
    }

    /// Who answered in the server's place, and what to do.
    fn between(&self) -> (String, String) {
        let who = match self.error_code() {
            Some(number) => concat(&["Cloudflare, by its error code ", number, ","]),
            None => "a firewall or a proxy".to_owned(),
        };
        // Hexadecimal digits, and the airport of the data centre.
        let is_plain = |ray: &&str| ray.len() <= 24 && ray.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let ray = self.cf_ray.filter(is_plain).map(|ray| concat(&[" (its `cf-ray` is ", ray, ")"]));
        let hint = "the server itself did not see the request, and no credentials were looked at: let this program \
            through what stands before the server, or go another way";
        (who, concat(&[hint, ray.as_deref().unwrap_or_default()]))
    }

    /// `Retry-After`, where it makes sense to come back.
    pub(crate) fn retry_at(&self, code: Code, now: Timestamp) -> Option<Timestamp> {
        let waits = matches!(code, Code::RateLimited | Code::ServerOverloaded | Code::ServerFailed);
        self.retry_after.filter(|_| waits).and_then(|header| retry_after(header, now))
    }

    /// Whether an assertion made now, dated back ten seconds and good for five minutes, is of the
    /// server's future or past. The answer came later than it is dated.
    pub(crate) fn outdates_assertions(&self, now: Timestamp) -> bool {
        let date = self.date.and_then(http_date);
        date.is_some_and(|date| now.millis_since(date) > AHEAD || date.millis_since(now) > BEHIND)
    }
}

/// ` (status 404)`.
pub(crate) fn status_suffix(status: u16) -> String {
    let mut digits = String::new();
    push_digits(&mut digits, status.into());
    concat(&[" (status ", &digits, ")"])
}

fn is_html(content_type: &str) -> bool {
    matches!(media_type(content_type).as_str(), "text/html" | "application/xhtml+xml")
}

fn media_type(content_type: &str) -> String {
    parts(content_type, ";").next().unwrap_or_default().trim_ascii().to_ascii_lowercase()
}

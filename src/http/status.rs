//! What an answer's status, size and content type say by themselves.

use alloc::string::String;

use crate::encoding::json::{Fault, Object};
use crate::encoding::number::{digits_of, push_digits};
use crate::encoding::text::concat;
use crate::encoding::time::{Timestamp, http_date, retry_after};
use crate::error::{Code, Error};
use crate::http::Response;
use crate::zitadel::error_texts;

/// How far a clock is ahead of the server's, or behind it, in ms, that an assertion cannot survive.
/// It is dated back 30 s and ends after five minutes (`oauth/client_assertion.rs`); the answer is up
/// to ten seconds later than its date, and the assertion was made up to twenty before.
const AHEAD: u64 = 40_000;
const BEHIND: u64 = 280_000;

/// A kind of endpoint: how messages name it, and its limits.
pub(crate) struct Kind {
    pub(crate) endpoint: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) longest_body: usize,
    pub(crate) address_hint: &'static str,
    pub(crate) redirect_hint: &'static str,
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

/// The caller says more, by what was sent.
const CREDENTIALS_HINT: &str = "check the credentials";

/// The body as JSON; `None`: too large to be looked at.
pub(crate) type Parsed<'a> = Option<Result<Object<'a>, Fault>>;

impl<'a> Response<'a> {
    /// Parses the body, once for all who look into it.
    pub(crate) fn parsed(&self, kind: &Kind) -> Parsed<'a> {
        (self.body.len() <= kind.longest_body).then(|| Object::parse(self.unmarked()))
    }

    /// The body without a byte order mark.
    fn unmarked(&self) -> &'a str {
        self.body.trim_start_matches('\u{feff}')
    }

    /// The same, without blanks around it.
    pub(super) fn text(&self) -> &'a str {
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
        let fail = |code, problem: &str, hint: &str| {
            let hint = self.hint_about_page(hint);
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
        let between = self.between();
        let (code, problem, hint) = match self.status {
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
            _ if between.is_some() => (Code::StatusUnexpected, "", ""),
            0 | 300..=399 => (Code::EndpointRedirects, " redirects elsewhere", kind.redirect_hint),
            404 if error_texts::is_unknown_instance(self.body) => {
                (Code::EndpointNotFound, " does not know its own host name", error_texts::UNKNOWN_INSTANCE_HINT)
            }
            404 => (Code::EndpointNotFound, " was not found", kind.address_hint),
            405 | 415 => (Code::EndpointUnsuitable, " does not take such a request", kind.address_hint),
            400 if kind.sends == Sends::Assertion => {
                (Code::CredentialsRefused, " refused the assertion", CREDENTIALS_HINT)
            }
            401 | 403 if kind.sends == Sends::Nothing => {
                (Code::RequestRefused, " refused the request", "it needs no credentials: check what stands between")
            }
            401 | 403 => (Code::CredentialsRefused, " refused the credentials", CREDENTIALS_HINT),
            _ => (
                Code::StatusUnexpected,
                " answered neither with success nor with an error of the protocol's",
                kind.address_hint,
            ),
        };
        let status = status_suffix(self.status);
        let error = match between {
            Some((who, hint)) => {
                Error::new(code, concat(&[&who, " answered in place of the ", kind.endpoint, &status]), hint)
            }
            None => {
                let hint = self.hint_about_page(hint);
                Error::new(code, concat(&["the ", kind.endpoint, problem, &status]), hint)
            }
        };
        error.with_status(self.status).with_retry_at(self.retry_at(code, now))
    }

    /// `Retry-After`, where it makes sense to come back.
    pub(crate) fn retry_at(&self, code: Code, now: Timestamp) -> Option<Timestamp> {
        let waits = matches!(code, Code::RateLimited | Code::ServerOverloaded | Code::ServerFailed);
        self.retry_after.filter(|_| waits).and_then(|header| retry_after(header, now))
    }

    /// Whether an assertion made now, dated back 30 s and good for five minutes, is of the server's
    /// future or past. The answer came later than it is dated.
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

//! A refusal: what the body's words and the status say together.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::json::{Object, Value};
use crate::encoding::text::{concat, find};
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::Response;
use crate::http::status::{Kind, Parsed, status_suffix};
use crate::redact::Redaction;
use crate::zitadel::error_texts;

/// What an answer refuses; `None` for a success whose body names no error.
///
/// A name that no specification knows counts only with a status that refuses: a 503 of some
/// framework's with `{"error":"Service Unavailable"}` says no more than its status. 429 is decided
/// by its status alone, and so is an answer of somebody in between. `elsewhere` is what names mean
/// at an endpoint that is not the token endpoint.
pub(crate) fn refusal(
    response: &Response<'_>,
    parsed: &Parsed<'_>,
    kind: &Kind,
    redaction: &Redaction,
    now: Timestamp,
    elsewhere: Option<&Meanings>,
) -> Option<Error> {
    let words = Words::of(parsed);
    let is_by_status = words.error.is_empty() || response.status == 429 || response.is_from_between();
    let meaning = if is_by_status { None } else { words.meaning(response, redaction, elsewhere) };
    let error = match meaning {
        Some((code, problem, hint)) => Error::new(code, concat(&[problem, &status_suffix(response.status)]), hint)
            .with_status(response.status)
            .with_retry_at(response.retry_at(code, now)),
        None if response.is_success() => return None,
        None => by_status(response, kind, redaction, now),
    };
    let (name, description) = words.shown(redaction);
    Some(with_clock(error, response, &words, redaction, now).with_server_error(name, description))
}

/// What the status says; of a refusal of the credentials what to check, by what was sent.
fn by_status(response: &Response<'_>, kind: &Kind, redaction: &Redaction, now: Timestamp) -> Error {
    let error = response.status_error(kind, now);
    if error.code() == Code::CredentialsRefused { error.with_hint(hint_of(redaction)) } else { error }
}

/// Says that a clock is off, where an assertion was refused and the answer shows that.
pub(crate) fn with_clock(
    error: Error,
    response: &Response<'_>,
    words: &Words<'_>,
    redaction: &Redaction,
    now: Timestamp,
) -> Error {
    let may_be = is_by_assertion(redaction) && matches!(error.code(), Code::CredentialsRefused | Code::ServerFailed);
    match may_be {
        true if response.outdates_assertions(now) => error.with_hint(CLOCK_HINT),
        true if words.speak_of_time() => error.with_hint(TIME_HINT),
        _ => error,
    }
}

/// What a server says of a failure.
#[derive(Default)]
pub(crate) struct Words<'a> {
    /// The name of an error (RFC 6749 section 5.2), or empty.
    pub(crate) error: &'a str,
    pub(crate) description: &'a str,
    /// ZITADEL's exact cause, where its feature `debugOidcParentError` is on.
    parent: &'a str,
}

/// The members in which servers and gateways describe errors.
const DESCRIPTIONS: [&str; 6] = ["error_description", "message", "detail", "title", "errorSummary", "faultstring"];

impl<'a> Words<'a> {
    pub(crate) fn of(parsed: &'a Parsed<'_>) -> Self {
        let Some(Ok(document)) = parsed else { return Words::default() };
        let nested = document.values().filter_map(|value| match value {
            Value::Object(object) => description(object),
            _ => None,
        });
        Words {
            error: text(document, "error"),
            description: description(document).or_else(|| nested.into_iter().next()).unwrap_or_default(),
            parent: text(document, "parent"),
        }
    }

    fn meaning(&self, response: &Response<'_>, redaction: &Redaction, elsewhere: Option<&Meanings>) -> Option<Meaning> {
        // Login names and secrets that these texts speak of are a service user's, at the token
        // endpoint.
        let is_foreign = elsewhere.is_some() || is_by_assertion(redaction);
        let is_other = (is_foreign && error_texts::is_about_secret(self.description))
            || (self.description == error_texts::INVALID_ASSERTION && !redaction.knows("assertion"));
        let of_zitadel = error_texts::explain(self.description).filter(|_| !is_other);
        if of_zitadel.is_some() {
            return of_zitadel;
        }
        let named = elsewhere.and_then(|meaning| meaning(self.error));
        let named = named.or_else(|| self.of_assertion(response, redaction));
        let named = named.or_else(|| registered(self.error, redaction));
        let refuses = response.is_success() || matches!(response.status, 400 | 401 | 403);
        let meaning = named.or_else(|| refuses.then_some(UNKNOWN_ERROR))?;
        let may_be = self.may_be_about_credentials(meaning.0, response.status, redaction, elsewhere.is_some());
        Some(if may_be { credentials_refused(redaction) } else { meaning })
    }

    /// Whether a refusal that is called otherwise may be about the credentials: servers call it in
    /// many ways, Keycloak `unauthorized_client`, Auth0 `access_denied`.
    fn may_be_about_credentials(&self, code: Code, status: u16, redaction: &Redaction, is_elsewhere: bool) -> bool {
        let is_registered = is_registered(self.error);
        match (code, status) {
            (Code::RequestRefused | Code::GrantRefused, 401) => {
                let says_why = self.error == "unsupported_grant_type" || error_texts::is_own_text(self.description);
                !says_why && !self.speak_of_grant()
            }
            (Code::RequestRefused, 403) => !is_registered,
            (Code::RequestRefused, 400) => !is_elsewhere && is_by_assertion(redaction),
            _ => false,
        }
    }

    /// What names mean where an assertion was sent (RFC 7521 sections 4.1.1 and 4.2.1), which has
    /// more ways to be wrong than a secret.
    fn of_assertion(&self, response: &Response<'_>, redaction: &Redaction) -> Option<Meaning> {
        let is_grant = redaction.knows("assertion");
        let is_client = redaction.knows("client_assertion");
        Some(match self.error {
            "invalid_grant" | "invalid_client" if is_grant => credentials_refused(redaction),
            // ZITADEL's answer until 2025 to any assertion that it does not accept, a client's as well
            // (zitadel/zitadel#11892); an outage has another status.
            "server_error" if response.status == 500 && (is_grant || is_client) => {
                (Code::ServerFailed, "the server failed, as some do where they refuse an assertion", hint_of(redaction))
            }
            "unauthorized_client" | "unsupported_grant_type" if is_grant => (
                Code::GrantRefused,
                "the server gives no token for an assertion",
                "allow the grant urn:ietf:params:oauth:grant-type:jwt-bearer, or use client credentials",
            ),
            "invalid_client" if is_client && self.description == "client not found" => {
                (Code::CredentialsRefused, "the client id is unknown", error_texts::OWNER_HINT)
            }
            _ => return None,
        })
    }

    /// Keycloak's two texts about the grant, and Auth0's.
    fn speak_of_grant(&self) -> bool {
        self.contain(&["service account", "grant type"])
    }

    /// Keycloak's, and others', of an assertion that is not good at this time.
    fn speak_of_time(&self) -> bool {
        self.contain(&["issued in the future", "token is not active", "token reuse", "token has expired"])
    }

    fn contain(&self, parts: &[&str]) -> bool {
        let lower = self.description.to_ascii_lowercase();
        parts.iter().any(|part| find(&lower, part).is_some())
    }

    /// The name and the description, fit to be shown.
    pub(crate) fn shown(&self, redaction: &Redaction) -> (Option<String>, Option<String>) {
        let clean = |text: &str| Some(text).filter(|text| !text.is_empty()).and_then(|text| redaction.clean(text));
        let is_known = |text: &str| is_registered(text) || error_texts::is_own_text(text);
        let show = |text: &str| if is_known(text) { Some(text.to_owned()) } else { clean(text) };
        let description = match (show(self.description), clean(self.parent)) {
            (Some(description), Some(parent)) => Some(concat(&[&description, " (", &parent, ")"])),
            (description, parent) => description.or(parent),
        };
        (show(self.error), description)
    }
}

fn text<'a>(document: &'a Object<'_>, name: &str) -> &'a str {
    document.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn description<'a>(document: &'a Object<'_>) -> Option<&'a str> {
    DESCRIPTIONS.iter().map(|name| text(document, name)).find(|text| !text.is_empty())
}

/// Code, message and hint.
pub(crate) type Meaning = (Code, &'static str, &'static str);

/// What names of errors mean.
pub(crate) type Meanings<'a> = dyn Fn(&str) -> Option<Meaning> + 'a;

const UNKNOWN_ERROR: Meaning = (
    Code::RequestRefused,
    "the server refused the request",
    "`error` and `errorDescription` have the server's own words, as far as they may be shown",
);

/// Whether the request was proven by an assertion, and so by no secret.
pub(crate) fn is_by_assertion(redaction: &Redaction) -> bool {
    redaction.knows("assertion") || redaction.knows("client_assertion")
}

/// What a refusal of the credentials says, by what was sent.
pub(crate) fn credentials_refused(redaction: &Redaction) -> Meaning {
    let problem = if redaction.knows("assertion") {
        "the server refused the assertion"
    } else if redaction.knows("client_assertion") {
        "the server refused the client's assertion"
    } else if redaction.has_secret() {
        "the server refused the client id or the client secret"
    } else {
        "the server refused the credentials"
    };
    (Code::CredentialsRefused, problem, hint_of(redaction))
}

pub(crate) fn hint_of(redaction: &Redaction) -> &'static str {
    if redaction.knows("assertion") {
        if redaction.has_secret() { ASSERTION_AND_SECRET_HINT } else { ASSERTION_HINT }
    } else if redaction.knows("client_assertion") {
        CLIENT_ASSERTION_HINT
    } else if redaction.is_changed_by_basic() {
        ENCODING_HINT
    } else if redaction.knows("client_secret") {
        "check both, for blanks around them too; the server may also want \
            `clientAuth: \"client_secret_basic\"`"
    } else if redaction.has_secret() {
        "check both, for blanks around them too; the server may also want \
            `clientAuth: \"client_secret_post\"`"
    } else {
        "check what the request authenticates with, for blanks around it too"
    }
}

const ENCODING_HINT: &str = "check both, for blanks around them too. Basic encodes their symbols: a server \
    that does not decode them wants `clientAuth: \"client_secret_post\"`";

const CLOCK_HINT: &str = "set the clock of this machine: by the answer's `date` header it is off";

const TIME_HINT: &str = "set the clock of this machine: by the server's words the assertion is of another time, or was \
    sent twice";

const ASSERTION_HINT: &str = "check the key, its id, `algorithm` and `userId`, and whether it was deleted or has \
    expired; the clock; and the audience (of your own key `assertionAudience`): servers want exactly their issuer or \
    their token endpoint. Some want `clientId` and `clientSecret` too";

const ASSERTION_AND_SECRET_HINT: &str = "check the client id and the client secret, for blanks around them too, and \
    `clientAuth`; of the assertion the key, the audience and the clock";

const CLIENT_ASSERTION_HINT: &str = "check that the server has this client's public key, under this key id, and \
    takes its `algorithm`; the clock; and the audience (of your own key `assertionAudience`): servers want exactly \
    their issuer or their token endpoint";

/// Whether a name is one of those that the specifications give to errors.
pub(crate) fn is_registered(error: &str) -> bool {
    registered(error, &Redaction::unknown()).is_some()
}

/// The errors of RFC 6749 sections 4.1.2.1 and 5.2, and of RFC 8707 section 2.
pub(crate) fn registered(error: &str, redaction: &Redaction) -> Option<Meaning> {
    Some(match error {
        "invalid_client" => credentials_refused(redaction),
        "unauthorized_client" | "invalid_grant" => (
            Code::GrantRefused,
            "the server gives this client no token by this grant",
            "allow the grant for this client: client_credentials, unless another was sent",
        ),
        "unsupported_grant_type" => (
            Code::GrantRefused,
            "the server does not have this grant",
            "check `tokenEndpoint`; if it is right, the server has to be set up for the grant",
        ),
        "invalid_scope" => {
            (Code::ScopeRefused, "the server refused the scope", "ask only for scopes that this client may have")
        }
        "invalid_target" => (
            Code::TargetRefused,
            "the server does not know the resource, or not for this client",
            "write the resource exactly as the server has it registered (RFC 8707)",
        ),
        "invalid_request" | "access_denied" => UNKNOWN_ERROR,
        "server_error" => (Code::ServerFailed, "the server failed", "try again later; the server's own log says why"),
        "temporarily_unavailable" => {
            (Code::ServerOverloaded, "the server is overloaded or down for a while", "try again later")
        }
        _ => return None,
    })
}

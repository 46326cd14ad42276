//! A refusal by OAuth's own means: the `error` member of a body.

use crate::encoding::json::{Object, Value};
use crate::encoding::text::concat;
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::Response;
use crate::http::status::status_suffix;
use crate::redact::Redaction;
use crate::zitadel::error_texts;

/// The error that the body's `error` member tells of, in a refusal or in a 200.
///
/// A name that no specification knows counts only with a status that refuses: a 503 of some
/// framework's with `{"error":"Service Unavailable"}` says no more than its status. 429 says all by
/// itself, whatever stands in the body. `elsewhere` is what names mean at the endpoint that was
/// asked where that is not the token endpoint.
pub(crate) fn refusal(
    response: &Response<'_>,
    document: &Object,
    redaction: &Redaction,
    now: Timestamp,
    elsewhere: Option<&Meanings>,
) -> Option<Error> {
    if response.status == 429 {
        return None;
    }
    let error = document.get("error").and_then(Value::as_str).filter(|error| !error.is_empty())?;
    let description = document.get("error_description").and_then(Value::as_str).unwrap_or_default();

    let known = of_assertion(error, response, redaction, now);
    let known = known.or_else(|| elsewhere.and_then(|meaning| meaning(error))).or_else(|| registered(error));
    let meaning = error_texts::explain(description);
    // Login names and secrets that these texts speak of are a service user's, at the token
    // endpoint.
    let meaning = meaning
        .filter(|_| !error_texts::is_about_secret(description) || (elsewhere.is_none() && !is_by_assertion(redaction)));
    let meaning = meaning.map(|own| (own.code, own.problem, own.hint));
    let refuses = response.is_success() || matches!(response.status, 400 | 401 | 403);
    let (code, problem, hint) = meaning.or(known).or_else(|| refuses.then_some(UNKNOWN_ERROR))?;

    let shown_error = known.map(|_| error.to_owned()).or_else(|| redaction.clean(error));
    let shown_description = Some(description)
        .filter(|text| !text.is_empty())
        .and_then(|text| if error_texts::is_own_text(text) { Some(text.to_owned()) } else { redaction.clean(text) });
    let message = concat(&[problem, &status_suffix(response.status)]);
    Some(
        Error::new(code, message, hint)
            .with_status(response.status)
            .with_retry_at(response.retry_at(code, now))
            .with_server_error(shown_error, shown_description),
    )
}

/// Code, message and hint.
pub(crate) type Meaning = (Code, &'static str, &'static str);

/// What names of errors mean.
pub(crate) type Meanings<'a> = dyn Fn(&str) -> Option<Meaning> + 'a;

const UNKNOWN_ERROR: Meaning = (
    Code::RequestRefused,
    "the server refused the request",
    "see error and errorDescription, the server's own words; parseTokenResponse shows them where it is given the \
        request",
);

/// Whether the request was proven by an assertion, and so by no secret.
pub(crate) fn is_by_assertion(redaction: &Redaction) -> bool {
    redaction.knows("assertion") || redaction.knows("client_assertion")
}

/// What names mean where an assertion was sent (RFC 7521 sections 4.1.1 and 4.2.1), which has more
/// ways to be wrong than a secret.
fn of_assertion(error: &str, response: &Response<'_>, redaction: &Redaction, now: Timestamp) -> Option<Meaning> {
    let is_grant = redaction.knows("assertion");
    let is_client = redaction.knows("client_assertion");
    let hint = match is_grant {
        _ if response.outdates_assertions(now) => CLOCK_HINT,
        true => ASSERTION_HINT,
        false => CLIENT_ASSERTION_HINT,
    };
    Some(match error {
        "invalid_grant" | "invalid_client" if is_grant => {
            (Code::CredentialsRefused, "the server refused the assertion", hint)
        }
        // ZITADEL's answer to any assertion that it does not accept, a client's as well
        // (zitadel/zitadel#11892); an outage has another status.
        "server_error" if response.status == 500 && (is_grant || is_client) => {
            (Code::ServerFailed, "the server failed, as ZITADEL does where it refuses an assertion", hint)
        }
        "unauthorized_client" | "unsupported_grant_type" if is_grant => (
            Code::GrantRefused,
            "the server gives no token for an assertion",
            "allow the grant urn:ietf:params:oauth:grant-type:jwt-bearer, or use client credentials",
        ),
        "invalid_client" if is_client => (Code::CredentialsRefused, "the server refused the client's assertion", hint),
        _ => return None,
    })
}

const CLOCK_HINT: &str = "set the clock of this machine: by the answer's `date` header it is off";

const ASSERTION_HINT: &str = "check that the server has the key, neither deleted nor expired, that its id and its \
    user's are right, that the audience is the server's issuer exactly, and that the clock is right";

const CLIENT_ASSERTION_HINT: &str = "check that the server has this client's public key under this key id, that the \
    audience is the one it wants (its issuer, or its token endpoint), and that the clock is right";

/// The errors of RFC 6749 sections 4.1.2.1 and 5.2, and of RFC 8707 section 2.
pub(crate) fn registered(error: &str) -> Option<Meaning> {
    Some(match error {
        "invalid_client" => (
            Code::CredentialsRefused,
            "the server refused the client id or the client secret",
            "check both, for blanks and quotes around them too; with ZITADEL the id is the login name, not the number. \
                If they are right, the server may want `client_secret_post`",
        ),
        "unauthorized_client" | "unsupported_grant_type" | "invalid_grant" => (
            Code::GrantRefused,
            "the server does not give this client a token by client credentials",
            "allow the client_credentials grant for this client",
        ),
        "invalid_scope" => (
            Code::ScopeRefused,
            "the server refused the scope",
            "ask only for scopes that this client may have; older ZITADEL servers want `openid` among them",
        ),
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

//! A refusal by OAuth's own means: the `error` member of a body.

use crate::answer::status_suffix;
use crate::encode::concat;
use crate::error::{Code, Error};
use crate::http::Response;
use crate::json::{Object, Value};
use crate::redact::Redaction;
use crate::time::Timestamp;
use crate::zitadel;

/// The error that the body's `error` member tells of, in a refusal or in a 200.
///
/// A name that no specification knows counts only with a status that refuses: a 503 of some framework's with
/// `{"error":"Service Unavailable"}` says no more than its status. 429 says all by itself, whatever stands in the body.
pub(crate) fn refusal(
    response: &Response<'_>,
    document: &Object,
    redaction: &Redaction,
    now: Timestamp,
) -> Option<Error> {
    if response.status == 429 {
        return None;
    }
    let error = document.get("error").and_then(Value::as_str).filter(|error| !error.is_empty())?;
    let description = document.get("error_description").and_then(Value::as_str).unwrap_or_default();

    let meaning = zitadel::explain(description).map(|own| (own.code, own.problem, own.hint));
    let refuses = response.is_success() || matches!(response.status, 400 | 401 | 403);
    let (code, problem, hint) = meaning.or_else(|| registered(error)).or_else(|| refuses.then_some(UNKNOWN_ERROR))?;

    let shown_error = registered(error).map(|_| error.to_owned()).or_else(|| redaction.clean(error));
    let shown_description = Some(description)
        .filter(|text| !text.is_empty())
        .and_then(|text| if zitadel::is_own_text(text) { Some(text.to_owned()) } else { redaction.clean(text) });
    let message = concat(&[problem, &status_suffix(response.status)]);
    Some(
        Error::new(code, message, hint)
            .with_status(response.status)
            .with_retry_at(response.retry_at(code, now))
            .with_server_error(shown_error, shown_description),
    )
}

type Meaning = (Code, &'static str, &'static str);

const UNKNOWN_ERROR: Meaning = (
    Code::RequestRefused,
    "the server refused the request",
    "see error and errorDescription, the server's own words; parseTokenResponse shows them where it is given the request",
);

/// The errors of RFC 6749 sections 4.1.2.1 and 5.2, and of RFC 8707 section 2.
fn registered(error: &str) -> Option<Meaning> {
    Some(match error {
        "invalid_client" => (
            Code::CredentialsRefused,
            "the server refused the client id or the client secret",
            "check both, for blanks and quotes around them too; with ZITADEL the id is the login name, not the number. If they \
             are right, the server may want the other client authentication, `client_secret_post`",
        ),
        "unauthorized_client" | "unsupported_grant_type" | "invalid_grant" => (
            Code::GrantRefused,
            "the server does not give this client a token by client credentials",
            "allow the client_credentials grant for this client (in ZITADEL: a service user with a client secret)",
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

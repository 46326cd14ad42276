//! What a refusal at the introspection endpoint says: of the token, or of whoever asks.

use crate::encoding::json::Value;
use crate::encoding::text::{concat, find};
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::Response;
use crate::http::status::{Kind, Parsed, Sends, status_suffix};
use crate::oauth::error_response::{Meaning, Words, credentials_refused, hint_of, is_registered, refusal, with_clock};
use crate::redact::Redaction;
use crate::zitadel::error_texts;

/// Whether a refusal is about the token. Anybody can send garbage, and what a server says of
/// garbage must not count against this API.
pub(crate) fn is_about_token(response: &Response, parsed: &Parsed, redaction: &Redaction) -> bool {
    let document = match parsed {
        Some(parsed) => parsed.as_ref().ok(),
        None => return false,
    };
    let text = |name| document.and_then(|document| document.get(name)).and_then(Value::as_str).unwrap_or_default();
    match (response.status, text("error")) {
        (429, _) => false,
        // RFC 7662 section 2.3 has it for the token that an API comes with.
        (_, "invalid_token") => !redaction.has_bearer(),
        // RFC 7009's; oidc-provider borrows it.
        (401 | 403, "unsupported_token_type") => true,
        (404, "not_found") => !error_texts::is_unknown_instance(response.body),
        (400, "server_error" | "temporarily_unavailable") => false,
        (400, error) => {
            let words = if document.is_some() { Words::of(parsed).description } else { response.body };
            // A token may hold any words, and a server may quote it.
            !speaks_of_asker(error) && !speaks_of_asker(&redaction.without("token", words))
        }
        _ => false,
    }
}

/// Whether a server's words are about who asks: its credentials, or a request for something else
/// than an introspection.
fn speaks_of_asker(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = ["invalid_client", "unauthorized_client", "assertion", "client authentication", "grant_type"];
    error_texts::is_about_secret(text) || words.iter().any(|word| find(&lower, word).is_some())
}

/// A refusal that is not about the token.
pub(crate) fn refused(response: &Response, parsed: &Parsed, redaction: &Redaction, now: Timestamp) -> Error {
    let words = Words::of(parsed);
    let meaning = |error: &str| match error {
        // ZITADEL says `unauthorized_client` where others say `invalid_client`.
        "invalid_client" | "unauthorized_client" | "invalid_token" => Some(refused_api(redaction)),
        "unsupported_grant_type" => Some(TAKEN_FOR_ANOTHER),
        _ if !is_registered(error) => None,
        _ => speaks_of_asker(words.description).then(|| refused_api(redaction)),
    };
    let refusal = refusal(response, parsed, &INTROSPECTION, redaction, now, Some(&meaning));
    let refusal = refusal.unwrap_or_else(|| response.status_error(&INTROSPECTION, now));
    // Whatever an answer to garbage calls itself, this API's credentials may be what is refused.
    let may_be = matches!(response.status, 400 | 401 | 403) && parsed.is_some() && !response.is_from_between();
    let is_named = is_registered(words.error) && (response.status != 401 || refusal.code() == Code::CredentialsRefused);
    if !may_be || is_named {
        return refusal;
    }
    let message = concat(&["the introspection endpoint refused the credentials", &status_suffix(response.status)]);
    let (name, description) = words.shown(redaction);
    let error = Error::new(Code::CredentialsRefused, message, hint_of(redaction)).with_status(response.status);
    with_clock(error, response, &words, redaction, now).with_server_error(name, description)
}

fn refused_api(redaction: &Redaction) -> Meaning {
    let (code, _, hint) = credentials_refused(redaction);
    (code, "the server refused the credentials of this API", hint)
}

const TAKEN_FOR_ANOTHER: Meaning =
    (Code::EndpointUnsuitable, "the server took this for a request for a token", INTROSPECTION.address_hint);

pub(crate) const INTROSPECTION: Kind = Kind {
    endpoint: "introspection endpoint",
    answer: "introspection response",
    // A user's metadata may be among the claims.
    longest_body: 1024 * 1024,
    address_hint: "check `introspectionEndpoint`: the server's metadata name it as `introspection_endpoint`",
    redirect_hint: "set `introspectionEndpoint` to the address that answers without a redirect, https included",
    sends: Sends::Credentials,
};

//! Revocation of tokens (RFC 7009): request, response.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::form::push_form_pair;
use crate::encoding::text::is_visible_ascii;
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::status::{Kind, Sends};
use crate::http::url::Url;
use crate::http::{Request, Response};
use crate::oauth::credentials::Credentials;
use crate::oauth::error_response::{Meaning, Words, refusal};
use crate::redact::Redaction;
use crate::secret::Secret;
use crate::zitadel::error_texts;

/// The request that revokes a token (RFC 7009 section 2.1), at the metadata's
/// `revocation_endpoint`.
///
/// At ZITADEL only OIDC applications revoke, and only tokens in whose `aud` they are: neither a
/// service user nor an API application can (zitadel/zitadel#8973).
///
/// # Errors
/// `option_invalid`: what is not visible ASCII cannot be a token.
pub fn build_revocation_request(endpoint: &Url, credentials: &Credentials, token: &Secret) -> Result<Request, Error> {
    if !is_visible_ascii(token.expose()) {
        return Err(Error::new(
            Code::OptionInvalid,
            "the token is empty or holds characters that no token has",
            "pass the token as it came from the token endpoint",
        ));
    }
    let mut form = String::new();
    push_form_pair(&mut form, "token", token.expose());
    credentials.push_form(&mut form);
    Ok(Request::post(endpoint.as_str().to_owned(), credentials.authorization(), form))
}

/// Reads the answer to [`build_revocation_request`]. A token that the server does not know counts
/// as revoked, and "the content of the response body is ignored by the client" (RFC 7009 section
/// 2.2): it may be empty, and of any content type.
///
/// `redaction` comes from the request ([`Request::redaction`]); `now` is when the answer came.
///
/// # Errors
/// What a refusal can be, by the body's `error` or by the status: see [`Code`]. Nothing is known of
/// the token then.
pub fn parse_revocation_response(response: &Response<'_>, redaction: &Redaction, now: Timestamp) -> Result<(), Error> {
    if response.is_success() {
        return Ok(());
    }
    let parsed = response.parsed(&REVOCATION);
    let words = Words::of(&parsed);
    let meaning = |error: &str| error_texts::explain_revocation(words.description).or_else(|| own_meaning(error));
    let refused = refusal(response, &parsed, &REVOCATION, redaction, now, Some(&meaning));
    Err(refused.unwrap_or_else(|| response.status_error(&REVOCATION, now)))
}

fn own_meaning(error: &str) -> Option<Meaning> {
    Some(match error {
        // RFC 7009 section 2.2.1.
        "unsupported_token_type" => (
            Code::RequestRefused,
            "the server does not revoke tokens of this type",
            "let the token run out; ask for shorter lifetimes where tokens must end early",
        ),
        "unauthorized_client" | "invalid_grant" => (
            Code::GrantRefused,
            "the server does not let this client revoke the token",
            "use the credentials of the client that the token was issued to",
        ),
        _ => return None,
    })
}

const REVOCATION: Kind = Kind {
    endpoint: "revocation endpoint",
    answer: "revocation response",
    longest_body: 64 * 1024,
    address_hint: "check `revocationEndpoint`: the server's metadata name it as `revocation_endpoint`",
    redirect_hint: "set `revocationEndpoint` to the address that answers without a redirect, https included",
    sends: Sends::Credentials,
};

//! Tokens by client credentials (RFC 6749 section 4.4) or by assertion (RFC 7523 section 2.1):
//! request, response, expiry.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::json::Value;
use crate::encoding::text::{concat, is_visible_ascii};
use crate::encoding::time::{Timestamp, lifetime_from_seconds, lifetime_from_text};
use crate::error::{Code, Error};
use crate::http::status::{Kind, Sends};
use crate::http::{Request, Response};
use crate::jwt::compact::unverified_expiry;
use crate::jwt::scope::joined;
use crate::oauth::client::Client;
use crate::oauth::credentials::check_credential;
use crate::oauth::error_response::{is_by_assertion, refusal};
use crate::redact::Redaction;
use crate::secret::Secret;

/// An access token and how long it is good.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// `access_token`: visible ASCII, opaque to its holder.
    pub access_token: Secret,
    /// `token_type`, in the one spelling that headers use: `Bearer`.
    pub token_type: &'static str,
    /// `scope`, where the server says it, written as a string or as a list; `None` does not mean
    /// that all was granted (ZITADEL never says).
    pub scope: Option<String>,
    /// Whether the answer has members that this crate knows nothing of.
    pub has_other_members: bool,
    /// From when until when it is good.
    pub validity: Validity,
}

/// From when until when a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When the request for it was sent: the lifetime counts from then, so that a slow answer makes
    /// no token look younger.
    pub obtained_at: Timestamp,
    /// When it ends; `None`: unknown.
    pub expires_at: Option<Timestamp>,
}

impl Validity {
    /// Whether the token ends within `leeway` milliseconds of `now`, or has ended. Left out, the
    /// leeway is 30 s, or a tenth of the lifetime where that is less. An unknown end never comes.
    pub fn is_expired(&self, now: Timestamp, leeway: Option<u64>) -> bool {
        let Some(end) = self.expires_at else { return false };
        let leeway = leeway.unwrap_or_else(|| (end.millis_since(self.obtained_at) / 10).min(30_000));
        now >= end.minus(leeway)
    }

    /// Milliseconds until the end, 0 after it; `None`: the end is unknown.
    pub fn time_left(&self, now: Timestamp) -> Option<u64> {
        self.expires_at.map(|end| end.millis_since(now))
    }
}

/// The value of the `authorization` header that carries a token (RFC 6750 section 2.1).
///
/// # Errors
/// `option_invalid`: what is not visible ASCII cannot be an access token, and must not get into a
/// header.
pub fn authorization_header(access_token: &Secret) -> Result<String, Error> {
    check_credential("the access token", access_token.expose())?;
    if !is_visible_ascii(access_token.expose()) {
        return Err(Error::new(
            Code::OptionInvalid,
            "the access token holds characters that no header may carry",
            "pass the access token as it came, without `Bearer` in front",
        ));
    }
    Ok(concat(&["Bearer ", access_token.expose()]))
}

/// The token request (RFC 6749 section 4.4.2, RFC 7523 section 2.1).
pub fn build_token_request(client: &Client) -> Request {
    let mut form = String::new();
    client.push_form(&mut form);
    Request::post(client.token_endpoint().as_str().to_owned(), client.authorization(), form)
}

/// Reads the answer to [`build_token_request`] (RFC 6749 sections 5.1 and 5.2).
///
/// `redaction` comes from the request ([`Request::redaction`]); `requested_at` is when that was
/// sent, `now` when the answer came. Without `expires_in` the token ends with its own `exp` claim,
/// if it is a JWT.
///
/// # Errors
/// Every category: see [`Code`]. A refusal is told by the body's `error` and, for ZITADEL, by its
/// description; where the body says nothing that the protocol knows, by the status.
pub fn parse_token_response(
    response: &Response<'_>,
    redaction: &Redaction,
    requested_at: Timestamp,
    now: Timestamp,
) -> Result<Token, Error> {
    let kind = if is_by_assertion(redaction) { &TOKEN_BY_ASSERTION } else { &TOKEN };
    let parsed = response.parsed(kind);
    if let Some(refusal) = refusal(response, &parsed, kind, redaction, now, None) {
        return Err(refusal);
    }
    let document = response.document(parsed, kind, now)?;
    let fail = |code, message: &'static str| Err(Error::new(code, message, SERVER_HINT).with_status(response.status));
    let fail_with = |code, message: &'static str, hint: &'static str| {
        Err(Error::new(code, message, hint).with_status(response.status))
    };

    let access_token = match document.get("access_token") {
        Some(Value::String(token)) if is_visible_ascii(token) => token,
        Some(_) => return fail(Code::MemberInvalid, "`access_token` is not a string of visible ASCII characters"),
        None => return fail(Code::MemberMissing, "the token response has no `access_token`"),
    };
    match document.get("token_type") {
        None => {}
        Some(Value::String(kind)) if BEARER.iter().any(|name| kind.eq_ignore_ascii_case(name)) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("dpop") => {
            return fail_with(
                Code::TokenTypeUnsupported,
                "the token is bound to a key of its holder (DPoP)",
                BOUND_HINT,
            );
        }
        Some(Value::String(_)) => return fail(Code::TokenTypeUnsupported, "`token_type` is not Bearer"),
        Some(_) => return fail(Code::MemberInvalid, "`token_type` is not a string"),
    }
    let lifetime = match document.get("expires_in") {
        Some(Value::Number(seconds)) => lifetime_from_seconds(*seconds),
        Some(Value::String(text)) => lifetime_from_text(text),
        _ => None,
    };
    let end = lifetime.map(|millis| requested_at.plus(millis));
    let expires_at = end.or_else(|| unverified_expiry(access_token));
    Ok(Token {
        access_token: access_token.as_str().into(),
        token_type: "Bearer",
        scope: document.get("scope").and_then(joined),
        has_other_members: document.names().any(|name| !MEMBERS.contains(&name)),
        validity: Validity { obtained_at: requested_at, expires_at },
    })
}

/// What servers call a bearer token, in any letter case.
const BEARER: [&str; 3] = ["Bearer", "BearerToken", "Application Access Token"];

/// The members of an answer that are read, and two that a service user has no use for: it refreshes
/// by asking again, and is no person.
const MEMBERS: [&str; 6] = ["access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"];

const BOUND_HINT: &str = "edge-credentials sends bearer tokens: turn bound tokens (DPoP) off for this client";

const TOKEN: Kind = Kind {
    endpoint: "token endpoint",
    answer: "token response",
    longest_body: 256 * 1024,
    address_hint: "check `tokenEndpoint`: the server's metadata name it as `token_endpoint`",
    redirect_hint: "set `tokenEndpoint` to the address that answers without a redirect, https included",
    sends: Sends::Credentials,
};

const TOKEN_BY_ASSERTION: Kind = Kind { sends: Sends::Assertion, ..TOKEN };

const SERVER_HINT: &str = "the server breaks RFC 6749 section 5.1: check that the address is its token endpoint, else report it \
    to its owner";

//! Introspection of tokens (RFC 7662): request, response.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use core::fmt;

use crate::encoding::form::push_form_pair;
use crate::encoding::json::{Object, Value};
use crate::encoding::text::concat;
use crate::encoding::text::is_visible_ascii;
use crate::encoding::time::{Timestamp, numeric_date};
use crate::error::{Code, Error};
use crate::http::url::Url;
use crate::http::{Request, Response};
use crate::jwt::audience::{check_audience, is_any_of};
use crate::jwt::compact::{excess, refuse_other_kinds};
use crate::jwt::scope::scope_of;
use crate::jwt::token_kind::{self, Source, refuse_bound};
use crate::oauth::credentials::Credentials;
use crate::oauth::introspection_refusal::{INTROSPECTION, is_about_token, refused};
use crate::redact::Redaction;
use crate::secret::Secret;

/// What the server knows of a token.
#[derive(Clone, Debug)]
pub enum Introspection {
    /// Nothing: it has ended or was revoked, is of another server, or (with ZITADEL) meant for
    /// another API. "the authorization server SHOULD NOT include any additional information about
    /// an inactive token, including why" (RFC 7662 section 2.2).
    Inactive,
    /// The token is good.
    Active(ActiveToken),
}

/// What the server says of a token that is good. `Debug` shows when it ends, and nothing else of
/// it.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ActiveToken {
    /// `exp`; `None`: the server does not say.
    pub expires_at: Option<Timestamp>,
    /// `aud`, written as a string or as an array; empty: the server does not say.
    pub audience: Vec<String>,
    /// `iss`.
    pub issuer: Option<String>,
    /// `scope`, or where that is missing `scp`, separated by spaces. ZITADEL's authorises nobody: a service user gets any scope
    /// that it asks for.
    pub scope: Option<String>,
    /// `client_id`: the client that asked for the token. ZITADEL's identifies nobody: it is a user
    /// name, which organizations share; personal access tokens have none.
    pub client_id: Option<String>,
    /// `sub`: the user. It identifies whoever calls.
    pub subject: Option<String>,
    /// `username`, for people to read.
    pub username: Option<String>,
}

impl ActiveToken {
    /// Whether the token is meant for one of these. A server that names no audience means nobody.
    pub fn is_for(&self, audience: &[&str]) -> bool {
        is_any_of(&self.audience, audience)
    }
}

impl fmt::Debug for ActiveToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActiveToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Introspection {
    /// The token, if it is good and meant for one of these.
    ///
    /// **Warning**: the audience is no authorization. ZITADEL names the asking application and its
    /// project in the `aud` of every personal access token, so each of the instance passes: require
    /// a role.
    ///
    /// # Errors
    /// `token_inactive`; `audience_refused`.
    pub fn check(&self, audience: &[&str]) -> Result<&ActiveToken, Error> {
        match self {
            Introspection::Inactive => {
                Err(Error::new(Code::TokenInactive, "the server does not know the token as good", INACTIVE_HINT))
            }
            Introspection::Active(token) => check_audience(&token.audience, audience, false).map(|()| token),
        }
    }
}

/// The request that asks about a token (RFC 7662 section 2.1), at the metadata's
/// `introspection_endpoint`.
///
/// The credentials are this API's own: with ZITADEL those of an *API application*, neither a
/// service user's nor the caller's.
///
/// # Errors
/// `token_malformed`: a JWT longer than 64 KiB, any other longer than 16 KiB, or not visible ASCII.
/// `token_invalid`: a JWT that shows that it is no access token.
pub fn build_introspection_request(
    endpoint: &Url,
    credentials: &Credentials,
    token: &Secret,
) -> Result<Request, Error> {
    let has_other_characters = !is_visible_ascii(token.expose());
    let problem = has_other_characters.then(|| "the token is empty, or holds characters that no token has".to_owned());
    if let Some(message) = excess(token.expose()).or(problem) {
        let hint = "the caller must send the access token as it came from the token endpoint";
        return Err(Error::new(Code::TokenMalformed, message, hint));
    }
    refuse_other_kinds(token.expose(), false)?;
    let mut form = String::new();
    push_form_pair(&mut form, "token", token.expose());
    credentials.push_form(&mut form);
    Ok(Request::post(endpoint.as_str().to_owned(), credentials.authorization(), form))
}

/// Reads the answer to [`build_introspection_request`] (RFC 7662 sections 2.2 and 2.3). An active
/// token whose `exp` is past counts as inactive, and so does one that the server finds fault with:
/// whoever calls may have made it up.
///
/// `redaction` comes from the request ([`Request::redaction`]); `now` is when the answer came.
///
/// # Errors
/// About the token: `token_invalid`, where it is active but no access token (an id_token, a refresh
/// token), or bound to a key of its holder's. All others are about this API and the server: `credentials_refused`, which are this API's
/// own; `member_missing`, `member_invalid`; and what any answer can be.
pub fn parse_introspection_response(
    response: &Response<'_>,
    redaction: &Redaction,
    now: Timestamp,
) -> Result<Introspection, Error> {
    let active = active_token(response, redaction, now)?;
    Ok(active.map_or(Introspection::Inactive, |claims| Introspection::Active(ActiveToken::of(&claims))))
}

/// What the server says of an active token, where all of it that counts is as it should be. `None`:
/// the token is not active.
///
/// # Errors
/// As above.
pub(crate) fn active_token<'a>(
    response: &Response<'a>,
    redaction: &Redaction,
    now: Timestamp,
) -> Result<Option<Object<'a>>, Error> {
    let parsed = response.parsed(&INTROSPECTION);
    let document = match parsed {
        _ if response.is_success() => response.document(parsed, &INTROSPECTION, now)?,
        _ if response.is_from_between() => return Err(response.status_error(&INTROSPECTION, now)),
        Some(Ok(document)) if matches!(document.get("active"), Some(Value::Bool(_))) => document,
        _ if is_about_token(response, &parsed, redaction) => return Ok(None),
        _ => return Err(refused(response, &parsed, redaction, now)),
    };
    let of_response = |error: Error| error.with_status(response.status);
    match document.get("active") {
        Some(Value::Bool(true)) => {
            // First, for that is about the token alone, whatever else is wrong.
            refuse_bound(&document, Source::Introspection)?;
            token_kind::check_claims(&document, Source::Introspection)?;
        }
        Some(Value::Bool(false)) => return Ok(None),
        Some(_) => return Err(of_response(invalid("active", "true or false"))),
        None if document.get("error").and_then(Value::as_str) == Some("invalid_token") && !redaction.has_bearer() => {
            return Ok(None);
        }
        None => {
            let message = "the introspection response has no `active`";
            return Err(of_response(Error::new(Code::MemberMissing, message, SERVER_HINT)));
        }
    }
    let ends_at = check_members(&document).map_err(of_response)?;
    Ok(if ends_at.is_some_and(|end| now >= end) { None } else { Some(document) })
}

/// Gives when the token ends, if that is said.
fn check_members(document: &Object) -> Result<Option<Timestamp>, Error> {
    if document.get("aud").is_some_and(|names| names.strings().is_none()) {
        return Err(invalid("aud", "a string or an array of strings"));
    }
    let ends_at = match document.get("exp") {
        None => None,
        Some(Value::Number(seconds)) => numeric_date(*seconds),
        Some(_) => return Err(invalid("exp", "a number of seconds")),
    };
    if scope_of(document, Source::Introspection).is_none() {
        return Err(invalid("scope", "a string or an array of strings"));
    }
    let is_no_text = |name: &&str| document.get(name).is_some_and(|value| value.as_str().is_none());
    match ["iss", "client_id", "sub", "username"].iter().find(|name| is_no_text(name)) {
        Some(name) => Err(invalid(name, "a string")),
        None => Ok(ends_at),
    }
}

impl ActiveToken {
    /// Of what was checked.
    fn of(claims: &Object) -> Self {
        let text = |name| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let audience = claims.get("aud").and_then(Value::strings).unwrap_or_default();
        ActiveToken {
            expires_at: match claims.get("exp") {
                Some(Value::Number(seconds)) => numeric_date(*seconds),
                _ => None,
            },
            audience: audience.into_iter().map(str::to_owned).collect(),
            issuer: text("iss"),
            scope: scope_of(claims, Source::Introspection).flatten(),
            client_id: text("client_id"),
            subject: text("sub"),
            username: text("username"),
        }
    }
}

fn invalid(name: &str, expected: &str) -> Error {
    Error::new(Code::MemberInvalid, concat(&["`", name, "` is not ", expected]), SERVER_HINT)
}

const INACTIVE_HINT: &str = "the caller must get a new token: this one has ended, was revoked, or is of another server. If a new one is \
    refused too, it is not meant for this API";

const SERVER_HINT: &str = "the server breaks RFC 7662 section 2.2: check that the address is its introspection endpoint, else report it \
    to its owner";

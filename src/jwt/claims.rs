//! The claims of an access token that is a JWT (RFC 7519 section 4.1, RFC 9068 section 4).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use core::fmt;

use crate::encoding::json::{Object, Value};
use crate::encoding::time::{Timestamp, numeric_date};
use crate::error::{Code, Error};
use crate::jwt::audience;
use crate::jwt::compact::{Jwt, MADE_UP_HINT, decoded, invalid, object};
use crate::jwt::issuer::check_issuer;
use crate::jwt::scope::scope_of;
use crate::jwt::token_kind::{self, Source, refuse_bound};
use crate::secret::Secret;

/// How far clocks may be apart, in milliseconds.
const LEEWAY: u64 = 30_000;

/// What a token says of whom it was given to. `Debug` shows when it ends, and nothing else of it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Claims {
    /// `exp`, without the leeway.
    pub expires_at: Timestamp,
    /// `sub`: the user. It identifies whoever calls.
    pub subject: Option<String>,
    /// `client_id`: the client that asked for the token. ZITADEL's identifies nobody: it is a user
    /// name, which organizations share.
    pub client_id: Option<String>,
    /// `scope`, or where that is missing `scp`, separated by spaces. ZITADEL's have neither.
    pub scope: Option<String>,
    /// All claims, as the JSON that was signed.
    pub payload: Secret,
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Judges the claims of a token **whose signature the caller has verified**: over
/// [`Jwt::signing_input`], with a key out of [`KeySet::candidates`](crate::KeySet::candidates), by
/// [`Jwt::algorithm`]. Without that anybody can write any claims, and what this function gives is
/// worth nothing.
///
/// `issuer` is compared exactly; one of `audience` must be in `aud`. `leeway` is how far clocks may
/// be apart, in milliseconds, by default 30 s.
///
/// **Warning**: the audience is no authorization. Any service user of a ZITADEL instance can
/// request any project's audience, and is granted any scope: require a role.
///
/// **Warning**: an id_token without any mark (Entra's, Auth0's without `nonce`) cannot be told from
/// an access token. Where the audience is also a client's id, require a scope, a role, or `at+jwt`
/// as the header's `typ` ([`Jwt::require_at_jwt`]).
///
/// **Warning**: an issuer that everybody shares (GitHub Actions, Google) gives anybody a token with
/// your audience: compare `sub`.
///
/// # Errors
/// `token_invalid`: the claims are no JSON object without duplicates, or of another issuer, or of a
/// wrong type, or those of a token of another kind: an id_token, a refresh token, a logout token.
/// `audience_refused`. `token_expired`: ended, or not yet valid; all else about the token is good
/// then, and a new one will do.
pub fn check_claims(
    jwt: &Jwt<'_>,
    issuer: &str,
    audience: &[&str],
    now: Timestamp,
    leeway: Option<u64>,
) -> Result<Claims, Error> {
    let payload = decoded("payload", jwt.claims)?;
    let claims = object("payload", payload.expose())?;
    check_identity(&claims, jwt.is_at_jwt(), issuer, &[])?;
    audience::check_audience(&audience_of(&claims)?, audience, false)?;
    let expires_at = check_times(&claims, now, leeway)?;
    let text = |name| claims.member(name).and_then(Value::as_str).map(str::to_owned);
    let (subject, client_id, scope) = (text("sub"), text("client_id"), scope_of(&claims, Source::Jwt).flatten());
    drop(claims);
    Ok(Claims { expires_at, subject, client_id, scope, payload })
}

/// Whether it is an access token of the issuer's.
pub(crate) fn check_identity(claims: &Object, is_at_jwt: bool, issuer: &str, tenants: &[&str]) -> Result<(), Error> {
    refuse_bound(claims, Source::Jwt)?;
    check_issuer(claims, issuer, tenants)?;
    if !is_at_jwt {
        token_kind::check_claims(claims, Source::Jwt)?;
    }
    for (name, message) in TEXTS {
        if claims.member(name).is_some_and(|value| value.as_str().is_none()) {
            return Err(invalid(message, MADE_UP_HINT));
        }
    }
    if scope_of(claims, Source::Jwt).is_none() {
        return Err(invalid("the token's `scope` is not a string of scopes", MADE_UP_HINT));
    }
    Ok(())
}

const TEXTS: [(&str, &str); 2] =
    [("sub", "the token's `sub` is not a string"), ("client_id", "the token's `client_id` is not a string")];

/// Whom it is meant for; nobody, where it does not say.
pub(crate) fn audience_of<'c>(claims: &'c Object) -> Result<Vec<&'c str>, Error> {
    let named = claims.member("aud").map_or(Some(Vec::new()), Value::strings);
    named.ok_or_else(|| invalid("the token's `aud` is neither a string nor an array of strings", MADE_UP_HINT))
}

/// Gives when they end. It comes after the rest of what a token is: a new one will do then.
pub(crate) fn check_times(claims: &Object, now: Timestamp, leeway: Option<u64>) -> Result<Timestamp, Error> {
    let leeway = leeway.unwrap_or(LEEWAY);
    let time = |name, message| match claims.member(name) {
        None => Ok(None),
        Some(Value::Number(seconds)) => numeric_date(*seconds).map(Some).ok_or_else(|| invalid(message, MADE_UP_HINT)),
        Some(_) => Err(invalid(message, MADE_UP_HINT)),
    };
    let expires_at = time("exp", "the token's `exp` is not a number")?;
    let expires_at =
        expires_at.ok_or_else(|| invalid("the token has no `exp`", "let the issuer give tokens that end"))?;
    let begins = [time("nbf", "the token's `nbf` is not a number")?, time("iat", "the token's `iat` is not a number")?];
    // "the current date/time MUST be after or equal to the not-before date/time" (RFC 7519 section
    // 4.1.5).
    if begins.into_iter().flatten().any(|begin| begin > now.plus(leeway)) {
        let message = "the token is not valid yet";
        return Err(Error::new(Code::TokenExpired, message, "the clock here or at the issuer is off: set it"));
    }
    if now >= expires_at.plus(leeway) {
        let hint = "the caller must get a new token before the old one ends; if it did, the clock here may be off";
        return Err(Error::new(Code::TokenExpired, "the token has ended", hint));
    }
    Ok(expires_at)
}

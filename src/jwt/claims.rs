//! The claims of an access token that is a JWT (RFC 7519 section 4.1, RFC 9068 section 4).

use core::fmt;

use crate::encoding::json::{Object, Value};
use crate::encoding::text::trim_end;
use crate::encoding::time::{Timestamp, numeric_date};
use crate::error::{Code, Error};
use crate::jwt::audience;
use crate::jwt::compact::{Jwt, MADE_UP_HINT, decoded, invalid, object};
use crate::jwt::scope::scope_of;
use crate::jwt::token_kind::{self, Source};
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
    let expires_at = check_object(&claims, jwt.is_at_jwt(), issuer, audience, now, leeway)?;
    let text = |name| claims.member(name).and_then(Value::as_str).map(str::to_owned);
    let (subject, client_id, scope) = (text("sub"), text("client_id"), scope_of(&claims, Source::Jwt).flatten());
    drop(claims);
    Ok(Claims { expires_at, subject, client_id, scope, payload })
}

/// Gives when they end.
pub(crate) fn check_object(
    claims: &Object,
    is_at_jwt: bool,
    issuer: &str,
    audience: &[&str],
    now: Timestamp,
    leeway: Option<u64>,
) -> Result<Timestamp, Error> {
    check_issuer(claims, issuer)?;
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
    check_audience(claims, audience)?;
    check_times(claims, now, leeway.unwrap_or(LEEWAY))
}

const TEXTS: [(&str, &str); 2] =
    [("sub", "the token's `sub` is not a string"), ("client_id", "the token's `client_id` is not a string")];

/// "The issuer identifier for the authorization server … MUST exactly match the value of the "iss"
/// claim" (RFC 9068 section 4).
fn check_issuer(claims: &Object, issuer: &str) -> Result<(), Error> {
    let hint = match claims.member("iss") {
        Some(Value::String(named)) if named.as_str() == issuer => return Ok(()),
        Some(Value::String(named)) if trim_end(named, b'/') == trim_end(issuer, b'/') => {
            "only a trailing slash differs: set the issuer exactly as the server's metadata have it"
        }
        _ => {
            "whoever calls must get a token from the issuer that this API trusts; or the issuer is configured wrong, as for an instance with \
             several domains: it is what the server's metadata name as `issuer`"
        }
    };
    Err(invalid("the token's `iss` is not the issuer expected", hint))
}

fn check_audience(claims: &Object, accepted: &[&str]) -> Result<(), Error> {
    let named = claims.member("aud").map_or(Some(Vec::new()), Value::strings);
    let named =
        named.ok_or_else(|| invalid("the token's `aud` is neither a string nor an array of strings", MADE_UP_HINT))?;
    audience::check_audience(&named, accepted)
}

/// All else being right, so that a new token will do.
fn check_times(claims: &Object, now: Timestamp, leeway: u64) -> Result<Timestamp, Error> {
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
        let hint = "whoever calls must get a new token before the old one ends; if it did, the clock here may be off";
        return Err(Error::new(Code::TokenExpired, "the token has ended", hint));
    }
    Ok(expires_at)
}

//! Judges claims by all that they have to meet: the one place that says which token is accepted.

use alloc::string::String;

use crate::encoding::json::Value;
use crate::encoding::time::Timestamp;
use crate::error::Error;
use crate::jwt::audience;
use crate::jwt::claims::{audience_of, check_identity, check_times};
use crate::jwt::compact::{decoded, invalid, object};
use crate::jwt::issuer::check_issuer;
use crate::jwt::requirements::{Requirements, unreadable};
use crate::jwt::scope::scope_of;
use crate::jwt::token_kind::{Source, is_marked_access};
use crate::secret::Secret;

/// Whose token is accepted, and when.
pub(crate) struct Rules<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) requirements: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) leeway: Option<u64>,
    /// Whether only this counts: that it is the issuer's access token, and when. The server says the
    /// rest.
    pub(crate) identity_only: bool,
}

/// What a JWT says, if it is accepted.
pub(crate) struct Accepted {
    pub(crate) names_audience: bool,
    pub(crate) scope: Option<String>,
    /// As JSON.
    pub(crate) claims: Secret,
}

/// Judges the claims of a JWT, as they are in the token. They count only **once the signature has
/// been verified**.
pub(crate) fn judge_jwt(part: &str, is_at_jwt: bool, rules: &Rules<'_>) -> Result<Accepted, Error> {
    let requirements = requirements_of(rules.requirements)?;
    let payload = decoded("payload", part)?;
    let claims = object("payload", payload.expose())?;
    check_identity(&claims, is_at_jwt, rules.issuer, &requirements.tenants())?;
    let named = audience_of(&claims)?;
    if !rules.identity_only {
        requirements.check_recipient(&claims, &named, Source::Jwt)?;
    }
    check_times(&claims, rules.now, rules.leeway)?;
    let scope = scope_of(&claims, Source::Jwt).flatten();
    if !rules.identity_only {
        requirements.check(&claims, scope.as_deref(), Source::Jwt)?;
    }
    let names_audience = !named.is_empty();
    drop(claims);
    Ok(Accepted { names_audience, scope, claims: payload })
}

/// Judges what a server says of an active token. `text` is a response that was accepted. Where it
/// names no audience, that of the token itself counts: `jwt` is the payload of a JWT whose
/// signature and identity are good.
pub(crate) fn judge_introspection(
    text: &str,
    jwt: Option<&str>,
    issuer: &str,
    requirements: &str,
) -> Result<(), Error> {
    let requirements = requirements_of(requirements)?;
    let claims = object("introspection", text)?;
    if claims.get("iss").is_some() {
        check_issuer(&claims, issuer, &requirements.tenants())?;
    }
    let is_bearer = match claims.get("token_type") {
        None => is_marked_access(&claims),
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => true,
        Some(_) => return Err(invalid("the token is not a bearer token", BEARER_HINT)),
    };

    let said = claims.get("aud").and_then(Value::strings).unwrap_or_default();
    let payload = jwt.map(|part| decoded("payload", part)).transpose()?;
    let own = payload.as_ref().map(|payload| object("payload", payload.expose())).transpose()?;
    let named = match &own {
        Some(own) if said.is_empty() => audience_of(own)?,
        _ => said,
    };
    requirements.check_recipient(&claims, &named, Source::Introspection)?;
    // Spring answers so of authorization codes and of refresh tokens.
    if named.is_empty() && !is_bearer {
        return Err(audience::refused("the token names no audience, and may be no access token", UNMARKED_HINT));
    }
    let scope = scope_of(&claims, Source::Introspection).flatten();
    requirements.check(&claims, scope.as_deref(), Source::Introspection)
}

fn requirements_of(text: &str) -> Result<Requirements<'_>, Error> {
    Requirements::parse(text).map_err(|_| unreadable())
}

const BEARER_HINT: &str = "the caller must send the `access_token` that the token endpoint gave";

const UNMARKED_HINT: &str = "let the server answer an introspection with `token_type: Bearer` or with `aud`";

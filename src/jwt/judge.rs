//! Judges claims by all that they have to meet: the one place that says which token is accepted.

use crate::encoding::json::Value;
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::jwt::audience::check_audience;
use crate::jwt::claims::check_object;
use crate::jwt::compact::{decoded, invalid, object};
use crate::jwt::requirements::Requirements;
use crate::jwt::scope::scope_of;
use crate::jwt::token_kind::Source;
use crate::secret::Secret;

/// Whose token is accepted, and when.
pub(crate) struct Rules<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) requirements: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) leeway: Option<u64>,
}

/// Judges the claims of a JWT, as they are in the token, and gives its scopes and all claims as JSON.
/// They count only **once the signature has been verified**.
pub(crate) fn judge_jwt(part: &str, is_at_jwt: bool, rules: &Rules<'_>) -> Result<(Option<String>, Secret), Error> {
    let requirements = requirements_of(rules.requirements)?;
    let payload = decoded("payload", part)?;
    let claims = object("payload", payload.expose())?;
    check_object(&claims, is_at_jwt, rules.issuer, &requirements.audience(), rules.now, rules.leeway)?;
    if claims.member("cnf").is_some() {
        return Err(bound_token());
    }
    let scope = scope_of(&claims, Source::Jwt).flatten();
    requirements.check(&claims, scope.as_deref(), Source::Jwt)?;
    drop(claims);
    Ok((scope, payload))
}

/// Judges what a server says of an active token. `text` is a response that was accepted.
pub(crate) fn judge_introspection(text: &str, issuer: &str, requirements: &str) -> Result<(), Error> {
    let requirements = requirements_of(requirements)?;
    let claims = object("introspection", text)?;
    if claims.get("iss").is_some_and(|named| named.as_str() != Some(issuer)) {
        return Err(invalid("the token's `iss` is not the issuer expected", ISSUER_HINT));
    }
    match claims.get("token_type") {
        None => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err(invalid("the token is not a bearer token", BEARER_HINT)),
    }
    if claims.get("cnf").is_some() {
        return Err(bound_token());
    }
    let named = claims.get("aud").and_then(Value::strings).unwrap_or_default();
    check_audience(&named, &requirements.audience())?;
    let scope = scope_of(&claims, Source::Introspection).flatten();
    requirements.check(&claims, scope.as_deref(), Source::Introspection)
}

fn requirements_of(text: &str) -> Result<Requirements<'_>, Error> {
    Requirements::parse(text).map_err(|_| {
        let hint = "this is a bug of edge-credentials: please report it";
        Error::new(Code::Internal, "the requirements are not readable", hint)
    })
}

fn bound_token() -> Error {
    invalid("the token is bound to a key of its holder's (`cnf`), which is not checked here", BOUND_HINT)
}

const ISSUER_HINT: &str = "whoever calls must get a token from the issuer that this API trusts; or the issuer is configured wrong, as for \
    an instance with several domains";

const BEARER_HINT: &str = "whoever calls must send the `access_token` that the token endpoint gave";

const BOUND_HINT: &str = "whoever calls must get a bearer token, without DPoP and without a client certificate";

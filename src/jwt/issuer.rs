//! Whose token it is, by its `iss` (RFC 7519 section 4.1.1).

use crate::encoding::json::{Object, Value};
use crate::encoding::text::{concat, find, split, trim_end};
use crate::error::Error;
use crate::jwt::compact::invalid;

/// Stands in the issuer of servers that have many tenants, in Entra's metadata too.
pub(crate) const TENANT: &str = "{tenantid}";

/// "The issuer identifier for the authorization server … MUST exactly match the value of the "iss"
/// claim" (RFC 9068 section 4). An issuer of many tenants is `iss` with the token's `tid` in the
/// place of `{tenantid}`, and `tid` must be one of `tenants`, or these `any`.
///
/// # Errors
/// `token_invalid`.
pub(crate) fn check_issuer(claims: &Object, issuer: &str, tenants: &[&str]) -> Result<(), Error> {
    let named = claims.member("iss").and_then(Value::as_str).unwrap_or_default();
    if is_of(claims, named, issuer) {
        let tenant = tenant_of(claims);
        let is_accepted = find(issuer, TENANT).is_none() || tenants.contains(&"any") || tenants.contains(&tenant);
        return if is_accepted { Ok(()) } else { Err(invalid(OTHER_TENANT, TENANT_HINT)) };
    }
    let is_near = trim_end(named, b'/').eq_ignore_ascii_case(trim_end(issuer, b'/'));
    Err(invalid("the token's `iss` is not the issuer expected", if is_near { NEAR_HINT } else { HINT }))
}

fn is_of(claims: &Object, named: &str, issuer: &str) -> bool {
    match split(issuer, TENANT) {
        None => named == issuer,
        Some((start, end)) => {
            let tenant = tenant_of(claims);
            // What is no name could move the rest of the address.
            let is_name = tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            !tenant.is_empty() && is_name && named == concat(&[start, tenant, end])
        }
    }
}

fn tenant_of<'c>(claims: &'c Object) -> &'c str {
    claims.member("tid").and_then(Value::as_str).unwrap_or_default()
}

const HINT: &str = "the caller must get a token from the issuer that this API trusts. If it did, set \
    `issuer` to what the server's metadata name; an instance with several domains has several";

const NEAR_HINT: &str =
    "only a trailing slash or letter case differs: set the issuer exactly as the server's metadata have it";

const OTHER_TENANT: &str = "the token is of a tenant that is not accepted";

const TENANT_HINT: &str = "add the token's `tid` to `tenants`, if this API is for that tenant";

//! The exports about tokens that come in: JWTs and the keys that verify them. The signature is
//! WebCrypto's to verify.

#[cfg(feature = "wasm")]
use wasm_bindgen::prelude::*;

use super::{now_or, response, serialize};
use crate::encoding::text::as_utf8;
use crate::encoding::text::{concat, parts};
use crate::error::Error;
use crate::http::url::Url;
use crate::jwt::claims;
use crate::jwt::compact::{self, Jwt, decoded, object};
use crate::jwt::jwks::{self, KeySet};

/// See [`Jwt::parse`]: `{"algorithm","keyId"}`, the latter where there is one; empty for an opaque
/// token.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = readToken))]
pub fn read_token(token: &str) -> Result<String, Error> {
    Ok(Jwt::parse(token)?.map_or_else(String::new, |jwt| serialize::header(jwt.algorithm(), jwt.key_id())))
}

/// See [`jwks::build_key_set_request`].
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = buildKeySetRequest))]
#[inline(never)]
pub fn build_key_set_request(jwks_uri: &str, insecure_http: bool) -> Result<String, Error> {
    let url = Url::parse_named("the address of the keys", jwks_uri, insecure_http)?;
    Ok(serialize::request(&jwks::build_key_set_request(&url)))
}

/// See [`Jwt::parse`]: the algorithm, behind `+` where the `typ` is `at+jwt` and else behind `-`,
/// then a blank and the `kid` if there is one; empty for an opaque token. In `token`, which comes
/// as bytes, the signature is decoded where it stands. `must_be_at_jwt`: see
/// [`Jwt::require_at_jwt`].
#[inline(never)]
pub fn read_jwt(token: &mut [u8], must_be_at_jwt: bool) -> Result<String, Error> {
    let (read, signature) = match Jwt::parse(as_utf8(token).unwrap_or_default())? {
        Some(jwt) => {
            if must_be_at_jwt {
                jwt.require_at_jwt()?;
            }
            let mark = if jwt.is_at_jwt() { "+" } else { "-" };
            let (blank, key_id) = jwt.key_id().map_or(("", ""), |key_id| (" ", key_id));
            (concat(&[mark, jwt.algorithm().name(), blank, key_id]), jwt.signature().to_vec())
        }
        None => return Ok(String::new()),
    };
    let at = token.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
    token.iter_mut().skip(at).zip(signature).for_each(|(place, byte)| *place = byte);
    Ok(read)
}

/// Refuses a token that shows by itself that it is of another kind; says nothing of any other.
#[inline(never)]
pub fn refuse_other_kinds(token: &str, must_be_at_jwt: bool) -> Result<(), Error> {
    compact::refuse_other_kinds(token, must_be_at_jwt)
}

/// As [`check_claims`], of the second part of a token alone. What it says counts only **once the
/// signature has been verified**; to judge it meanwhile takes no time.
#[inline(never)]
pub fn judge_claims(
    part: &str,
    is_at_jwt: bool,
    issuer: &str,
    audience: &str,
    leeway: Option<f64>,
    now: Option<f64>,
) -> Result<String, Error> {
    let audience: Vec<&str> = parts(audience, " ").collect();
    let leeway = leeway.map(|millis| millis as u64);
    let payload = decoded("payload", part)?;
    claims::check_object(&object("payload", payload.expose())?, is_at_jwt, issuer, &audience, now_or(now), leeway)?;
    Ok(payload.expose().to_owned())
}

/// See [`KeySet::parse`]: `{"keys":[{"keyId","algorithms":[…],"jwk":{…}}],"maxAge"}`, where `keyId`
/// and `maxAge` are left out if unknown.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = parseKeySet))]
#[inline(never)]
pub fn parse_key_set(
    status: u16,
    content_type: Option<String>,
    retry_after: Option<String>,
    cache_control: Option<String>,
    body: &str,
    now: Option<f64>,
) -> Result<String, Error> {
    let mut response = response(status, &content_type, &retry_after, &None, body);
    response.cache_control = cache_control.as_deref();
    Ok(serialize::key_set(&KeySet::parse(&response, now_or(now))?))
}

/// See [`claims::check_claims`], for a token **whose signature has been verified**; `audience` is
/// separated by spaces. Gives the payload, which the caller reads by `JSON.parse`.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = checkClaims))]
pub fn check_claims(
    token: &str,
    issuer: &str,
    audience: &str,
    leeway: Option<f64>,
    now: Option<f64>,
) -> Result<String, Error> {
    let jwt = Jwt::require(token)?;
    judge_claims(jwt.claims, jwt.is_at_jwt(), issuer, audience, leeway, now)
}

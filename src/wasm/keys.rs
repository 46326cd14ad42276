//! The exports about keys and assertions, and about tokens of others: revocation, introspection.

#[cfg(feature = "wasm")]
use wasm_bindgen::prelude::*;

use super::{internal, now_or, response, serialize, timestamp};
use crate::encoding::base64::base64_bytes;
use crate::error::{Code, Error};
use crate::http::url::Url;
use crate::keys::algorithm::Algorithm;
use crate::keys::key_file::{AnyKey, check_expiry};
use crate::oauth::client_assertion::{self, Assertion};
use crate::oauth::credentials::{ClientAuth, Credentials};
use crate::oauth::introspection::{self, Introspection};
use crate::oauth::revocation;
use crate::redact::Redaction;

/// See [`AnyKey::parse`]. `holder` is the id that is wanted of a key file, `userId` or `clientId`,
/// or empty. Gives `{"pkcs8","algorithm","keyId","userId","clientId","expiresAt"}`, where only the
/// first two are always there; `pkcs8` is base64.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = readKey))]
#[inline(never)]
pub fn read_key(key: &str, holder: &str, key_id: Option<String>, algorithm: Option<String>) -> Result<String, Error> {
    let any = AnyKey::parse(key)?;
    let mut signing = any.key().clone();
    if let Some(name) = algorithm {
        signing = signing.with_algorithm(Algorithm::from_name(&name)?)?;
    }
    let (user_id, client_id, expires_at) = match &any {
        AnyKey::Bare(_) => (None, None, None),
        AnyKey::File(file) => {
            let (user_id, client_id) = match holder {
                "userId" => (Some(file.user_id()?), None),
                "clientId" => (None, Some(file.client_id()?)),
                _ => (file.user_id().ok(), file.client_id().ok()),
            };
            (user_id, client_id, file.expires_at())
        }
    };
    let key_id = key_id.as_deref().or(signing.key_id());
    Ok(serialize::key(&signing, key_id, user_id, client_id, expires_at))
}

/// See [`client_assertion::prepare_assertion`]; `key_expires_at` is that of a key file.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = prepareAssertion))]
#[inline(never)]
pub fn prepare_assertion(
    algorithm: &str,
    key_id: Option<String>,
    subject: &str,
    audience: &str,
    key_expires_at: Option<f64>,
    now: Option<f64>,
) -> Result<String, Error> {
    let now = now_or(now);
    check_expiry(key_expires_at.map(timestamp), now)?;
    let assertion = Assertion::new(Algorithm::from_name(algorithm)?, key_id.as_deref(), subject, audience);
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| {
        let hint = "do it inside a request's handler: a Worker's global scope gives none";
        Error::new(Code::IoForbidden, "the runtime gives no random bytes here", hint)
    })?;
    client_assertion::prepare_assertion(&assertion, now, random)
}

/// What [`prepare_assertion`] would refuse but for the time, without clock and randomness.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = checkAssertion))]
#[inline(never)]
pub fn check_assertion(algorithm: &str, key_id: Option<String>, subject: &str, audience: &str) -> Result<(), Error> {
    Assertion::new(Algorithm::from_name(algorithm)?, key_id.as_deref(), subject, audience).check()
}

/// See [`client_assertion::complete_assertion`]; the signature is base64.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = completeAssertion))]
#[inline(never)]
pub fn complete_assertion(signing_input: &str, signature: &str) -> Result<String, Error> {
    let signature = base64_bytes(signature).ok_or_else(|| internal("the signature is no base64"))?;
    Ok(client_assertion::complete_assertion(signing_input, &signature)?.expose().to_owned())
}

/// See [`revocation::build_revocation_request`]. With a `client_assertion` the secret is left
/// empty.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = buildRevocationRequest))]
#[inline(never)]
pub fn build_revocation_request(
    revocation_endpoint: &str,
    client_id: &str,
    client_secret: &str,
    client_auth: Option<String>,
    client_assertion: Option<String>,
    token: &str,
    insecure_http: bool,
) -> Result<String, Error> {
    let endpoint = Url::parse_named("the revocation endpoint", revocation_endpoint, insecure_http)?;
    let credentials = credentials(client_id, client_secret, client_auth, client_assertion)?;
    Ok(serialize::request(&revocation::build_revocation_request(&endpoint, &credentials, &token.into())?))
}

/// See [`revocation::parse_revocation_response`], which minds no content type. `authorization` and
/// `form` are the header and the body of the request that was sent.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = parseRevocationResponse))]
#[inline(never)]
pub fn parse_revocation_response(
    status: u16,
    retry_after: Option<String>,
    date: Option<String>,
    body: &str,
    authorization: Option<String>,
    form: Option<String>,
    now: Option<f64>,
) -> Result<(), Error> {
    let redaction = Redaction::of_request(authorization.as_deref(), form.as_deref());
    let response = response(status, &None, &retry_after, &date, body);
    revocation::parse_revocation_response(&response, &redaction, now_or(now))
}

/// See [`introspection::build_introspection_request`]. With a `client_assertion` the secret is left
/// empty.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = buildIntrospectionRequest))]
#[inline(never)]
pub fn build_introspection_request(
    introspection_endpoint: &str,
    client_id: &str,
    client_secret: &str,
    client_auth: Option<String>,
    client_assertion: Option<String>,
    token: &str,
    insecure_http: bool,
) -> Result<String, Error> {
    let endpoint = Url::parse_named("the introspection endpoint", introspection_endpoint, insecure_http)?;
    let credentials = credentials(client_id, client_secret, client_auth, client_assertion)?;
    Ok(serialize::request(&introspection::build_introspection_request(&endpoint, &credentials, &token.into())?))
}

/// Judges as [`introspection::parse_introspection_response`] does, and gives whether the token is
/// active; what else is said of an active one the caller reads from the same text, by `JSON.parse`.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = parseIntrospectionResponse))]
#[allow(clippy::too_many_arguments, reason = "plain arguments cost half of what an object does")]
#[inline(never)]
pub fn parse_introspection_response(
    status: u16,
    content_type: Option<String>,
    retry_after: Option<String>,
    date: Option<String>,
    body: &str,
    authorization: Option<String>,
    form: Option<String>,
    now: Option<f64>,
    cf_mitigated: Option<String>,
) -> Result<bool, Error> {
    let redaction = Redaction::of_request(authorization.as_deref(), form.as_deref());
    let mut response = response(status, &content_type, &retry_after, &date, body);
    response.cf_mitigated = cf_mitigated.as_deref();
    let introspection = introspection::parse_introspection_response(&response, &redaction, now_or(now))?;
    Ok(matches!(introspection, Introspection::Active(_)))
}

pub(super) fn credentials(
    id: &str,
    secret: &str,
    auth: Option<String>,
    assertion: Option<String>,
) -> Result<Credentials, Error> {
    match assertion {
        Some(assertion) => Credentials::from_assertion(id, assertion),
        None => Credentials::from_secret(
            id,
            secret,
            auth.map_or(Ok(ClientAuth::default()), |auth| ClientAuth::from_name(&auth))?,
        ),
    }
}

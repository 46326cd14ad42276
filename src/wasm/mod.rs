//! The exports: plain arguments in, numbers and JSON out. The only file that knows JavaScript.
//!
//! The npm package calls two of them, `run` for everything and
//! [`freshness`](fn@freshness); the others are there by the feature `wasm`.
//!
//! A request is `{"method","url","headers":{…},"body","redirect":"manual"}`, ready for
//! `fetch(request.url, request)`; a token is
//! `{"accessToken","tokenType","scope","obtainedAt","expiresAt"}`. Failures are JSON too, thrown as
//! a string (by `run` given, behind `!`): with `code`, `category`, `message`, `hint`, `retryable`,
//! and where they apply `error`, `errorDescription`, `status`, `retryAt`. Times are milliseconds
//! since 1970; a `now` left out is read from the clock of JavaScript.

use wasm_bindgen::prelude::*;

mod keys;
#[cfg(feature = "npm")]
mod run;
mod serialize;
mod verify;

pub use keys::*;
#[cfg(feature = "npm")]
pub use run::run;
pub use verify::*;

use crate::encoding::form::form_decode;
use crate::encoding::text;
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::Response;
use crate::http::url::Url;
use crate::lifecycle::{self, Event, Policy, Retry};
use crate::oauth::client::Client;
use crate::oauth::metadata::{self, WellKnown};
use crate::oauth::token::{self, Validity};
use crate::redact::Redaction;
use crate::zitadel::Scope;

/// A quarter of the default allocator's size. The module has one thread, where both are as fast.
#[cfg(feature = "npm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// See [`token::build_token_request`]. `scope` and `resource` are separated by spaces, neither of
/// which can hold one; `params` is a form. Lists as such would cost two kilobytes. Without a secret
/// there is a `client_assertion` (`private_key_jwt`), or an `assertion` (JWT profile), which says
/// itself who asks.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = buildTokenRequest))]
#[allow(clippy::too_many_arguments, reason = "plain arguments cost half of what an object does")]
#[inline(never)]
pub fn build_token_request(
    token_endpoint: &str,
    client_id: &str,
    client_secret: &str,
    client_auth: Option<String>,
    client_assertion: Option<String>,
    assertion: Option<String>,
    scope: &str,
    resource: &str,
    params: &str,
    insecure_http: bool,
) -> Result<String, Error> {
    let endpoint = Url::parse_named("the token endpoint", token_endpoint, insecure_http)?;
    let client = match assertion {
        Some(assertion) => Client::jwt_profile(endpoint, assertion)?,
        None => {
            let credentials = keys::credentials(client_id, client_secret, client_auth, client_assertion)?;
            Client::from_credentials(endpoint, credentials)
        }
    };
    let mut client = client.with_scope(scope)?;
    for uri in resource.split_ascii_whitespace() {
        client = client.with_resource(uri)?;
    }
    for (name, value) in form_pairs(params) {
        client = client.with_param(&name, value)?;
    }
    Ok(serialize::request(&token::build_token_request(&client)))
}

/// See [`token::parse_token_response`]. `authorization` and `form` are the header and the body of
/// the request that was sent; without both, nothing of the server's own words is shown in an error.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = parseTokenResponse))]
#[allow(clippy::too_many_arguments, reason = "plain arguments cost half of what an object does")]
#[inline(never)]
pub fn parse_token_response(
    status: u16,
    content_type: Option<String>,
    retry_after: Option<String>,
    date: Option<String>,
    body: &str,
    authorization: Option<String>,
    form: Option<String>,
    requested_at: f64,
    now: Option<f64>,
) -> Result<String, Error> {
    let redaction = Redaction::of_request(authorization.as_deref(), form.as_deref());
    let response = response(status, &content_type, &retry_after, &date, body);
    let token = token::parse_token_response(&response, &redaction, timestamp(requested_at), now_or(now))?;
    Ok(serialize::token(&token))
}

/// See [`Validity::is_expired`]; an `expires_at` left out is an unknown end.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = isExpired))]
#[inline(never)]
pub fn is_expired(obtained_at: f64, expires_at: Option<f64>, now: Option<f64>, leeway: Option<f64>) -> bool {
    validity(obtained_at, expires_at).is_expired(now_or(now), leeway.map(|millis| millis as u64))
}

/// See [`Validity::time_left`].
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = timeLeft))]
#[inline(never)]
pub fn time_left(expires_at: Option<f64>, now: Option<f64>) -> Option<f64> {
    validity(0.0, expires_at).time_left(now_or(now)).map(|millis| millis as f64)
}

/// See [`token::authorization_header`].
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = authorizationHeader))]
#[inline(never)]
pub fn authorization_header(access_token: &str) -> Result<String, Error> {
    token::authorization_header(&access_token.into())
}

/// See [`metadata::build_metadata_request`].
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = buildMetadataRequest))]
#[inline(never)]
pub fn build_metadata_request(issuer: &str, well_known: Option<String>, insecure_http: bool) -> Result<String, Error> {
    let well_known = well_known.map_or(Ok(WellKnown::default()), |name| WellKnown::from_name(&name))?;
    let request = metadata::build_metadata_request(&issuer_url(issuer, insecure_http)?, well_known)?;
    Ok(serialize::request(&request))
}

/// Judges as [`metadata::parse_metadata_response`] does; what it accepts, the caller reads from the
/// same text, by `JSON.parse`.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = parseMetadataResponse))]
#[inline(never)]
pub fn parse_metadata_response(
    status: u16,
    content_type: Option<String>,
    retry_after: Option<String>,
    body: &str,
    issuer: &str,
    insecure_http: bool,
    now: Option<f64>,
) -> Result<(), Error> {
    let issuer = issuer_url(issuer, insecure_http)?;
    let response = response(status, &content_type, &retry_after, &None, body);
    metadata::checked(&response, &issuer, now_or(now))?;
    Ok(())
}

/// See [`lifecycle::step`]. Policies: 0 tokens, 1 metadata, 2 keys, 3 introspection. Events, with
/// `a`, `b`, `c`: 0 ask; 1 fetched (generation, when it was sent, when it ends); 2 failed
/// (generation, retry: 0 never, 1 soon, 2 brief, 3 at once, 4 once; when the server permits
/// another, or not a number); 3 rejected (generation); 4 renew; 5 withdrawn (generation).
#[wasm_bindgen(js_name = freshness)]
#[allow(clippy::too_many_arguments, reason = "plain arguments cost half of what an object does")]
pub fn freshness(numbers: &mut [f64], policy: u8, event: u8, a: f64, b: f64, c: f64, now: f64, random: f64) {
    let generation = a as u64;
    let event = match event {
        0 => Event::Ask,
        1 => Event::Fetched { generation, sent_at: timestamp(b), end: timestamp(c) },
        2 => {
            let retry = match b as u8 {
                1 => Retry::Soon,
                2 => Retry::Brief,
                3 => Retry::AtOnce,
                4 => Retry::Once,
                _ => Retry::Never,
            };
            Event::Failed { generation, retry, retry_at: (!c.is_nan()).then(|| timestamp(c)) }
        }
        3 => Event::Rejected { generation },
        5 => Event::Withdrawn { generation },
        _ => Event::Renew,
    };
    let policy = match policy {
        0 => Policy::TOKEN,
        1 => Policy::METADATA,
        2 => Policy::KEYS,
        _ => Policy::INTROSPECTION,
    };
    lifecycle::step(numbers, event, &policy, timestamp(now), random);
}

/// See [`Scope`]; `name` is that of the builder in the package's `zitadel.scopes`.
#[cfg_attr(feature = "wasm", wasm_bindgen(js_name = zitadelScope))]
#[inline(never)]
pub fn zitadel_scope(name: &str, value: &str) -> Result<String, Error> {
    let scope = match name {
        "api" => Scope::Api,
        "audience" => Scope::Audience(value),
        "role" => Scope::Role(value),
        "roles" => Scope::Roles,
        "organization" => Scope::Organization(value),
        "primaryDomain" => Scope::PrimaryDomain(value),
        "organizationRoles" => Scope::OrganizationRoles(value),
        "metadata" => Scope::Metadata,
        "resourceOwner" => Scope::ResourceOwner,
        _ => return Err(internal("there is no such scope")),
    };
    scope.text()
}

/// The standard `Request` of what a builder made, with redirects left to the caller. `headers` is
/// whatever the standard takes.
#[cfg(feature = "wasm")]
#[wasm_bindgen(js_name = toRequest)]
pub fn to_request(method: &str, url: &str, headers: &JsValue, body: Option<String>) -> Result<web_sys::Request, Error> {
    // What was thrown is dropped: Node quotes header values in it.
    let unsendable = || {
        let hint = "pass the object that the builder returned, unchanged";
        Error::new(Code::OptionInvalid, "this is no request that can be sent", hint)
    };
    // A browser would complete a relative address with the page's, and send the credentials there.
    Url::parse_insecure(url).map_err(|_| unsendable())?;
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    init.set_headers(headers);
    init.set_redirect(web_sys::RequestRedirect::Manual);
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    web_sys::Request::new_with_str_and_init(url, &init).map_err(|_| unsendable())
}

/// Traps, for the test that a trap is survived.
#[cfg(feature = "test-trap")]
#[wasm_bindgen]
pub fn trap() {
    // A trap leaves this behind on the stack: without a reset the next ones overflow it.
    let mut frame = [0u8; 65_536];
    core::hint::black_box(&mut frame);
    core::arch::wasm32::unreachable()
}

fn internal(message: &'static str) -> Error {
    Error::new(Code::Internal, message, "this is a bug of edge-credentials: please report it")
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        JsValue::from_str(&serialize::error(&error))
    }
}

fn form_pairs(form: &str) -> impl Iterator<Item = (String, String)> {
    text::form_pairs(form).filter_map(|(name, value)| Some((form_decode(name)?, form_decode(value)?)))
}

fn response<'a>(
    status: u16,
    content_type: &'a Option<String>,
    retry_after: &'a Option<String>,
    date: &'a Option<String>,
    body: &'a str,
) -> Response<'a> {
    let (content_type, retry_after, date) = (content_type.as_deref(), retry_after.as_deref(), date.as_deref());
    Response { status, content_type, retry_after, date, cache_control: None, cf_mitigated: None, body }
}

fn issuer_url(issuer: &str, insecure_http: bool) -> Result<Url, Error> {
    Url::parse_named("the issuer", issuer, insecure_http)
}

fn validity(obtained_at: f64, expires_at: Option<f64>) -> Validity {
    Validity { obtained_at: timestamp(obtained_at), expires_at: expires_at.map(timestamp) }
}

fn now_or(now: Option<f64>) -> Timestamp {
    timestamp(now.unwrap_or_else(js_sys::Date::now))
}

fn timestamp(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

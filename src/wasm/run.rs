//! All of the functions behind one export, for the npm package: JSON and a body in, a text out.

use wasm_bindgen::prelude::*;

use crate::encoding::json::{Object, Value};
use crate::encoding::text::as_utf8;
use crate::encoding::text::concat;
use crate::error::Error;

/// Calls the function of this module that is named as `call`, with arguments by name: its own, in
/// camel case, as JSON; `insecureHttp` counts where it is there at all. `body` is an answer's, or a
/// token or a part of one, as it is. It gives what that one gives, numbers and truth values as
/// JSON, `undefined` as an empty text. What goes in is bytes, UTF-8's: a text would be written into
/// memory letter by letter.
///
/// An error is `!` and its JSON: to throw it would take a table of JavaScript's values, half a
/// kilobyte, and more time. Each export of its own costs code on both sides for every argument:
/// together 1.7 kB. The functions are `#[inline(never)]`: V8 compiles a function at its first call,
/// and with all of them inlined here the first call compiled everything.
#[wasm_bindgen]
pub fn run(arguments: &[u8], body: &mut [u8]) -> String {
    // `!` stands in front of an error, and of nothing else that is given.
    call(arguments, body).unwrap_or_else(|error| concat(&["!", &super::serialize::error(&error)]))
}

fn call(arguments: &[u8], body: &mut [u8]) -> Result<String, Error> {
    let arguments = Object::parse(as_utf8(arguments).unwrap_or_default());
    let arguments = Arguments(arguments.map_err(|_| super::internal("no such call"))?);
    let name = arguments.text("call");
    // The only one that writes into it.
    if name == "readJwt" {
        return super::read_jwt(body, arguments.get("typ").is_some());
    }
    let body = as_utf8(body).unwrap_or_default();
    let (text, optional, number) =
        (|name| arguments.text(name), |name| arguments.optional(name), |name| arguments.number(name));
    let insecure_http = arguments.get("insecureHttp").is_some();
    let status = number("status").unwrap_or_default() as u16;
    match name {
        "buildTokenRequest" => super::build_token_request(
            text("tokenEndpoint"),
            text("clientId"),
            text("clientSecret"),
            optional("clientAuth"),
            optional("clientAssertion"),
            optional("assertion"),
            text("scope"),
            text("resource"),
            text("params"),
            insecure_http,
        ),
        "parseTokenResponse" => super::parse_token_response(
            status,
            optional("contentType"),
            optional("retryAfter"),
            optional("date"),
            body,
            optional("authorization"),
            optional("form"),
            number("requestedAt").unwrap_or_default(),
            number("now"),
        ),
        "buildMetadataRequest" => super::build_metadata_request(text("issuer"), optional("wellKnown"), insecure_http),
        "parseMetadataResponse" => super::parse_metadata_response(
            status,
            optional("contentType"),
            optional("retryAfter"),
            body,
            text("issuer"),
            insecure_http,
            number("now"),
        )
        .map(|()| String::new()),
        "authorizationHeader" => super::authorization_header(text("accessToken")),
        "readKey" => super::read_key(text("key"), text("holder"), optional("keyId"), optional("algorithm")),
        "prepareAssertion" => super::prepare_assertion(
            text("algorithm"),
            optional("keyId"),
            text("subject"),
            text("audience"),
            number("keyExpiresAt"),
            number("now"),
        ),
        "checkAssertion" => {
            super::check_assertion(text("algorithm"), optional("keyId"), text("subject"), text("audience"))
                .map(|()| String::new())
        }
        "completeAssertion" => super::complete_assertion(text("signingInput"), text("signature")),
        "buildRevocationRequest" => super::build_revocation_request(
            text("revocationEndpoint"),
            text("clientId"),
            text("clientSecret"),
            optional("clientAuth"),
            optional("clientAssertion"),
            text("token"),
            insecure_http,
        ),
        "parseRevocationResponse" => super::parse_revocation_response(
            status,
            optional("retryAfter"),
            optional("date"),
            body,
            optional("authorization"),
            optional("form"),
            number("now"),
        )
        .map(|()| String::new()),
        "buildIntrospectionRequest" => super::build_introspection_request(
            text("introspectionEndpoint"),
            text("clientId"),
            text("clientSecret"),
            optional("clientAuth"),
            optional("clientAssertion"),
            text("token"),
            insecure_http,
        ),
        "parseIntrospectionResponse" => super::parse_introspection_response(
            status,
            optional("contentType"),
            optional("retryAfter"),
            optional("date"),
            body,
            optional("authorization"),
            optional("form"),
            number("now"),
            optional("cfMitigated"),
        )
        .map(truth),
        "buildKeySetRequest" => super::build_key_set_request(text("jwksUri"), insecure_http),
        "parseKeySet" => super::parse_key_set(
            status,
            optional("contentType"),
            optional("retryAfter"),
            optional("cacheControl"),
            body,
            number("now"),
        ),
        "refuseOtherKinds" => super::refuse_other_kinds(body, arguments.get("typ").is_some()).map(|()| String::new()),
        "judgeClaims" => super::judge_claims(
            body,
            arguments.get("isAtJwt").is_some(),
            text("issuer"),
            text("audience"),
            number("leeway"),
            number("now"),
        ),
        "zitadelScope" => super::zitadel_scope(text("name"), text("value")),
        "isExpired" => {
            let (obtained_at, expires_at) = (number("obtainedAt").unwrap_or_default(), number("expiresAt"));
            let is_expired = super::is_expired(obtained_at, expires_at, number("now"), number("leeway"));
            Ok(truth(is_expired))
        }
        "timeLeft" => Ok(super::serialize::number(super::time_left(number("expiresAt"), number("now")))),
        _ => Err(super::internal("no such call")),
    }
}

fn truth(value: bool) -> String {
    if value { "true" } else { "false" }.into()
}

struct Arguments<'a>(Object<'a>);

impl Arguments<'_> {
    fn get(&self, name: &str) -> Option<&Value<'_>> {
        self.0.get(name)
    }

    fn optional(&self, name: &str) -> Option<String> {
        Some(self.get(name)?.as_str()?.to_owned())
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

//! Discovery: where a server keeps its endpoints (OpenID Connect Discovery 1.0, RFC 8414).

use crate::encoding::json::{Object, Value};
use crate::encoding::text::{concat, find, split, trim_end};
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::status::Kind;
use crate::http::url::Url;
use crate::http::{Request, Response};
use crate::jwt::issuer::TENANT;

/// Where a server publishes its metadata.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WellKnown {
    /// OpenID Connect's: appended to the issuer. To be tried first; ZITADEL has it.
    #[default]
    OpenidConfiguration,
    /// RFC 8414's: put between host and path of the issuer. To be tried after a 404.
    OauthAuthorizationServer,
}

impl WellKnown {
    /// From the name that the registry of well-known URIs gives it.
    ///
    /// # Errors
    /// `option_invalid`: another name.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "openid-configuration" => Ok(WellKnown::OpenidConfiguration),
            "oauth-authorization-server" => Ok(WellKnown::OauthAuthorizationServer),
            _ => Err(Error::new(
                Code::OptionInvalid,
                "the well-known name is unknown",
                "choose `openid-configuration` or `oauth-authorization-server`",
            )),
        }
    }
}

/// What a server says of itself, as far as a service user needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// `issuer`, equal to the one that was asked for.
    pub issuer: String,
    /// `token_endpoint`.
    pub token_endpoint: Option<Url>,
    /// `introspection_endpoint` (RFC 7662).
    pub introspection_endpoint: Option<Url>,
    /// `revocation_endpoint` (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// `jwks_uri`.
    pub jwks_uri: Option<Url>,
    /// `token_endpoint_auth_methods_supported`; `None` means `client_secret_basic` (RFC 8414
    /// section 2).
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// The request for the metadata of `issuer`.
///
/// # Errors
/// `option_invalid`: an issuer with a query (RFC 8414 section 2: "has no query or fragment
/// components"), or the address of the metadata themselves.
pub fn build_metadata_request(issuer: &Url, well_known: WellKnown) -> Result<Request, Error> {
    let path = issuer.path();
    let invalid = |message, hint| Err(Error::new(Code::OptionInvalid, message, hint));
    if find(path, "?").is_some() {
        return invalid("the issuer has a query", "remove the `?` and what follows");
    }
    if find(path, "/.well-known/").is_some() {
        return invalid("the issuer is the address of its metadata", "remove `/.well-known/` and what follows");
    }
    // Both specifications remove a terminating slash before they add their part.
    let path = path.strip_suffix("/").unwrap_or(path);
    // Entra has those of many tenants at `common`, and names itself with the placeholder in them.
    let common = split(path, TENANT).map(|(start, end)| concat(&[start, "common", end]));
    let path = common.as_deref().unwrap_or(path);
    Ok(Request::get(match well_known {
        WellKnown::OpenidConfiguration => concat(&[issuer.origin(), path, "/.well-known/openid-configuration"]),
        WellKnown::OauthAuthorizationServer => {
            concat(&[issuer.origin(), "/.well-known/oauth-authorization-server", path])
        }
    }))
}

/// Reads the answer to [`build_metadata_request`].
///
/// Issuers are compared exactly (OpenID Connect Discovery section 4.3), and every endpoint must be
/// https, or http where the issuer itself is: on loopback, or elsewhere where that was asked for.
///
/// # Errors
/// `endpoint_not_found`: try [`WellKnown::OauthAuthorizationServer`] next. `issuer_mismatch`;
/// `member_missing`; `member_invalid`; and what any answer can be: no JSON, a redirect, overload.
pub fn parse_metadata_response(response: &Response<'_>, issuer: &Url, now: Timestamp) -> Result<Metadata, Error> {
    let document = checked(response, issuer, now)?;
    let url = |name| document.get(name).and_then(|value| url(value, issuer));
    Ok(Metadata {
        issuer: issuer.as_str().to_owned(),
        token_endpoint: url("token_endpoint"),
        introspection_endpoint: url("introspection_endpoint"),
        revocation_endpoint: url("revocation_endpoint"),
        jwks_uri: url("jwks_uri"),
        token_endpoint_auth_methods_supported: match document.get(AUTH_METHODS) {
            Some(Value::Array(methods)) => Some(methods.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            _ => None,
        },
    })
}

/// The document, where all of it that counts is as it should be.
///
/// # Errors
/// As above.
pub(crate) fn checked<'a>(response: &Response<'a>, issuer: &Url, now: Timestamp) -> Result<Object<'a>, Error> {
    let document = response.document(response.parsed(&METADATA), &METADATA, now)?;
    let Some(Value::String(named)) = document.get("issuer") else {
        return Err(fault(Code::MemberMissing, "the metadata names no issuer", response.status));
    };
    if named.as_str() != issuer.as_str() {
        return Err(mismatch(issuer, named, response.status));
    }
    let invalid =
        |name, problem| fault(Code::MemberInvalid, concat(&["the metadata's `", name, problem]), response.status);
    for name in ENDPOINTS {
        if document.get(name).is_some_and(|value| url(value, issuer).is_none()) {
            return Err(invalid(name, "` is no https address"));
        }
    }
    match document.get(AUTH_METHODS) {
        None => Ok(document),
        Some(Value::Array(methods)) if methods.iter().all(|method| method.as_str().is_some()) => Ok(document),
        Some(_) => Err(invalid(AUTH_METHODS, "` is no list of names")),
    }
}

const ENDPOINTS: [&str; 4] = ["token_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri"];

const AUTH_METHODS: &str = "token_endpoint_auth_methods_supported";

const METADATA: Kind = Kind {
    endpoint: "metadata address",
    answer: "metadata",
    longest_body: 1024 * 1024,
    address_hint: "check the issuer: its metadata lies at {issuer}/.well-known/openid-configuration, or under the \
        well-known name `oauth-authorization-server`",
    redirect_hint: "set the issuer to the address that the server itself uses, https included",
    refusal_hint: "metadata are public: check the issuer, and what stands between, such as a firewall",
    sends_credentials: false,
};

fn mismatch(issuer: &Url, named: &str, status: u16) -> Error {
    let message = "the metadata names another issuer than the one configured";
    let safe = named.len() <= 200 && Url::parse_named("", named, issuer.is_http()).is_ok();
    let hint = if !safe {
        "the server names itself by something that is no https address: check the issuer".to_owned()
    } else if trim_end(named, b'/') == trim_end(issuer.as_str(), b'/') {
        concat(&["only a trailing slash differs: set the issuer to `", named, "`"])
    } else {
        concat(&[
            "the server names itself `",
            named,
            "`: set the issuer to exactly this if that is the server you mean",
        ])
    };
    Error::new(Code::IssuerMismatch, message, hint).with_status(status)
}

fn url(value: &Value, issuer: &Url) -> Option<Url> {
    let url = Url::parse_named("", value.as_str()?, issuer.is_http()).ok()?;
    let both_on_loopback = url.is_loopback() && issuer.is_loopback();
    let insecure_already = issuer.is_http() && !issuer.is_loopback();
    (!url.is_http() || both_on_loopback || insecure_already).then_some(url)
}

fn fault(code: Code, message: impl Into<std::borrow::Cow<'static, str>>, status: u16) -> Error {
    Error::new(code, message, "the server's metadata breaks RFC 8414 section 2: report it to whoever runs the server")
        .with_status(status)
}

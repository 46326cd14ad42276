//! Discovery: where a server keeps its endpoints (OpenID Connect Discovery 1.0, RFC 8414).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::json::Value;
use crate::encoding::text::{concat, find, split, trim_end};
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::status::{Kind, Sends};
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
    /// RFC 8414's: put between host and path of the issuer.
    OauthAuthorizationServer,
    /// The same name, appended to the issuer, as some servers have it. For an issuer without a path
    /// this is RFC 8414's.
    OauthAuthorizationServerAppended,
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
            "oauth-authorization-server-appended" => Ok(WellKnown::OauthAuthorizationServerAppended),
            _ => Err(Error::new(
                Code::OptionInvalid,
                "the well-known name is unknown",
                "choose `openid-configuration`, `oauth-authorization-server` or `oauth-authorization-server-appended`",
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
        WellKnown::OauthAuthorizationServerAppended => {
            concat(&[issuer.origin(), path, "/.well-known/oauth-authorization-server"])
        }
    }))
}

/// Reads the answer to [`build_metadata_request`].
///
/// Issuers are compared exactly (OpenID Connect Discovery section 4.3). An endpoint is there if it
/// is https, or http where the issuer itself is: on loopback, or elsewhere where that was asked for.
/// What else stands in its place counts as nothing, since nobody may need it.
///
/// # Errors
/// `endpoint_not_found`: try another [`WellKnown`]. `issuer_mismatch`; `member_missing`; and what
/// any answer can be: no JSON, a redirect, overload.
pub fn parse_metadata_response(response: &Response<'_>, issuer: &Url, now: Timestamp) -> Result<Metadata, Error> {
    let document = response.document(response.parsed(&METADATA), &METADATA, now)?;
    let Some(Value::String(named)) = document.get("issuer") else {
        let hint = "the server's metadata breaks RFC 8414 section 2: report it to its owner";
        let error = Error::new(Code::MemberMissing, "the metadata names no issuer", hint);
        return Err(error.with_status(response.status));
    };
    if named.as_str() != issuer.as_str() {
        return Err(mismatch(issuer, named, response.status));
    }
    let url = |name| document.get(name).and_then(|value| url(value, issuer));
    Ok(Metadata {
        issuer: issuer.as_str().to_owned(),
        token_endpoint: url("token_endpoint"),
        introspection_endpoint: url("introspection_endpoint"),
        revocation_endpoint: url("revocation_endpoint"),
        jwks_uri: url("jwks_uri"),
        token_endpoint_auth_methods_supported: match document.get("token_endpoint_auth_methods_supported") {
            Some(Value::Array(methods)) => methods.iter().map(|method| method.as_str().map(str::to_owned)).collect(),
            _ => None,
        },
    })
}

const METADATA: Kind = Kind {
    endpoint: "metadata address",
    answer: "metadata",
    longest_body: 1024 * 1024,
    address_hint: "check the issuer: its metadata lies at {issuer}/.well-known/openid-configuration, or under the \
        well-known name `oauth-authorization-server`",
    redirect_hint: "set the issuer to the address that the server itself uses, https included",
    sends: Sends::Nothing,
};

fn mismatch(issuer: &Url, named: &str, status: u16) -> Error {
    let message = "the metadata names another issuer than the one configured";
    let safe = named.len() <= 200 && Url::parse_named("", named, issuer.is_http()).is_ok();
    let hint = if !safe {
        "the server names itself by something that is no https address: check the issuer".to_owned()
    } else if trim_end(named, b'/') == trim_end(issuer.as_str(), b'/') {
        concat(&["only a trailing slash differs: set `issuer` to `", named, "`"])
    } else {
        concat(&[
            "the server names itself `",
            named,
            "`: set `issuer` to exactly this if that is the server you mean. If only an inner address reaches it from \
                here, give that as `tokenEndpoint` and `jwksUri`",
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

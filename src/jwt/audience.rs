//! Whom a token is meant for (RFC 7519 section 4.1.3).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::json::{Object, Value};
use crate::encoding::text::{concat, trim_end};
use crate::error::{Code, Error};
use crate::jwt::token_kind::Source;
use crate::redact::names::is_plain_name;

/// So many names of each side are shown.
const MOST_SHOWN: usize = 3;

/// The claims that name the client, at servers that write no `aud`: the first one there counts.
const CLIENTS: [&str; 4] = ["client_id", "azp", "cid", "appid"];

/// "If the principal processing the claim does not identify itself with a value in the "aud" claim
/// when this claim is present, then the JWT MUST be rejected".
///
/// # Errors
/// `audience_refused`.
pub(crate) fn check_audience(named: &[impl AsRef<str>], accepted: &[&str], is_zitadel: bool) -> Result<(), Error> {
    if is_any_of(named, accepted) {
        return Ok(());
    }
    if named.is_empty() {
        let hint = if is_zitadel { ZITADEL_HINT } else { NO_AUDIENCE_HINT };
        return Err(refused("the token names no audience", hint));
    }
    let named: Vec<&str> = named.iter().map(AsRef::as_ref).collect();
    let message =
        concat(&["the token is meant for ", &shown(&named, "others"), ", not for ", &shown(accepted, "this API")]);
    if accepted.is_empty() {
        return Err(refused(message, NO_OPTION_HINT));
    }
    let is_near = named.iter().any(|name| accepted.iter().any(|wanted| are_near(name, wanted)));
    let hint = match is_zitadel {
        _ if is_near => NEAR_HINT,
        true => ZITADEL_HINT,
        false => HINT,
    };
    Err(refused(message, hint))
}

/// Accepts a token that names no audience by the client that it was given to.
///
/// # Errors
/// `audience_refused`.
pub(crate) fn check_client(claims: &Object, source: Source, accepted: &[&str]) -> Result<(), Error> {
    let client = CLIENTS.iter().find_map(|name| source.member(claims, name)).and_then(Value::as_str);
    if client.is_some_and(|client| accepted.contains(&client)) {
        return Ok(());
    }
    let shown = shown(client.as_slice(), "none of those accepted");
    Err(refused(concat(&["the token names no audience, and its client is ", &shown]), CLIENT_HINT))
}

pub(crate) fn is_any_of(named: &[impl AsRef<str>], accepted: &[&str]) -> bool {
    named.iter().any(|name| accepted.contains(&name.as_ref()))
}

pub(crate) fn refused(message: impl Into<String>, hint: &'static str) -> Error {
    Error::new(Code::AudienceRefused, message.into(), hint)
}

/// The names in backticks, but for those that may be secrets.
fn shown(names: &[&str], otherwise: &str) -> String {
    let (mut list, mut count) = (String::new(), 0);
    for name in names.iter().filter(|name| is_plain_name(name)).take(MOST_SHOWN) {
        list.push_str(if count > 0 { ", `" } else { "`" });
        list.push_str(name);
        list.push('`');
        count += 1;
    }
    if count == 0 {
        return otherwise.to_owned();
    }
    if count < names.len() {
        list.push_str(" and others");
    }
    list
}

/// Whether only letter case or a slash at the end differs, as people write addresses.
fn are_near(one: &str, other: &str) -> bool {
    trim_end(one, b'/').eq_ignore_ascii_case(trim_end(other, b'/'))
}

const HINT: &str = "the caller must ask for a token for this API, by `resource` or `audience`; Keycloak needs an \
    audience mapper. Or `audience` is wrong here";

const ZITADEL_HINT: &str = "the caller must ask for the scope `urn:zitadel:iam:org:project:id:{projectId}:aud` of the API's \
    project. Or `audience` is wrong here";

const NEAR_HINT: &str = "only letter case or a slash at the end differs: write `audience` exactly as the token has it";

const NO_AUDIENCE_HINT: &str = "let the issuer name this API in `aud` (Keycloak: an audience mapper). Where it writes \
    no `aud`, set `clientId`, or ask about tokens by `introspection`";

const NO_OPTION_HINT: &str = "set `audience`: `clientId` counts only for tokens that name none";

const CLIENT_HINT: &str = "add the client to `clientId`, if it may call this API";

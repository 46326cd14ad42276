//! Whom a token is meant for (RFC 7519 section 4.1.3).

use crate::encoding::text::{concat, trim_end};
use crate::error::{Code, Error};
use crate::redact::names::is_plain_name;

/// So many names of each side are shown.
const MOST_SHOWN: usize = 3;

/// "If the principal processing the claim does not identify itself with a value in the "aud" claim
/// when this claim is present, then the JWT MUST be rejected".
///
/// # Errors
/// `audience_refused`.
pub(crate) fn check_audience(named: &[impl AsRef<str>], accepted: &[&str]) -> Result<(), Error> {
    if is_any_of(named, accepted) {
        return Ok(());
    }
    if named.is_empty() {
        return Err(refused("the token names no audience".to_owned(), HINT));
    }
    let named: Vec<&str> = named.iter().map(AsRef::as_ref).collect();
    let message =
        concat(&["the token is meant for ", &shown(&named, "others"), ", not for ", &shown(accepted, "this API")]);
    let is_near = named.iter().any(|name| accepted.iter().any(|wanted| are_near(name, wanted)));
    Err(refused(message, if is_near { NEAR_HINT } else { HINT }))
}

pub(crate) fn is_any_of(named: &[impl AsRef<str>], accepted: &[&str]) -> bool {
    named.iter().any(|name| accepted.contains(&name.as_ref()))
}

fn refused(message: String, hint: &'static str) -> Error {
    Error::new(Code::AudienceRefused, message, hint)
}

/// The names in backticks, but for those that may be secrets.
fn shown(names: &[&str], otherwise: &str) -> String {
    let plain: Vec<String> = names
        .iter()
        .filter(|name| is_plain_name(name))
        .take(MOST_SHOWN)
        .map(|name| concat(&["`", name, "`"]))
        .collect();
    match plain.len() {
        0 => otherwise.to_owned(),
        count if count < names.len() => concat(&[&plain.join(", "), " and others"]),
        _ => plain.join(", "),
    }
}

/// Whether only letter case or a slash at the end differs, as people write addresses.
fn are_near(one: &str, other: &str) -> bool {
    trim_end(one, b'/').eq_ignore_ascii_case(trim_end(other, b'/'))
}

const HINT: &str = "whoever calls must ask for a token for this API: with ZITADEL by the scope \
    `urn:zitadel:iam:org:project:id:{projectId}:aud` of the API's project; elsewhere by `resource` or `audience`. \
    Or the audience configured here is wrong";

const NEAR_HINT: &str = "only letter case or a slash at the end differs: write `audience` exactly as the token has it";

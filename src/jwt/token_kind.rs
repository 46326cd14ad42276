//! Which token is an access token: told by the `typ` of a JWT's header, then by what a token's
//! claims or an introspection say of it.

use crate::encoding::json::{Object, Value};
use crate::error::{Code, Error};

/// Where claims come from.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// Somebody signed them: a `null` is a value there.
    Jwt,
    /// A server's answer, in which a `null` is as good as nothing.
    Introspection,
}

impl Source {
    /// The member of this name, if it is there.
    pub(crate) fn member<'o, 'a>(self, claims: &'o Object<'a>, name: &str) -> Option<&'o Value<'a>> {
        match self {
            Source::Jwt => claims.member(name),
            Source::Introspection => claims.get(name),
        }
    }
}

/// Whether a header says that its token is an access token (RFC 9068 section 2.1). ZITADEL says
/// `JWT`, Okta nothing, and then the claims must tell. Any other `typ` names another kind (RFC 8725
/// section 3.11).
///
/// # Errors
/// `token_invalid`.
pub(crate) fn is_at_jwt(header: &Object) -> Result<bool, Error> {
    let Some(typ) = header.member("typ") else { return Ok(false) };
    let Some(typ) = typ.as_str() else { return Err(not_by(HEADER)) };
    // "application/" may be left out (RFC 7515 section 4.1.9).
    let kind = match typ.split_at_checked(APPLICATION.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(APPLICATION) => rest,
        _ => typ,
    };
    if is_any_of(kind, &["JWT", "JOSE"]) {
        return Ok(false);
    }
    if is_any_of(kind, &["at+jwt"]) { Ok(true) } else { Err(another_kind(kind, HEADER)) }
}

/// Refuses claims that are not an access token's, unless a header says that they are.
///
/// # Errors
/// `token_invalid`.
pub(crate) fn check_claims(claims: &Object, source: Source) -> Result<(), Error> {
    let mut is_access = false;
    for (name, message) in MARKS {
        // Only a text names a kind. Servers write no other; a claim of this name that is a number
        // or a list is somebody's own, and to refuse it would protect nobody, since what follows is
        // looked at as if it were not there.
        let Some(kind) = claims.get(name).and_then(Value::as_str) else { continue };
        if names_access(kind) {
            is_access = true;
        } else if !is_any_of(kind, &["JWT"]) {
            return Err(another_kind(kind, message));
        }
    }
    if is_access {
        return Ok(());
    }
    let has = |name| source.member(claims, name).is_some();
    if let Some((_, message)) = SIGNS.iter().find(|(name, _)| has(name)) {
        return Err(refused(message));
    }
    let is_granted = ["scope", "scp", "roles"].iter().any(|name| claims.get(name).is_some());
    if !is_granted && (has("nonce") || is_for_its_client(claims)) {
        return Err(refused(ID_TOKEN));
    }
    Ok(())
}

/// Refuses a token that only the holder of a key may use (RFC 7800, RFC 9449), before anything else
/// is said of it.
///
/// # Errors
/// `token_invalid`.
pub(crate) fn refuse_bound(claims: &Object, source: Source) -> Result<(), Error> {
    let message = "the token is bound to a key of its holder's (`cnf`), which is not checked here";
    source.member(claims, "cnf").map_or(Ok(()), |_| Err(Error::new(Code::TokenInvalid, message, BOUND_HINT)))
}

/// Whether claims say that they are a bearer access token's.
pub(crate) fn is_marked_access(claims: &Object) -> bool {
    let is_bearer = |kind: &str| names_access(kind) && !kind.eq_ignore_ascii_case("DPoP");
    MARKS.iter().any(|(name, _)| claims.get(name).and_then(Value::as_str).is_some_and(is_bearer))
}

fn names_access(kind: &str) -> bool {
    is_any_of(kind, &["Bearer", "DPoP", "access", "access_token"])
}

/// Entra and Auth0 have an `azp` in access tokens; only an id_token is for the client that asked
/// for it.
fn is_for_its_client(claims: &Object) -> bool {
    let Some(client) = claims.get("azp").and_then(Value::as_str) else { return false };
    match claims.get("aud") {
        Some(Value::Array(names)) => names.iter().any(|name| name.as_str() == Some(client)),
        Some(name) => name.as_str() == Some(client),
        None => false,
    }
}

fn is_any_of(kind: &str, names: &[&str]) -> bool {
    names.iter().any(|name| kind.eq_ignore_ascii_case(name))
}

/// Names the kind where it is known, and else by what it is told.
fn another_kind(kind: &str, otherwise: &'static str) -> Error {
    let named = KINDS.iter().find(|(names, _)| is_any_of(kind, names));
    named.map_or_else(|| not_by(otherwise), |(_, message)| refused(message))
}

fn not_by(message: &'static str) -> Error {
    Error::new(Code::TokenInvalid, message, UNKNOWN_HINT)
}

fn refused(message: &'static str) -> Error {
    Error::new(Code::TokenInvalid, message, HINT)
}

const APPLICATION: &str = "application/";

const HEADER: &str = "the token is no access token by its `typ`";

/// By which Keycloak, Cognito and Hydra, and ForgeRock say what a token is.
const MARKS: [(&str, &str); 3] = [
    ("typ", "the token is no access token by its claim `typ`"),
    ("token_use", "the token is no access token by its claim `token_use`"),
    ("tokenName", "the token is no access token by its claim `tokenName`"),
];

/// What no access token has, and of which kind it tells.
const SIGNS: [(&str, &str); 5] = [
    ("events", "the token is a logout token or tells of another event, and is not an access token"),
    ("at_hash", ID_TOKEN),
    ("c_hash", ID_TOKEN),
    ("s_hash", ID_TOKEN),
    ("code", "the token is the answer to a login (it holds a `code`), not an access token"),
];

const KINDS: [(&[&str], &str); 5] = [
    (&["ID", "id_token"], ID_TOKEN),
    (&["Refresh", "refresh_token", "Offline"], "the token is a refresh token, not an access token"),
    (&["Logout", "logout+jwt"], "the token is a logout token, not an access token"),
    (&["RegistrationAccessToken"], "the token is for the registration of a client, and is not an access token"),
    (&["dpop+jwt"], "the token is a DPoP proof, not an access token"),
];

const ID_TOKEN: &str = "the token is an id_token, not an access token";

const HINT: &str = "the caller must send the `access_token` that the token endpoint gave. If it did, \
    let the issuer mark access tokens by the `typ` of RFC 9068, `at+jwt`";

const UNKNOWN_HINT: &str = "the caller must send the `access_token` that the token endpoint gave. If it did, let the \
    issuer mark access tokens by the `typ` of RFC 9068, `at+jwt`";

const BOUND_HINT: &str = "the caller must get a bearer token, without DPoP and without a client certificate";

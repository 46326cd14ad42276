//! What ZITADEL's error texts mean.

use crate::encoding::text::find;
use crate::error::Code;

/// Whether a 404 is ZITADEL's answer to a host name that it serves no instance for
/// (zitadel/zitadel#8605).
pub(crate) fn is_unknown_instance(body: &str) -> bool {
    find(body, "Instance not found").is_some()
}

pub(crate) const UNKNOWN_INSTANCE_HINT: &str = "use a domain of the ZITADEL instance itself, or add this one to its \
    domains; a proxy in front must pass the host name on";

/// Whether a 429 says that the instance is blocked, over its quota for one.
pub(crate) fn is_blocked_instance(body: &str) -> bool {
    find(body, "instance is blocked").is_some()
}

pub(crate) const BLOCKED_INSTANCE_HINT: &str = "this is no rate limit: the ZITADEL instance is blocked, over its quota \
    for one; its owner can unblock it";

pub(crate) const OWNER_HINT: &str = "with ZITADEL the key of a service user goes with `userId`, not with `clientId`; only \
    an application's goes with `clientId`";

/// What an `error_description` of ZITADEL's means, whatever `error` came with it: a wrong secret,
/// for one, arrives as `invalid_request`.
pub(crate) fn explain(description: &str) -> Option<Meaning> {
    let is_scope = description.starts_with(SCOPE_MISSING);
    let (_, meaning) = TEXTS.iter().find(|(text, _)| *text == description || (is_scope && *text == SCOPE_MISSING))?;
    Some(*meaning)
}

/// What it means at the revocation endpoint.
pub(crate) fn explain_revocation(description: &str) -> Option<Meaning> {
    REVOCATION_TEXTS.iter().find(|(text, _)| *text == description).map(|(_, meaning)| *meaning)
}

/// Whether what explains the text speaks of a client secret, or of a login name that goes with one.
pub(crate) fn is_about_secret(description: &str) -> bool {
    [
        "Errors.User.Machine.Secret.",
        "client not found",
        "client_id or client_assertion must",
        "invalid basic auth header",
    ]
    .iter()
    .any(|text| description.starts_with(text))
}

/// Whether the whole text is one of ZITADEL's own, so that there can be nothing secret in it.
pub(crate) fn is_own_text(description: &str) -> bool {
    TEXTS.iter().chain(&REVOCATION_TEXTS).any(|(text, _)| *text == description)
}

/// Code, message and hint.
type Meaning = (Code, &'static str, &'static str);

/// Of a service user's assertion.
pub(crate) const INVALID_ASSERTION: &str = "invalid assertion";

/// Begins a sentence that goes on.
const SCOPE_MISSING: &str = "The scope of your request is missing";

const TEXTS: [(&str, Meaning); 10] = [
    (
        "Errors.User.Machine.Secret.Invalid",
        (
            Code::CredentialsRefused,
            "the client secret is wrong",
            "set the secret that ZITADEL showed when it was generated; a new one takes a second to arrive, a lost one \
            can only be replaced",
        ),
    ),
    (
        "Errors.User.Machine.Secret.NotExisting",
        (
            Code::SecretNotReady,
            "the service user has no client secret, or not yet",
            "a new secret takes a second or two to arrive: try again; if this stays, generate one (service user, Actions, \
         Generate Client Secret)",
        ),
    ),
    (
        "client not found",
        (
            Code::CredentialsRefused,
            "the client id is unknown",
            "with ZITADEL `clientId` is the service user's login name, such as `my-service`, not its number",
        ),
    ),
    (
        "Errors.User.NotActive",
        (
            Code::UserInactive,
            "the service user is deactivated or locked",
            "activate or unlock the service user in ZITADEL",
        ),
    ),
    (
        "client_id or client_assertion must be provided",
        (
            Code::CredentialsRefused,
            "no client authentication reached the server",
            "something between may strip the authorization header: try `clientAuth: \"client_secret_post\"`",
        ),
    ),
    (
        "invalid basic auth header",
        (
            Code::CredentialsRefused,
            "the server could not decode the authorization header",
            "send the header as it was built",
        ),
    ),
    (
        "client authentication must not use more than one method",
        (
            Code::RequestRefused,
            "the request authenticates the client twice",
            "add nothing to the request that was built",
        ),
    ),
    (
        INVALID_ASSERTION,
        (
            Code::CredentialsRefused,
            "the server refused the assertion",
            "check that the key is neither deleted nor expired, \
            and signs by RS256, PS256 or ES256; that it is `userId`'s; that the issuer is exact, since it is the audience; \
            and the clock. A new key takes a second to arrive",
        ),
    ),
    (SCOPE_MISSING, (Code::ScopeRefused, "the request asks for no scope", "ask for at least one: scope: [\"openid\"]")),
    (
        "grant_type missing",
        (
            Code::RequestRefused,
            "the server could not read the body",
            "send body and content-type as they were built: the server reads only a form",
        ),
    ),
];

const REVOCATION_TEXTS: [(&str, Meaning); 2] = [
    (
        "token was not issued for this client",
        (
            Code::GrantRefused,
            "the token is not for this application",
            "only OIDC applications revoke with ZITADEL, and only tokens in whose `aud` they are: ask for the token with \
            the scope urn:zitadel:iam:org:project:id:{projectId}:aud",
        ),
    ),
    (
        "no active client not found",
        (
            Code::CredentialsRefused,
            "no application may revoke with these credentials",
            "only OIDC applications revoke \
            with ZITADEL, neither service users nor API applications, and only tokens in whose `aud` they are",
        ),
    ),
];

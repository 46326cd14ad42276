//! What is ZITADEL's own: reserved scopes, and what its error texts mean.

use crate::encode::is_scope_token;
use crate::error::{Code, Error};
use crate::text::{concat, find};

/// A scope that ZITADEL reserves
/// ([documentation](https://zitadel.com/docs/apis/openidoauth/scopes#reserved-scopes)). It authorises
/// nobody: ZITADEL grants it to any service user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope<'a> {
    /// Permits the token at ZITADEL's own APIs.
    Api,
    /// Puts the project of this id into the token's audience. Any service user can ask for any project's.
    Audience(&'a str),
    /// Asks for the claim about this role of the requesting project, and grants nothing.
    Role(&'a str),
    /// Asks for the claims about the roles in all projects of the audience, and grants nothing.
    Roles,
    /// Permits only users of the organization of this id.
    Organization(&'a str),
    /// Permits only users of the organization with this primary domain.
    PrimaryDomain(&'a str),
    /// Limits the roles to those granted by the organization of this id.
    OrganizationRoles(&'a str),
    /// Asks for the user's metadata.
    Metadata,
    /// Asks for id, name and primary domain of the user's organization.
    ResourceOwner,
}

impl Scope<'_> {
    /// The scope as it stands in a request.
    ///
    /// # Errors
    /// `option_invalid`: the id, key or domain is empty or holds what a scope cannot (RFC 6749 appendix A.4).
    pub fn text(&self) -> Result<String, Error> {
        let (before, value, after) = match *self {
            Scope::Api => return Ok("urn:zitadel:iam:org:project:id:zitadel:aud".to_owned()),
            Scope::Roles => return Ok("urn:zitadel:iam:org:projects:roles".to_owned()),
            Scope::Metadata => return Ok("urn:zitadel:iam:user:metadata".to_owned()),
            Scope::ResourceOwner => return Ok("urn:zitadel:iam:user:resourceowner".to_owned()),
            Scope::Audience(project_id) => ("urn:zitadel:iam:org:project:id:", project_id, ":aud"),
            Scope::Role(key) => ("urn:zitadel:iam:org:project:role:", key, ""),
            Scope::Organization(id) => ("urn:zitadel:iam:org:id:", id, ""),
            Scope::PrimaryDomain(domain) => ("urn:zitadel:iam:org:domain:primary:", domain, ""),
            Scope::OrganizationRoles(id) => ("urn:zitadel:iam:org:roles:id:", id, ""),
        };
        if !is_scope_token(value) {
            return Err(Error::new(
                Code::OptionInvalid,
                "the value of a ZITADEL scope is empty or holds characters that a scope cannot",
                "pass an id, a role key or a domain, without white space or quotes",
            ));
        }
        Ok(concat(&[before, value, after]))
    }
}

/// Whether a 404 is ZITADEL's answer to a host name that it serves no instance for (zitadel/zitadel#8605).
pub(crate) fn is_unknown_instance(body: &str) -> bool {
    find(body, "Instance not found").is_some()
}

pub(crate) const UNKNOWN_INSTANCE_HINT: &str = "use a domain of the ZITADEL instance itself, or add this one to its \
    domains; a proxy in front must pass the host name on";

pub(crate) struct Explanation {
    pub(crate) code: Code,
    pub(crate) problem: &'static str,
    pub(crate) hint: &'static str,
}

/// What an `error_description` of ZITADEL's means, whatever `error` came with it: a wrong secret, for one, arrives as
/// `invalid_request`.
pub(crate) fn explain(description: &str) -> Option<Explanation> {
    let (_, code, problem, hint) = *TEXTS.iter().find(|(text, ..)| description.starts_with(text))?;
    Some(Explanation { code, problem, hint })
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
    TEXTS.iter().any(|(text, ..)| *text == description)
}

type Text = (&'static str, Code, &'static str, &'static str);

const TEXTS: [Text; 10] = [
    (
        "Errors.User.Machine.Secret.Invalid",
        Code::CredentialsRefused,
        "the client secret is wrong",
        "set the secret that ZITADEL showed when it was generated; a lost one cannot be read again, only replaced (service \
         user, Actions, Generate Client Secret)",
    ),
    (
        "Errors.User.Machine.Secret.NotExisting",
        Code::SecretNotReady,
        "the service user has no client secret, or not yet",
        "a new secret takes a second or two to arrive: try again; if this stays, generate one (service user, Actions, \
         Generate Client Secret)",
    ),
    (
        "client not found",
        Code::CredentialsRefused,
        "the client id is unknown",
        "in ZITADEL the client id is the service user's login name, such as `my-service`, not its number; it is shown \
         beside the generated secret",
    ),
    (
        "Errors.User.NotActive",
        Code::UserInactive,
        "the service user is deactivated or locked",
        "activate or unlock the service user in ZITADEL",
    ),
    (
        "client_id or client_assertion must be provided",
        Code::CredentialsRefused,
        "no client authentication reached the server",
        "something between may strip the authorization header: try client authentication `client_secret_post`",
    ),
    (
        "invalid basic auth header",
        Code::CredentialsRefused,
        "the server could not decode the authorization header",
        "send the header as it was built: id and secret are form-encoded once, then base64-encoded",
    ),
    (
        "client authentication must not use more than one method",
        Code::RequestRefused,
        "the request authenticates the client twice",
        "leave the secret either in the header or in the body; add nothing to the request that was built",
    ),
    (
        "token was not issued for this client",
        Code::GrantRefused,
        "the token is not for this application",
        "only an application in the token's audience may revoke it: the client has to ask for that by the scope \
         urn:zitadel:iam:org:project:id:{client id}:aud",
    ),
    (
        "The scope of your request is missing",
        Code::ScopeRefused,
        "the request asks for no scope",
        "ask for at least one: scope: [\"openid\"]",
    ),
    (
        "grant_type missing",
        Code::RequestRefused,
        "the server could not read the body",
        "send body and content-type as they were built: the server reads only a form",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_spelt_as_zitadel_documents_them() {
        let text = |scope: Scope<'_>| scope.text().unwrap();
        assert_eq!(text(Scope::Api), "urn:zitadel:iam:org:project:id:zitadel:aud");
        assert_eq!(text(Scope::Audience("123")), "urn:zitadel:iam:org:project:id:123:aud");
        assert_eq!(text(Scope::Role("reader")), "urn:zitadel:iam:org:project:role:reader");
        assert_eq!(text(Scope::Roles), "urn:zitadel:iam:org:projects:roles");
        assert_eq!(text(Scope::Organization("9")), "urn:zitadel:iam:org:id:9");
        assert_eq!(text(Scope::PrimaryDomain("acme.example")), "urn:zitadel:iam:org:domain:primary:acme.example");
        assert_eq!(text(Scope::OrganizationRoles("9")), "urn:zitadel:iam:org:roles:id:9");
        assert_eq!(text(Scope::Metadata), "urn:zitadel:iam:user:metadata");
        assert_eq!(text(Scope::ResourceOwner), "urn:zitadel:iam:user:resourceowner");
        assert_eq!(Scope::Audience("1 2").text().unwrap_err().code(), Code::OptionInvalid);
        assert_eq!(Scope::Role("").text().unwrap_err().code(), Code::OptionInvalid);
    }
}

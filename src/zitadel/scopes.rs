//! The scopes that ZITADEL reserves.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::text::{concat, is_scope_token};
use crate::error::{Code, Error};

/// A scope that ZITADEL reserves
/// ([documentation](https://zitadel.com/docs/apis/openidoauth/scopes#reserved-scopes)). It
/// authorises nobody: ZITADEL grants it to any service user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope<'a> {
    /// Permits the token at ZITADEL's own APIs.
    Api,
    /// Puts the project of this id into the token's audience. Any service user can ask for any
    /// project's.
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
    /// `option_invalid`: the id, key or domain is empty or holds what a scope cannot (RFC 6749
    /// appendix A.4).
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

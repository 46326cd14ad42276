//! What a token must have: audience, client, scopes, roles, claims.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::json::{Fault, Object, Value};
use crate::encoding::text::{concat, parts};
use crate::error::{Code, Error};
use crate::jwt::audience::{check_audience, check_client};
use crate::jwt::token_kind::Source;
use crate::redact::names::is_plain_name;
use crate::zitadel::roles::has_role;

/// Requirements as JavaScript writes them, of which a token must meet all: `{"audience":[…],
/// "clientId":[…],"tenants":[…],"scope":[…],"roles":[{"role":…,"project":…,"organization":…}],
/// "roleClaim":[…],"claims":[[name,value],…],"isZitadel":true}`. One of the audiences is enough.
/// Each member may be left out.
pub(crate) struct Requirements<'a>(Object<'a>);

impl<'a> Requirements<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        Object::parse(text).map(Requirements)
    }

    /// The tenants of an issuer that has many.
    pub(crate) fn tenants(&self) -> Vec<&str> {
        self.texts("tenants")
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        self.0.get(name).and_then(Value::strings).unwrap_or_default()
    }

    fn list(&self, name: &str) -> &[Value<'a>] {
        match self.0.get(name) {
            Some(Value::Array(items)) => items,
            _ => &[],
        }
    }

    fn is_zitadel(&self) -> bool {
        self.0.get("isZitadel").is_some()
    }

    /// Checks whom the token is meant for: `named`, or where nobody is named its client.
    ///
    /// # Errors
    /// `audience_refused`.
    pub(crate) fn check_recipient(&self, claims: &Object, named: &[&str], source: Source) -> Result<(), Error> {
        let clients = self.texts("clientId");
        if named.is_empty() && !clients.is_empty() {
            return check_client(claims, source, &clients);
        }
        check_audience(named, &self.texts("audience"), self.is_zitadel())
    }

    /// Checks everything else. `scope` is what the claims name, separated by spaces.
    ///
    /// # Errors
    /// `claim_refused`, `scope_insufficient`, `role_insufficient`; `option_invalid` for a JWT and a
    /// role of no project.
    pub(crate) fn check(&self, claims: &Object, scope: Option<&str>, source: Source) -> Result<(), Error> {
        self.list("claims").iter().try_for_each(|required| check_claim(claims, required))?;
        self.check_scope(scope, source)?;
        let role_claim = self.texts("roleClaim");
        self.list("roles").iter().try_for_each(|required| match required {
            Value::Object(required) if role_claim.is_empty() => check_zitadel_role(claims, required, source),
            Value::Object(required) => check_role(claims, required, &role_claim),
            _ => Err(unreadable()),
        })
    }

    fn check_scope(&self, scope: Option<&str>, source: Source) -> Result<(), Error> {
        let is_granted = |required: &str| parts(scope.unwrap_or_default(), " ").any(|granted| granted == required);
        let required = self.texts("scope");
        let Some(lacking) = required.into_iter().find(|required| !is_granted(required)) else { return Ok(()) };

        let hint = match (source, scope) {
            (Source::Jwt, None) if self.is_zitadel() => {
                "the token is a JWT without `scope`, as ZITADEL's are: require a role instead"
            }
            _ => "the caller must ask for it by `scope`, and be permitted it",
        };
        let what = named("the scope", lacking, "a scope that is required");
        Err(Error::new(Code::ScopeInsufficient, concat(&["the token lacks ", &what]), hint))
    }
}

pub(crate) fn unreadable() -> Error {
    let hint = "this is a bug of edge-credentials: please report it";
    Error::new(Code::Internal, "the requirements are not readable", hint)
}

/// A claim must be the text that is required, or a list that holds it.
fn check_claim(claims: &Object, required: &Value) -> Result<(), Error> {
    let required = required.strings().unwrap_or_default();
    let [name, value] = required.as_slice() else { return Err(unreadable()) };
    let found = claims.get(name).and_then(Value::strings);
    if found.as_ref().is_some_and(|found| found.contains(value)) {
        return Ok(());
    }
    let what = named("claim", name, "claim that is required");
    let problem = if found.is_some() { " is not what is required" } else { " is missing, or no text" };
    Err(Error::new(Code::ClaimRefused, concat(&["the token's ", &what, problem]), CLAIM_HINT))
}

/// A role in the claim that `roleClaim` names, or of one member of it after another. A text there
/// is one role, whatever it holds.
fn check_role(claims: &Object, required: &Object, path: &[&str]) -> Result<(), Error> {
    let role = required.get("role").and_then(Value::as_str).unwrap_or_default();
    let mut object = Some(claims);
    let mut found = None;
    for name in path {
        found = object.and_then(|object| object.get(name));
        object = match found {
            Some(Value::Object(inner)) => Some(inner),
            _ => None,
        };
    }
    if found.and_then(Value::strings).is_some_and(|roles| roles.contains(&role)) {
        return Ok(());
    }
    let what = named("the role", role, "a role that is required");
    let place = if found.is_some() { "" } else { ": it has no claim `roleClaim`" };
    let message = concat(&["the token lacks ", &what, place]);
    Err(Error::new(
        Code::RoleInsufficient,
        message,
        "grant the user the role. Or the roles stand in another claim than `roleClaim` says",
    ))
}

fn check_zitadel_role(claims: &Object, required: &Object, source: Source) -> Result<(), Error> {
    let text = |name| required.get(name).and_then(Value::as_str);
    let (role, project, organization) = (text("role").unwrap_or_default(), text("project"), text("organization"));
    if project.is_none() && matches!(source, Source::Jwt) {
        return Err(Error::new(Code::OptionInvalid, "a role is required, but of no project", NO_PROJECT_HINT));
    }
    if has_role(claims, role, project, organization) {
        return Ok(());
    }
    let what = named("the role", role, "a role that is required");
    let place = project.map_or_else(
        || "the project of whoever introspects".to_owned(),
        |project| named("the project", project, "its project"),
    );
    let by = organization.map_or_else(String::new, |organization| {
        concat(&[", granted by ", &named("the organization", organization, "its organization")])
    });
    Err(Error::new(Code::RoleInsufficient, concat(&["the token lacks ", &what, " in ", &place, &by]), ROLE_HINT))
}

/// A name in backticks, unless it may be a secret.
fn named(what: &str, name: &str, otherwise: &str) -> String {
    if is_plain_name(name) { concat(&[what, " `", name, "`"]) } else { otherwise.to_owned() }
}

const CLAIM_HINT: &str = "the caller is not one of those that `claims` permits. Or `claims` is wrong here";

const NO_PROJECT_HINT: &str = "set `projectId`, or name it: `{ role, project }`; only an introspection speaks of the project of \
    whoever asks. Elsewhere set `roleClaim`";

const ROLE_HINT: &str = "grant the user the role in this project; the caller must ask for the scopes of the project's audience and \
    `urn:zitadel:iam:org:projects:roles`. Elsewhere set `roleClaim`";

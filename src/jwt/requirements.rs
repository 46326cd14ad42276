//! What a token must have: audience, scopes, roles.

use crate::encoding::json::{Fault, Object, Value};
use crate::encoding::text::{concat, parts};
use crate::error::{Code, Error};
use crate::jwt::token_kind::Source;
use crate::redact::names::is_plain_name;
use crate::zitadel::roles::has_role;

/// Requirements as JavaScript writes them, of which a token must meet all:
/// `{"audience":[…],"scope":[…],"roles":[{"role":…,"project":…,"organization":…}]}`. One of the
/// audiences is enough; a role's project and organization may be left out.
pub(crate) struct Requirements<'a>(Object<'a>);

impl<'a> Requirements<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        Object::parse(text).map(Requirements)
    }

    pub(crate) fn audience(&self) -> Vec<&str> {
        self.texts("audience")
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        self.0.get(name).and_then(Value::strings).unwrap_or_default()
    }

    /// Checks everything but the audience. `scope` is what the claims name, separated by spaces.
    ///
    /// # Errors
    /// `scope_insufficient`, `role_insufficient`; `option_invalid` for a JWT and a role of no project.
    pub(crate) fn check(&self, claims: &Object, scope: Option<&str>, source: Source) -> Result<(), Error> {
        self.check_scope(scope, source)?;
        let roles = match self.0.get("roles") {
            Some(Value::Array(roles)) => roles.as_slice(),
            _ => &[],
        };
        roles.iter().try_for_each(|required| match required {
            Value::Object(required) => check_role(claims, required, source),
            _ => Ok(()),
        })
    }

    fn check_scope(&self, scope: Option<&str>, source: Source) -> Result<(), Error> {
        let is_granted = |required: &str| parts(scope.unwrap_or_default(), " ").any(|granted| granted == required);
        let required = self.texts("scope");
        let Some(lacking) = required.into_iter().find(|required| !is_granted(required)) else { return Ok(()) };

        let hint = match (source, scope) {
            (Source::Jwt, None) => "the token is a JWT without `scope`, as ZITADEL's are: require a role instead",
            _ => "whoever calls must ask for the scopes, and be permitted them",
        };
        let what = named("the scope", lacking, "a scope that is required");
        Err(Error::new(Code::ScopeInsufficient, concat(&["the token lacks ", &what]), hint))
    }
}

fn check_role(claims: &Object, required: &Object, source: Source) -> Result<(), Error> {
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

const NO_PROJECT_HINT: &str = "set `projectId`, or name it: `{ role, project }`; only an introspection speaks of the project of \
    whoever asks";

const ROLE_HINT: &str = "grant the user the role in this project; whoever calls must ask for the scopes of the project's audience and \
    `urn:zitadel:iam:org:projects:roles`";

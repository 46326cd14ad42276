//! Roles in ZITADEL's claims.

use alloc::borrow::ToOwned;

use crate::encoding::json::{Object, Value};
use crate::encoding::text::concat;

/// Whether claims grant a role in a project, by an organization if one is wanted. Without a project
/// the claim about the asking client's own project counts. A role without an organization does not
/// count, and a claim whose shape is not ZITADEL's grants nothing.
pub(crate) fn has_role(claims: &Object, role: &str, project: Option<&str>, organization: Option<&str>) -> bool {
    let name = match project {
        Some(project) => concat(&["urn:zitadel:iam:org:project:", project, ":roles"]),
        None => "urn:zitadel:iam:org:project:roles".to_owned(),
    };
    let grants = |map: &Value| match map {
        Value::Object(roles) => matches!(roles.get(role), Some(Value::Object(by)) if is_by(by, organization)),
        _ => false,
    };
    match claims.get(&name) {
        // As the documentation shows it; ZITADEL itself sends one map.
        Some(Value::Array(maps)) => maps.iter().any(grants),
        Some(map) => grants(map),
        None => false,
    }
}

/// An organization's id and its primary domain.
fn is_by(organizations: &Object, organization: Option<&str>) -> bool {
    match organization {
        Some(id) => organizations.get(id).and_then(Value::as_str).is_some(),
        None => organizations.values().any(|domain| domain.as_str().is_some()),
    }
}

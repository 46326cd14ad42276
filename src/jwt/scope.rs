//! The scopes of a token: `scope` (RFC 8693 section 4.2, RFC 7662 section 2.2), or Okta's and Entra's
//! `scp`. Some servers write a list.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::json::{Object, Value};
use crate::encoding::text::{is_scope_token, parts};
use crate::jwt::token_kind::Source;

/// The scopes separated by spaces. `None`: no scopes, though there is a `scope`.
pub(crate) fn scope_of(claims: &Object, source: Source) -> Option<Option<String>> {
    match source.member(claims, "scope") {
        // What a server answers is trusted: characters that no scope has match none.
        Some(Value::String(text)) if matches!(source, Source::Introspection) => Some(Some(text.as_str().to_owned())),
        Some(value) => joined(value).map(Some),
        // Not of the standard: somebody's own claim may have this name.
        None => Some(source.member(claims, "scp").and_then(joined)),
    }
}

/// A text of scopes, or a list of them, separated by spaces.
pub(crate) fn joined(value: &Value) -> Option<String> {
    let mut all = String::new();
    for scope in value.strings()? {
        let are_scopes = parts(scope, " ").all(|token| token.is_empty() || is_scope_token(token));
        // In a list a space would make two scopes of one.
        if !are_scopes || (value.as_str().is_none() && !is_scope_token(scope)) {
            return None;
        }
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(scope);
    }
    Some(all)
}

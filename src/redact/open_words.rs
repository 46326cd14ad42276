//! Words that are shown whatever they have in common with a secret: what was configured, and the
//! protocol's own.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::base64::base64url_decode;
use crate::encoding::json::{Object, Value};
use crate::encoding::text::{find, parts, split};
use crate::redact::PART;
use crate::redact::told::holds;
use crate::secret::Secret;

/// Stands in a text for an open word.
pub(crate) const PLACE: char = '\u{1}';

/// In any letter case.
const PROTOCOL: &str = "client_id client_secret client_secret_basic client_secret_post client_secret_jwt private_key_jwt \
    client_assertion client_assertion_type client_credentials grant_type access_token refresh_token id_token \
    token_type token_endpoint expires_in authorization basic bearer token assertion scope openid resource audience issuer \
    subject secret client credentials iss sub aud exp iat nbf jti kid alg typ invalid_client invalid_grant \
    invalid_request invalid_scope invalid_target unauthorized_client unsupported_grant_type access_denied server_error oauth2 \
    application/x-www-form-urlencoded";

#[derive(Default)]
pub(crate) struct OpenWords(Vec<String>);

impl OpenWords {
    pub(crate) fn add(&mut self, word: &str) {
        if !word.is_empty() {
            self.0.push(word.to_owned());
        }
    }

    /// An address, its origin and host, and where its path can be cut: servers name themselves by
    /// the start of their endpoints.
    pub(crate) fn add_address(&mut self, address: &str) {
        // A query may hold a key.
        let address = parts(address, "?").next().unwrap_or_default();
        let Some((scheme, rest)) = split(address, "://") else { return };
        let start = scheme.len() + "://".len();
        self.add(address);
        for (at, byte) in rest.bytes().enumerate() {
            if byte == b'/' {
                self.add(address.get(..start + at).unwrap_or_default());
                self.add(address.get(..=start + at).unwrap_or_default());
            }
        }
        self.add(parts(rest, "/").next().unwrap_or_default());
    }

    /// A configured word that holds a secret is none. What is shorter than a telling part has to be
    /// the whole word: a version or a number may be in any.
    pub(crate) fn drop_what_holds(&mut self, secrets: &[Secret]) {
        let tells = |word: &str, secret: &str| word == secret || (secret.len() >= PART && holds(word, secret));
        self.0.retain(|word| !secrets.iter().any(|secret| tells(word, secret.expose())));
    }

    /// The longest open word that a text begins with, and that ends where a word ends.
    pub(crate) fn at<'a>(&self, text: &'a str, before: char) -> Option<&'a str> {
        if is_inside(before) {
            return None;
        }
        let configured = self.0.iter().map(String::as_str);
        let lengths = configured.chain(parts(PROTOCOL, " ")).filter_map(|word| {
            let start = text.get(..word.len())?;
            let after = text.get(word.len()..)?.chars().next().unwrap_or(' ');
            let ends = !is_inside(after) || word.ends_with('/');
            (ends && start.eq_ignore_ascii_case(word)).then_some(word.len())
        });
        text.get(..lengths.max()?)
    }
}

/// Whether a word goes on with this.
fn is_inside(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// What an assertion says of who asks and whom: ids and addresses that were configured.
pub(crate) fn ids_of_assertion(assertion: &str, open: &mut OpenWords) {
    let object = |part: Option<&str>, add: &mut dyn FnMut(&Object<'_>)| {
        if let Some(text) = part.and_then(base64url_decode)
            && let Ok(object) = Object::parse(&text)
        {
            add(&object);
        }
    };
    let mut pieces = parts(assertion, ".");
    object(pieces.next(), &mut |header| {
        header.get("kid").and_then(Value::as_str).into_iter().for_each(|id| open.add(id));
    });
    object(pieces.next(), &mut |claims| {
        for text in ["iss", "sub", "aud"].iter().filter_map(|name| claims.get(name)?.strings()).flatten() {
            if find(text, "://").is_some() { open.add_address(text) } else { open.add(text) }
        }
    });
}

//! Who is asking, and for what.

use crate::encode::{basic_credentials, concat, is_scope_token, is_visible_ascii, push_form_pair};
use crate::error::{Code, Error};
use crate::secret::Secret;
use crate::url::Url;

/// How the client proves who it is (RFC 6749 section 2.3.1). Never both: servers must refuse that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `client_secret_basic`: in the `authorization` header. Every server must take it.
    #[default]
    SecretBasic,
    /// `client_secret_post`: in the body.
    SecretPost,
}

impl ClientAuth {
    /// From the name that the OAuth registry gives it.
    ///
    /// # Errors
    /// `option_invalid`: another name.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "client_secret_basic" => Ok(ClientAuth::SecretBasic),
            "client_secret_post" => Ok(ClientAuth::SecretPost),
            _ => Err(invalid(
                "the client authentication is unknown",
                "choose `client_secret_basic` or `client_secret_post`",
            )),
        }
    }
}

/// A client of a token endpoint: who it is, what it asks for. Checked when made, so that a request can always be built.
#[derive(Clone, Debug)]
pub struct Client {
    token_endpoint: Url,
    id: String,
    secret: Secret,
    auth: ClientAuth,
    scope: String,
    resources: Vec<String>,
    params: Vec<(String, Secret)>,
}

impl Client {
    /// A client that authenticates with `client_secret_basic` and asks for no scope.
    ///
    /// `id` is ZITADEL's login name of the service user, or what the server calls client id. Both texts are taken as they are,
    /// not encoded.
    ///
    /// # Errors
    /// `option_invalid`: an empty text, or one with control characters such as the line break that `echo` adds.
    pub fn new(token_endpoint: Url, id: &str, secret: impl Into<Secret>) -> Result<Self, Error> {
        let secret = secret.into();
        check_credential("the client id", id)?;
        check_credential("the client secret", secret.expose())?;
        Ok(Client {
            token_endpoint,
            id: id.to_owned(),
            secret,
            auth: ClientAuth::default(),
            scope: String::new(),
            resources: Vec::new(),
            params: Vec::new(),
        })
    }

    /// Chooses how the client proves who it is.
    #[must_use]
    pub fn with_auth(mut self, auth: ClientAuth) -> Self {
        self.auth = auth;
        self
    }

    /// Adds one scope or several, separated by spaces (RFC 6749 section 3.3).
    ///
    /// # Errors
    /// `option_invalid`: characters that a scope cannot hold.
    pub fn with_scope(mut self, scope: &str) -> Result<Self, Error> {
        for token in scope.split(' ').filter(|token| !token.is_empty()) {
            if !is_scope_token(token) {
                return Err(invalid(
                    "a scope holds characters that it cannot",
                    "a scope is visible ASCII without quotes and backslashes; several are separated by spaces",
                ));
            }
            if !self.scope.is_empty() {
                self.scope.push(' ');
            }
            self.scope.push_str(token);
        }
        Ok(self)
    }

    /// Adds a resource that the token is for (RFC 8707).
    ///
    /// # Errors
    /// `option_invalid`: not an absolute URI, or one with a fragment.
    pub fn with_resource(mut self, resource: &str) -> Result<Self, Error> {
        let scheme = resource.split_once(':').map_or("", |(scheme, _)| scheme);
        let scheme_is_plain = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !scheme_is_plain || !is_visible_ascii(resource) || resource.contains('#') {
            return Err(invalid(
                "a resource is not an absolute URI without fragment",
                "write it as the server knows it, such as https://api.example/ or urn:example:api (RFC 8707 section 2)",
            ));
        }
        self.resources.push(resource.to_owned());
        Ok(self)
    }

    /// Adds a parameter of the server's own, such as Auth0's `audience`.
    ///
    /// # Errors
    /// `option_invalid`: no name, one given before, or one that this library sets itself.
    pub fn with_param(mut self, name: &str, value: impl Into<Secret>) -> Result<Self, Error> {
        let problem = if name.is_empty() {
            "an extra parameter has no name"
        } else if MANAGED.contains(&name) {
            "an extra parameter would override one that has an option of its own"
        } else if self.params.iter().any(|(known, _)| known == name) {
            "an extra parameter is given twice"
        } else {
            self.params.push((name.to_owned(), value.into()));
            return Ok(self);
        };
        Err(invalid(problem, MANAGED_HINT))
    }

    pub(crate) fn token_endpoint(&self) -> &Url {
        &self.token_endpoint
    }

    /// The `authorization` header, if this client authenticates by one.
    pub(crate) fn authorization(&self) -> Option<String> {
        match self.auth {
            ClientAuth::SecretBasic => Some(concat(&["Basic ", &basic_credentials(&self.id, self.secret.expose())])),
            ClientAuth::SecretPost => None,
        }
    }

    /// What the client asks for, then its credentials if they go into the body.
    pub(crate) fn push_form(&self, form: &mut String) {
        if !self.scope.is_empty() {
            push_form_pair(form, "scope", &self.scope);
        }
        for resource in &self.resources {
            push_form_pair(form, "resource", resource);
        }
        for (name, value) in &self.params {
            push_form_pair(form, name, value.expose());
        }
        if self.auth == ClientAuth::SecretPost {
            push_form_pair(form, "client_id", &self.id);
            push_form_pair(form, "client_secret", self.secret.expose());
        }
    }
}

/// Parameters that extra ones must not override.
const MANAGED: [&str; 8] = [
    "grant_type",
    "scope",
    "resource",
    "client_id",
    "client_secret",
    "assertion",
    "client_assertion",
    "client_assertion_type",
];

const MANAGED_HINT: &str = "each name once, and none of grant_type, scope, resource, client_id, client_secret, assertion, \
    client_assertion, client_assertion_type";

fn check_credential(what: &str, text: &str) -> Result<(), Error> {
    let (problem, hint) = if text.is_empty() {
        (" is empty", "is the binding, secret or environment variable set?")
    } else if text.ends_with(['\n', '\r']) {
        (
            " ends in a line break",
            "store it without one: `echo` adds it, `printf %s` does not, nor does `wrangler secret put` where it asks for the value",
        )
    } else if text.contains(|c: char| c.is_control()) {
        (" holds a control character", "check how it was stored: credentials are one line of text")
    } else {
        return Ok(());
    };
    Err(Error::new(Code::OptionInvalid, concat(&[what, problem]), hint))
}

fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, hint)
}

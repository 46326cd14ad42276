//! Who is asking, and for what.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::form::push_form_pair;
use crate::encoding::text::{is_scope_token, is_visible_ascii, parts};
use crate::error::{Code, Error};
use crate::http::url::Url;
use crate::oauth::credentials::{ClientAuth, Credentials, check_assertion};
use crate::secret::Secret;

/// A client of a token endpoint: who it is, what it asks for. Checked when made, so that a request
/// can always be built.
#[derive(Clone, Debug)]
pub struct Client {
    token_endpoint: Url,
    grant: Grant,
    requested: Requested,
}

/// What a token is for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requested {
    scope: String,
    resources: Vec<String>,
    params: Vec<(String, Secret)>,
}

/// What a token is asked for with.
#[derive(Clone, Debug)]
enum Grant {
    /// RFC 6749 section 4.4.
    ClientCredentials(Credentials),
    /// RFC 7523 section 2.1: the assertion says who asks. Client authentication beside it is
    /// optional.
    JwtBearer(Secret, Option<Credentials>),
}

impl Client {
    /// A client that authenticates with `client_secret_basic` and asks for no scope.
    ///
    /// `id` is ZITADEL's login name of the service user, or what the server calls client id. Both
    /// texts are taken as they are, not encoded.
    ///
    /// # Errors
    /// `option_invalid`: an empty text, or one with control characters such as the line break that
    /// `echo` adds.
    pub fn new(token_endpoint: Url, id: &str, secret: impl Into<Secret>) -> Result<Self, Error> {
        Ok(Self::from_credentials(token_endpoint, Credentials::from_secret(id, secret, ClientAuth::default())?))
    }

    /// A client with whatever credentials, such as an assertion (`private_key_jwt`). It asks by
    /// client credentials, for no scope.
    pub fn from_credentials(token_endpoint: Url, credentials: Credentials) -> Self {
        Self::with_grant(token_endpoint, Grant::ClientCredentials(credentials))
    }

    /// A service user with a key: the grant `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523
    /// section 2.1), which ZITADEL calls JWT profile. It asks for no scope; ZITADEL wants one, such
    /// as `openid`.
    ///
    /// `assertion` is what [`complete_assertion`](crate::complete_assertion) gave. Each request
    /// takes another.
    ///
    /// # Errors
    /// `option_invalid`: no signed JWT.
    pub fn jwt_profile(token_endpoint: Url, assertion: impl Into<Secret>) -> Result<Self, Error> {
        let assertion = assertion.into();
        check_assertion(&assertion)?;
        Ok(Self::with_grant(token_endpoint, Grant::JwtBearer(assertion, None)))
    }

    /// Adds client credentials to an assertion of the JWT profile, which Keycloak and Hydra want;
    /// otherwise replaces the client's.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.grant = match self.grant {
            Grant::ClientCredentials(_) => Grant::ClientCredentials(credentials),
            Grant::JwtBearer(assertion, _) => Grant::JwtBearer(assertion, Some(credentials)),
        };
        self
    }

    fn with_grant(token_endpoint: Url, grant: Grant) -> Self {
        Client { token_endpoint, grant, requested: Requested::default() }
    }

    /// Chooses how the client sends its secret; without a secret this changes nothing.
    #[must_use]
    pub fn with_auth(mut self, auth: ClientAuth) -> Self {
        self.grant = match self.grant {
            Grant::ClientCredentials(credentials) => Grant::ClientCredentials(credentials.with_auth(auth)),
            Grant::JwtBearer(assertion, credentials) => {
                Grant::JwtBearer(assertion, credentials.map(|credentials| credentials.with_auth(auth)))
            }
        };
        self
    }

    /// Adds one scope or several, separated by spaces (RFC 6749 section 3.3).
    ///
    /// # Errors
    /// `option_invalid`: characters that a scope cannot hold.
    pub fn with_scope(mut self, scope: &str) -> Result<Self, Error> {
        self.requested.add_scope(scope)?;
        Ok(self)
    }

    /// Adds a resource that the token is for (RFC 8707). Any text without blanks: Entra v1 and ADFS
    /// name theirs by GUIDs, which are no URIs.
    ///
    /// # Errors
    /// `option_invalid`: empty, or characters beyond visible ASCII.
    pub fn with_resource(mut self, resource: &str) -> Result<Self, Error> {
        self.requested.add_resource(resource)?;
        Ok(self)
    }

    /// Adds a parameter of the server's own, such as Auth0's `audience`.
    ///
    /// # Errors
    /// `option_invalid`: no name, one given before, or one that this library sets itself.
    pub fn with_param(mut self, name: &str, value: impl Into<Secret>) -> Result<Self, Error> {
        self.requested.add_param(name, value.into())?;
        Ok(self)
    }

    pub(crate) fn with_requested(self, requested: Requested) -> Self {
        Client { requested, ..self }
    }

    pub(crate) fn token_endpoint(&self) -> &Url {
        &self.token_endpoint
    }

    /// The `authorization` header, if this client authenticates by one.
    pub(crate) fn authorization(&self) -> Option<String> {
        match &self.grant {
            Grant::ClientCredentials(credentials) => credentials.authorization(),
            Grant::JwtBearer(_, credentials) => credentials.as_ref().and_then(Credentials::authorization),
        }
    }

    /// The grant and what the client asks for, then its credentials if they go into the body.
    pub(crate) fn push_form(&self, form: &mut String) {
        let grant_type = match &self.grant {
            Grant::ClientCredentials(_) => "client_credentials",
            Grant::JwtBearer(..) => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        };
        push_form_pair(form, "grant_type", grant_type);
        self.requested.push_form(form);
        match &self.grant {
            Grant::ClientCredentials(credentials) => credentials.push_form(form),
            Grant::JwtBearer(assertion, credentials) => {
                push_form_pair(form, "assertion", assertion.expose());
                if let Some(credentials) = credentials {
                    credentials.push_form(form);
                }
            }
        }
    }
}

impl Requested {
    pub(crate) fn add_scope(&mut self, scope: &str) -> Result<(), Error> {
        for token in parts(scope, " ").filter(|token| !token.is_empty()) {
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
        Ok(())
    }

    pub(crate) fn add_resource(&mut self, resource: &str) -> Result<(), Error> {
        if !is_visible_ascii(resource) {
            return Err(invalid(
                "a resource holds characters that it cannot",
                "write it as the server knows it, such as https://api.example/ or a GUID: visible ASCII, no blanks",
            ));
        }
        self.resources.push(resource.to_owned());
        Ok(())
    }

    pub(crate) fn add_param(&mut self, name: &str, value: Secret) -> Result<(), Error> {
        let problem = if name.is_empty() {
            "an extra parameter has no name"
        } else if MANAGED.contains(&name) {
            "an extra parameter would override one that has an option of its own"
        } else if self.params.iter().any(|(known, _)| known == name) {
            "an extra parameter is given twice"
        } else {
            self.params.push((name.to_owned(), value));
            return Ok(());
        };
        Err(invalid(problem, MANAGED_HINT))
    }

    fn push_form(&self, form: &mut String) {
        if !self.scope.is_empty() {
            push_form_pair(form, "scope", &self.scope);
        }
        for resource in &self.resources {
            push_form_pair(form, "resource", resource);
        }
        for (name, value) in &self.params {
            push_form_pair(form, name, value.expose());
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

fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, hint)
}

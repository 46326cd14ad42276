//! How a client proves who it is, at whatever endpoint asks for it.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::form::{basic_credentials, push_form_pair};
use crate::encoding::text::is_visible_ascii;
use crate::encoding::text::{concat, parts};
use crate::error::{Code, Error};
use crate::keys::pem::is_private_key;
use crate::secret::Secret;

/// How a client sends its secret (RFC 6749 section 2.3.1). Never both: servers must refuse that.
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
            _ => Err(Error::new(
                Code::OptionInvalid,
                "the client authentication is unknown",
                "choose `client_secret_basic` or `client_secret_post`",
            )),
        }
    }
}

/// A client's credentials: its id with a secret, or with a signed assertion (`private_key_jwt`).
/// Checked when made.
#[derive(Clone, Debug)]
pub struct Credentials {
    id: String,
    proof: Proof,
}

#[derive(Clone, Debug)]
enum Proof {
    Basic(Secret),
    Post(Secret),
    /// Short-lived and to be used once: each request takes another.
    Assertion(Secret),
    AccessToken(Secret),
    Nothing,
}

impl Credentials {
    /// An id and a secret, both taken as they are, not encoded.
    ///
    /// # Errors
    /// `option_invalid`: an empty text, one in quotes, or one with control characters such as the
    /// line break that `echo` adds.
    pub fn from_secret(id: &str, secret: impl Into<Secret>, auth: ClientAuth) -> Result<Self, Error> {
        let secret = secret.into();
        check_id("the client id", id)?;
        check_credential("the client secret", secret.expose())?;
        check_unquoted("the client id", id)?;
        check_unquoted("the client secret", secret.expose())?;
        Ok(Credentials { id: id.to_owned(), proof: Proof::Basic(secret) }.with_auth(auth))
    }

    /// An id and an assertion made with the client's key (RFC 7523 section 2.2): what
    /// [`complete_assertion`](crate::complete_assertion) gave, of which `id` is issuer and subject.
    ///
    /// # Errors
    /// `option_invalid`: an id as above; no signed JWT.
    pub fn from_assertion(id: &str, assertion: impl Into<Secret>) -> Result<Self, Error> {
        let assertion = assertion.into();
        check_id("the client id", id)?;
        check_assertion(&assertion)?;
        Ok(Credentials { id: id.to_owned(), proof: Proof::Assertion(assertion) })
    }

    /// An access token of the API's own, for introspection (RFC 7662 section 2.1).
    ///
    /// # Errors
    /// `option_invalid`: characters that no token has.
    pub fn from_access_token(token: impl Into<Secret>) -> Result<Self, Error> {
        let token = token.into();
        if !is_visible_ascii(token.expose()) {
            let message = "the access token is empty, or holds characters that no token has";
            return Err(Error::new(Code::OptionInvalid, message, "pass the token alone, without `Bearer`"));
        }
        Ok(Credentials { id: String::new(), proof: Proof::AccessToken(token) })
    }

    /// None, for an introspection endpoint that wants none, as Hydra's on its admin port.
    pub fn none() -> Self {
        Credentials { id: String::new(), proof: Proof::Nothing }
    }

    /// The other way to send a secret; an assertion goes into the body anyway.
    #[must_use]
    pub(crate) fn with_auth(mut self, auth: ClientAuth) -> Self {
        self.proof = match (self.proof, auth) {
            (Proof::Basic(secret) | Proof::Post(secret), ClientAuth::SecretBasic) => Proof::Basic(secret),
            (Proof::Basic(secret) | Proof::Post(secret), ClientAuth::SecretPost) => Proof::Post(secret),
            (assertion, _) => assertion,
        };
        self
    }

    /// The `authorization` header, if there is to be one.
    pub(crate) fn authorization(&self) -> Option<String> {
        match &self.proof {
            Proof::Basic(secret) => Some(concat(&["Basic ", &basic_credentials(&self.id, secret.expose())])),
            Proof::AccessToken(token) => Some(concat(&["Bearer ", token.expose()])),
            Proof::Post(_) | Proof::Assertion(_) | Proof::Nothing => None,
        }
    }

    /// What of them goes into the body.
    pub(crate) fn push_form(&self, form: &mut String) {
        let (name, proof) = match &self.proof {
            Proof::Basic(_) | Proof::AccessToken(_) | Proof::Nothing => return,
            Proof::Post(secret) => ("client_secret", secret),
            Proof::Assertion(assertion) => ("client_assertion", assertion),
        };
        // With an assertion it is unnecessary by RFC 7521 section 4.2, but there are servers that
        // want it, Entra ID among them.
        push_form_pair(form, "client_id", &self.id);
        if name == "client_assertion" {
            push_form_pair(form, "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        }
        push_form_pair(form, name, proof.expose());
    }
}

/// One line of text with something in it.
pub(crate) fn check_credential(what: &str, text: &str) -> Result<(), Error> {
    let (problem, hint) = if text.is_empty() {
        (" is empty", "is the binding, secret or environment variable set?")
    } else if matches!(text.as_bytes().last(), Some(b'\n' | b'\r')) {
        (
            " ends in a line break",
            "store it without one: `echo` adds it, `printf %s` does not, nor does `wrangler secret put` where it asks \
                for the value",
        )
    } else if text.chars().any(char::is_control) {
        (" holds a control character", "check how it was stored: credentials are one line of text")
    } else {
        return Ok(());
    };
    Err(Error::new(Code::OptionInvalid, concat(&[what, problem]), hint))
}

/// Quotes around a value are those of the file that it was stored in.
pub(crate) fn check_unquoted(what: &str, text: &str) -> Result<(), Error> {
    if !['"', '\''].iter().any(|quote| text.len() > 2 && text.starts_with(*quote) && text.ends_with(*quote)) {
        return Ok(());
    }
    let hint = "remove them: they belong to the file that it was stored in, such as `.env`";
    Err(Error::new(Code::OptionInvalid, concat(&[what, " is in quotes"]), hint))
}

/// The same, of what is shown to others and in `Debug`.
pub(crate) fn check_id(what: &str, text: &str) -> Result<(), Error> {
    if is_private_key(text) {
        let hint = "two values were swapped: a private key goes only where a key is taken";
        return Err(Error::new(Code::OptionInvalid, concat(&[what, " holds a private key"]), hint));
    }
    check_credential(what, text)
}

/// Three parts, none of them empty, in characters that tokens have.
pub(crate) fn check_assertion(assertion: &Secret) -> Result<(), Error> {
    let mut parts = parts(assertion.expose(), ".");
    let are_three = parts.by_ref().take(3).filter(|part| is_visible_ascii(part)).count() == 3 && parts.next().is_none();
    are_three.then_some(()).ok_or_else(|| {
        let hint = "pass the JWT that completeAssertion gave, signature included";
        Error::new(Code::OptionInvalid, "the assertion is not a signed JWT", hint)
    })
}

//! ZITADEL's key files, and telling apart what can be given as a key.

use alloc::borrow::ToOwned;
use alloc::string::String;

use core::fmt;

use crate::encoding::json::{Object, Value};
use crate::encoding::rfc3339::rfc3339;
use crate::encoding::text::concat;
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::keys::pem::is_private_key;
use crate::keys::signing_key::{SigningKey, document, object};

/// The JSON file that ZITADEL gives out for a new key: of a service user (for the JWT profile) or
/// of an application (for client authentication).
///
/// `Debug` shows nothing of it.
#[derive(Clone)]
pub struct KeyFile {
    key: SigningKey,
    holder: Holder,
    expires_at: Option<Timestamp>,
}

#[derive(Clone)]
enum Holder {
    ServiceUser { user_id: String },
    Application { client_id: String },
}

impl KeyFile {
    /// From the file's text.
    ///
    /// # Errors
    /// `option_invalid`: not a key file, or one that lacks a member; or its key is not fit, as for
    /// [`SigningKey::parse`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        match AnyKey::parse(text)? {
            AnyKey::File(file) => Ok(file),
            AnyKey::Bare(_) => Err(invalid(
                "the key is no key file of ZITADEL's, but a bare key",
                "pass the JSON file with `type`, `keyId` and `key`, as ZITADEL gave it out",
            )),
        }
    }

    fn read(file: &Object) -> Result<Self, Error> {
        let holder = match file.get("type").and_then(Value::as_str) {
            Some("serviceaccount") => Holder::ServiceUser { user_id: id(file, "userId")?.to_owned() },
            Some("application") => Holder::Application { client_id: id(file, "clientId")?.to_owned() },
            _ => {
                return Err(invalid(
                    "the key's JSON is neither a JWK nor a key file of ZITADEL's",
                    "a JWK has `kty`, a key file has `type` \"serviceaccount\" or \"application\"; of a key set pass \
                        one key",
                ));
            }
        };
        let key = SigningKey::from_pem(member(file, "key")?)?.with_key_id(id(file, "keyId")?);
        let expires_at = match file.get("expirationDate") {
            None => None,
            Some(date) => Some(date.as_str().and_then(rfc3339).ok_or_else(|| {
                invalid(
                    "the key file's `expirationDate` is no date",
                    "it should look like 2030-01-01T00:00:00Z (RFC 3339)",
                )
            })?),
        };
        // The zero of Go's time, with which ZITADEL's language says that there is none, lies before
        // 1970.
        Ok(KeyFile { key, holder, expires_at: expires_at.filter(|at| at.as_millis() >= 0) })
    }

    /// The key, with the file's `keyId`.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// `userId`: issuer and subject of an assertion of the JWT profile.
    ///
    /// # Errors
    /// `option_invalid`: the key is an application's.
    pub fn user_id(&self) -> Result<&str, Error> {
        match &self.holder {
            Holder::ServiceUser { user_id } => Ok(user_id),
            Holder::Application { .. } => Err(invalid(
                "the key file is an application's, where a service user's is wanted",
                "an application's key introspects or revokes tokens; for the JWT profile make a key of the service \
                    user (Keys, New, JSON)",
            )),
        }
    }

    /// `clientId`: issuer and subject of an assertion that authenticates a client.
    ///
    /// # Errors
    /// `option_invalid`: the key is a service user's.
    pub fn client_id(&self) -> Result<&str, Error> {
        match &self.holder {
            Holder::Application { client_id } => Ok(client_id),
            Holder::ServiceUser { .. } => Err(invalid(
                "the key file is a service user's, where an application's is wanted",
                "leave out the client: a service user's key gets tokens by the JWT profile; to introspect or revoke \
                    tokens make a key of the application",
            )),
        }
    }

    /// `expirationDate`: when ZITADEL stops to accept the key; `None`: not said.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Whether ZITADEL can still accept the key.
    ///
    /// # Errors
    /// `key_expired`: its time is over.
    pub fn check_expiry(&self, now: Timestamp) -> Result<(), Error> {
        check_expiry(self.expires_at, now)
    }
}

/// # Errors
/// `key_expired`: its time is over.
pub(crate) fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
    match expires_at {
        Some(end) if end <= now => Err(Error::new(
            Code::KeyExpired,
            "the key has expired: the `expirationDate` of its file is past",
            "make a new key in ZITADEL and replace this one; a key made without an expiration date stays good",
        )),
        _ => Ok(()),
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile").finish_non_exhaustive()
    }
}

/// What can be given as a key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AnyKey {
    /// PEM or a JWK: whose key it is must be said beside it.
    Bare(SigningKey),
    /// A key file of ZITADEL's.
    File(KeyFile),
}

impl AnyKey {
    /// Tells PEM, JWK and key file apart.
    ///
    /// # Errors
    /// As for [`SigningKey::parse`] and [`KeyFile::parse`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some(document) = document(text)? else { return Ok(AnyKey::Bare(SigningKey::from_pem(text)?)) };
        let object = object(&document)?;
        let is_jwk = object.get("kty").is_some();
        Ok(if is_jwk { AnyKey::Bare(SigningKey::from_jwk(&object)?) } else { AnyKey::File(KeyFile::read(&object)?) })
    }

    /// The key itself.
    pub fn key(&self) -> &SigningKey {
        match self {
            AnyKey::Bare(key) => key,
            AnyKey::File(file) => file.key(),
        }
    }
}

fn member<'a>(file: &'a Object, name: &str) -> Result<&'a str, Error> {
    let problem = match file.get(name) {
        Some(Value::String(text)) if !text.is_empty() => return Ok(text),
        Some(_) => "` is not a text with something in it",
        None => "` is missing",
    };
    Err(bad_member(name, problem))
}

/// An id is shown, in an assertion and in `Debug`.
fn id<'a>(file: &'a Object, name: &str) -> Result<&'a str, Error> {
    let id = member(file, name)?;
    if is_private_key(id) { Err(bad_member(name, "` holds a private key")) } else { Ok(id) }
}

fn bad_member(name: &str, problem: &str) -> Error {
    let message = concat(&["the key file's `", name, problem]);
    Error::new(Code::OptionInvalid, message, "store the file as ZITADEL gave it out, all of it")
}

fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, hint)
}

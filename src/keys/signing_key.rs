//! A private key that signs assertions.

use alloc::borrow::ToOwned;
use alloc::string::String;

use core::fmt;

use zeroize::Zeroizing;

use crate::encoding::json::{Fault, Object};
use crate::encoding::text::find;
use crate::error::{Code, Error};
use crate::keys::algorithm::Algorithm;
use crate::keys::jwk;
use crate::keys::pem;
use crate::keys::pkcs8::PrivateKey;

/// A private key, what it signs with, and its name where that came with it.
///
/// The crate does not sign: whoever does gets the key as PKCS#8, which WebCrypto and OpenSSL
/// import. ring does with two reservations: an Ed25519 key, which has no public key beside it here,
/// by `Ed25519KeyPair::from_pkcs8_maybe_unchecked`; and one on P-256 only if what was given held
/// its public point (a JWK always does, a PEM nearly always). `Debug` shows the algorithm alone;
/// there is no `PartialEq`. The bytes are wiped from memory on drop.
#[derive(Clone)]
pub struct SigningKey {
    private: PrivateKey,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl SigningKey {
    /// From PEM (PKCS#8, PKCS#1, SEC1) or a JWK; RSA from 2048 bits on, P-256, Ed25519. An RSA key
    /// signs by RS256 unless its JWK says `PS256`.
    ///
    /// White space around, lost or escaped line breaks (`\n`) and other PEM blocks before and after
    /// do no harm.
    ///
    /// # Errors
    /// `option_invalid`: anything else; the message says what it is instead, the hint what to do.
    /// ZITADEL's key files have more to them: see [`KeyFile`](crate::KeyFile).
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some(document) = document(text)? else { return Self::from_pem(text) };
        let object = object(&document)?;
        if object.get("kty").is_some() {
            return Self::from_jwk(&object);
        }
        Err(invalid(
            "the key's JSON is no JWK",
            "pass one with `kty`; a key file of ZITADEL's goes where key files are taken",
        ))
    }

    pub(crate) fn from_pem(text: &str) -> Result<Self, Error> {
        let private = PrivateKey::from_der(&pem::private_key(text)?)?;
        Ok(SigningKey { algorithm: private.key_type.default_algorithm(), private, key_id: None })
    }

    pub(crate) fn from_jwk(object: &Object) -> Result<Self, Error> {
        let jwk::Jwk { private, algorithm, key_id } = jwk::read(object)?;
        Ok(SigningKey { private, algorithm, key_id })
    }

    /// Chooses what to sign with, such as [`Algorithm::Ps256`].
    ///
    /// # Errors
    /// `option_invalid`: the key is of another kind.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Result<Self, Error> {
        if algorithm.key_type() != self.private.key_type {
            return Err(invalid(
                "the signature algorithm does not fit the key",
                "choose RS256 or PS256 for an RSA key, ES256 for one on the curve P-256, EdDSA or Ed25519 for an \
                    Ed25519 key",
            ));
        }
        self.algorithm = algorithm;
        Ok(self)
    }

    /// Names the key as the server knows it.
    #[must_use]
    pub fn with_key_id(mut self, key_id: &str) -> Self {
        self.key_id = Some(key_id.to_owned());
        self
    }

    /// What to sign with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid` of its JWK, the `keyId` of its key file, or what it was given.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The key itself: PKCS#8 (RFC 5958), DER, to be handed to whatever signs.
    pub fn expose_pkcs8(&self) -> &[u8] {
        &self.private.pkcs8
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// The text of the object that it is, if it is meant to be JSON; `None` leaves PEM.
///
/// # Errors
/// `option_invalid`: nothing there, or a key file with something around it.
pub(crate) fn document(text: &str) -> Result<Option<Zeroizing<String>>, Error> {
    let text = text.strip_prefix("\u{feff}").unwrap_or(text).trim_ascii();
    if text.is_empty() {
        return Err(invalid("the key is empty", "is the binding, secret or environment variable set?"));
    }
    if !text.starts_with("{") {
        // The PEM inside would be found, and be a key without id and owner.
        let is_wrapped = ["\"keyId", "'keyId", "u0022keyId"].iter().any(|name| find(text, name).is_some());
        return if is_wrapped { Err(invalid(WRAPPED, WRAPPED_HINT)) } else { Ok(None) };
    }
    // Where `\n` in a string became a line break on its way, it is no JSON any more; outside of
    // strings a blank is as good.
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars() {
        line.push(if matches!(c, '\n' | '\r') { ' ' } else { c });
    }
    Ok(Some(line))
}

/// # Errors
/// `option_invalid`: JSON that cannot be read, or that names a member twice.
pub(crate) fn object(document: &str) -> Result<Object<'_>, Error> {
    Object::parse(document).map_err(|fault| match fault {
        Fault::DuplicateMember => {
            invalid("the key's JSON names a member twice", "take the file again from where it was made")
        }
        Fault::NotJson | Fault::NotAnObject => invalid(
            "the key begins like JSON but cannot be read as such",
            "was it cut off, or were its quotes changed on the way? store the file as it is",
        ),
    })
}

const WRAPPED: &str = "the key file stands in quotes or in a list";

const WRAPPED_HINT: &str = "pass the file's text as it is, from `{` to `}`: nothing around it, nothing escaped";

fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, hint)
}

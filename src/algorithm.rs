//! The signature algorithms of assertions, and which key takes which.

use crate::error::{Code, Error};

/// A signature algorithm, by its JOSE name (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 9864 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// `RS256`: RSA, PKCS#1 v1.5, SHA-256. Every server must know it.
    Rs256,
    /// `PS256`: RSA, PSS with a salt of 32 bytes, SHA-256.
    Ps256,
    /// `ES256`: ECDSA on P-256, SHA-256. The signature is r and s, 32 bytes each (RFC 7518 section 3.4), not DER.
    Es256,
    /// `EdDSA`, here always with Ed25519.
    EdDsa,
    /// `Ed25519`, the newer name of the same.
    Ed25519,
}

impl Algorithm {
    const ALL: [Algorithm; 5] =
        [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ed25519];

    /// From its JOSE name.
    ///
    /// # Errors
    /// `option_invalid`: another name.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        known.ok_or_else(|| {
            let hint = "choose RS256 or PS256 for an RSA key, ES256 for one on the curve P-256, EdDSA or Ed25519 for an Ed25519 key";
            Error::new(Code::OptionInvalid, "the signature algorithm is not one of those offered here", hint)
        })
    }

    /// Its JOSE name: what stands in a JWT's header.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Ps256 => "PS256",
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Ed25519 => "Ed25519",
        }
    }

    pub(crate) const fn key_type(self) -> KeyType {
        match self {
            Algorithm::Rs256 | Algorithm::Ps256 => KeyType::Rsa,
            Algorithm::Es256 => KeyType::P256,
            Algorithm::EdDsa | Algorithm::Ed25519 => KeyType::Ed25519,
        }
    }
}

/// A kind of key that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Rsa,
    P256,
    Ed25519,
}

impl KeyType {
    /// What a key signs with unless told otherwise: what most servers take.
    pub(crate) const fn default_algorithm(self) -> Algorithm {
        match self {
            KeyType::Rsa => Algorithm::Rs256,
            KeyType::P256 => Algorithm::Es256,
            KeyType::Ed25519 => Algorithm::EdDsa,
        }
    }
}

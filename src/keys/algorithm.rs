//! The signature algorithms of assertions and of tokens, and which key takes which.

use crate::error::{Code, Error};

/// What an assertion is signed with, by its JOSE name (RFC 7518 section 3.1, RFC 8037 section 3.1,
/// RFC 9864 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// `RS256`: RSA, PKCS#1 v1.5, SHA-256. Every server must know it.
    Rs256,
    /// `PS256`: RSA, PSS with a salt of 32 bytes, SHA-256.
    Ps256,
    /// `ES256`: ECDSA on P-256, SHA-256. The signature is r and s, 32 bytes each (RFC 7518 section
    /// 3.4), not DER.
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
            let hint = "choose RS256 or PS256 for an RSA key, ES256 for one on the curve P-256, EdDSA or Ed25519 for \
                an Ed25519 key";
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

/// What a token may be signed with, by its JOSE name (RFC 7518 section 3.1, RFC 8037 section 3.1,
/// RFC 9864 section 2.2): more than is offered for signing, since others chose. `none` and HMAC are
/// not among them, nor ES256K and Ed448, which WebCrypto lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwsAlgorithm {
    /// `RS256`: RSA, PKCS#1 v1.5, SHA-256.
    Rs256,
    /// `RS384`: the same with SHA-384.
    Rs384,
    /// `RS512`: the same with SHA-512.
    Rs512,
    /// `PS256`: RSA, PSS with a salt as long as the hash, SHA-256.
    Ps256,
    /// `PS384`: the same with SHA-384.
    Ps384,
    /// `PS512`: the same with SHA-512.
    Ps512,
    /// `ES256`: ECDSA on P-256, SHA-256.
    Es256,
    /// `ES384`: ECDSA on P-384, SHA-384.
    Es384,
    /// `ES512`: ECDSA on P-521, SHA-512.
    Es512,
    /// `EdDSA`, here always with Ed25519.
    EdDsa,
    /// `Ed25519`, the newer name of the same.
    Ed25519,
}

impl JwsAlgorithm {
    /// All of them.
    pub const ALL: [JwsAlgorithm; 11] = [
        JwsAlgorithm::Rs256,
        JwsAlgorithm::Rs384,
        JwsAlgorithm::Rs512,
        JwsAlgorithm::Ps256,
        JwsAlgorithm::Ps384,
        JwsAlgorithm::Ps512,
        JwsAlgorithm::Es256,
        JwsAlgorithm::Es384,
        JwsAlgorithm::Es512,
        JwsAlgorithm::EdDsa,
        JwsAlgorithm::Ed25519,
    ];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Its JOSE name: what stands in a JWT's header.
    pub const fn name(self) -> &'static str {
        match self {
            JwsAlgorithm::Rs256 => "RS256",
            JwsAlgorithm::Rs384 => "RS384",
            JwsAlgorithm::Rs512 => "RS512",
            JwsAlgorithm::Ps256 => "PS256",
            JwsAlgorithm::Ps384 => "PS384",
            JwsAlgorithm::Ps512 => "PS512",
            JwsAlgorithm::Es256 => "ES256",
            JwsAlgorithm::Es384 => "ES384",
            JwsAlgorithm::Es512 => "ES512",
            JwsAlgorithm::EdDsa => "EdDSA",
            JwsAlgorithm::Ed25519 => "Ed25519",
        }
    }

    pub(crate) const fn key_kind(self) -> KeyKind {
        match self {
            JwsAlgorithm::Es256 => KeyKind::P256,
            JwsAlgorithm::Es384 => KeyKind::P384,
            JwsAlgorithm::Es512 => KeyKind::P521,
            JwsAlgorithm::EdDsa | JwsAlgorithm::Ed25519 => KeyKind::Ed25519,
            _ => KeyKind::Rsa,
        }
    }
}

/// A kind of key that verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

impl KeyKind {
    /// By `kty` and `crv` (RFC 7518 section 6.2.1.1, RFC 8037 section 2).
    pub(crate) fn from_names(kty: &str, crv: Option<&str>) -> Option<Self> {
        Some(match (kty, crv) {
            ("RSA", _) => KeyKind::Rsa,
            ("EC", Some("P-256")) => KeyKind::P256,
            ("EC", Some("P-384")) => KeyKind::P384,
            ("EC", Some("P-521")) => KeyKind::P521,
            ("OKP", Some("Ed25519")) => KeyKind::Ed25519,
            _ => return None,
        })
    }

    /// How long a number of the key is, in bytes, and each half of a signature; `None`: as the key
    /// has it.
    pub(crate) const fn bytes(self) -> Option<usize> {
        match self {
            KeyKind::Rsa => None,
            KeyKind::P256 | KeyKind::Ed25519 => Some(32),
            KeyKind::P384 => Some(48),
            KeyKind::P521 => Some(66),
        }
    }
}

//! Private keys as PKCS#8 (RFC 5958), the one form that WebCrypto imports: from PKCS#1 (RFC 8017),
//! SEC1 (RFC 5915), PKCS#8 itself, and bare numbers. Whatever came in, only the numbers are kept.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::keys::algorithm::KeyType;
use crate::keys::der::{
    BIT_STRING, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, context, element, integer, significant,
};

/// A private key and its kind. No `Debug`: it is nothing but secret.
#[derive(Clone)]
pub(crate) struct PrivateKey {
    pub(crate) key_type: KeyType,
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
}

/// The numbers of an RSA key: n, e, d, p, q, dp, dq, qi.
pub(crate) type RsaNumbers<'a> = [&'a [u8]; 8];

const SHORTEST_RSA: usize = 2048;
/// Where WebCrypto's implementations end.
const LONGEST_RSA: usize = 16_384;

/// The length of a number on P-256, and of an Ed25519 key, in bytes.
pub(crate) const CURVE_BYTES: usize = 32;

const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const NULL: &[u8] = &[5, 0];
const ZEROS: [u8; CURVE_BYTES] = [0; CURVE_BYTES];

impl PrivateKey {
    /// From DER, of which of the three forms it tells by what follows the version: whoever renames
    /// a file renames no key.
    ///
    /// # Errors
    /// `option_invalid`: damaged, not a private key, or not one that signs here.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut key = Reader(der).sequence().ok_or_else(damaged)?;
        let version = key.integer().ok_or_else(damaged)?;
        if let Some(algorithm) = key.sequence() {
            return Self::from_pkcs8(algorithm, key.next(OCTET_STRING).ok_or_else(damaged)?);
        }
        if let Some(private) = key.next(OCTET_STRING) {
            return Self::from_sec1(private, key, false);
        }
        if !version.is_empty() {
            return Err(unsuitable("the key is an RSA key of more than two primes"));
        }
        Self::from_pkcs1(key)
    }

    fn from_pkcs8(mut algorithm: Reader<'_>, private: &[u8]) -> Result<Self, Error> {
        let oid = algorithm.next(OBJECT_IDENTIFIER).ok_or_else(damaged)?;
        // No `match`: it is compiled byte by byte.
        if oid == OID_RSA {
            let mut key = Reader(private).sequence().ok_or_else(damaged)?;
            if !key.integer().ok_or_else(damaged)?.is_empty() {
                return Err(unsuitable("the key is an RSA key of more than two primes"));
            }
            Self::from_pkcs1(key)
        } else if oid == OID_EC {
            if algorithm.next(OBJECT_IDENTIFIER) != Some(OID_P256) {
                return Err(other_curve());
            }
            let mut key = Reader(private).sequence().ok_or_else(damaged)?;
            let number = key.integer().and_then(|_| key.next(OCTET_STRING)).ok_or_else(damaged)?;
            Self::from_sec1(number, key, true)
        } else if oid == OID_ED25519 {
            Self::ed25519(Reader(private).next(OCTET_STRING).ok_or_else(damaged)?)
        } else {
            Err(unsuitable("the key is of a kind that does not sign here"))
        }
    }

    /// The rest of an `RSAPrivateKey`, after its version.
    fn from_pkcs1(mut key: Reader<'_>) -> Result<Self, Error> {
        let mut numbers: RsaNumbers<'_> = Default::default();
        for number in &mut numbers {
            *number = key.integer().ok_or_else(damaged)?;
        }
        Self::rsa(numbers)
    }

    /// The number of an `ECPrivateKey`, and what follows it. Where the curve `is_told` already, it
    /// may be told a second time, and is the same then.
    fn from_sec1(number: &[u8], mut rest: Reader<'_>, is_told: bool) -> Result<Self, Error> {
        let is_p256 = |curve| Reader(curve).next(OBJECT_IDENTIFIER) == Some(OID_P256);
        if !rest.next(context(0)).map_or(is_told, is_p256) {
            return Err(other_curve());
        }
        let public = rest.next(context(1)).and_then(|public| Reader(public).next(BIT_STRING));
        // No bits unused, and the point uncompressed; otherwise it is left out, as it may be.
        let point = public.and_then(|bits| bits.strip_prefix(&[0, 4])?.split_at_checked(CURVE_BYTES));
        Self::p256(number, point.filter(|(_, y)| y.len() == CURVE_BYTES))
    }

    /// # Errors
    /// `option_invalid`: under 2048 bits, or no numbers of an RSA key.
    pub(crate) fn rsa(numbers: RsaNumbers<'_>) -> Result<Self, Error> {
        let bits = |number: &[u8]| {
            let number = significant(number);
            let unused = number.first().map_or(0, |first| first.leading_zeros());
            (number.len() * 8).saturating_sub(unused as usize)
        };
        let [modulus, exponent, ..] = numbers;
        // An even one is no exponent, and with 1 anybody signs.
        let is_odd = exponent.last().is_some_and(|last| last % 2 == 1);
        if !is_odd
            || significant(exponent) == [1]
            || numbers.iter().any(|number| bits(number) == 0 || bits(number) > bits(modulus).min(LONGEST_RSA))
        {
            return Err(damaged());
        }
        if bits(modulus) < SHORTEST_RSA {
            return Err(Error::new(
                Code::OptionInvalid,
                "the RSA key has fewer than 2048 bits",
                "make a longer one, or one on the curve P-256: RS256 and PS256 want at least 2048 bits (RFC 7518 \
                    section 3.3)",
            ));
        }
        let numbers = numbers.map(integer);
        let [n, e, d, p, q, dp, dq, qi] = &numbers;
        let private = element(SEQUENCE, &[&integer(&[]), n, e, d, p, q, dp, dq, qi]);
        Ok(Self::wrap(KeyType::Rsa, &[&element(OBJECT_IDENTIFIER, &[OID_RSA]), NULL], &private))
    }

    /// On P-256: the private number, and x and y of the public point.
    ///
    /// # Errors
    /// `option_invalid`: zero, or longer than 32 bytes.
    pub(crate) fn p256(number: &[u8], point: Option<(&[u8], &[u8])>) -> Result<Self, Error> {
        let number = significant(number);
        let zeros = CURVE_BYTES.checked_sub(number.len()).filter(|_| !number.is_empty()).ok_or_else(damaged)?;
        let number = element(OCTET_STRING, &[ZEROS.get(..zeros).unwrap_or_default(), number]);
        let public = point.map(|(x, y)| element(context(1), &[&element(BIT_STRING, &[&[0, 4], x, y])]));
        let private = element(SEQUENCE, &[&integer(&[1]), &number, public.as_ref().map_or(&[], |public| public)]);
        let algorithm = [element(OBJECT_IDENTIFIER, &[OID_EC]), element(OBJECT_IDENTIFIER, &[OID_P256])];
        let [kind, curve] = &algorithm;
        Ok(Self::wrap(KeyType::P256, &[kind, curve], &private))
    }

    /// # Errors
    /// `option_invalid`: not 32 bytes.
    pub(crate) fn ed25519(seed: &[u8]) -> Result<Self, Error> {
        if seed.len() != CURVE_BYTES {
            return Err(damaged());
        }
        let private = element(OCTET_STRING, &[seed]);
        Ok(Self::wrap(KeyType::Ed25519, &[&element(OBJECT_IDENTIFIER, &[OID_ED25519])], &private))
    }

    fn wrap(key_type: KeyType, algorithm: &[&[u8]], private: &[u8]) -> Self {
        let algorithm = element(SEQUENCE, algorithm);
        let pkcs8 = element(SEQUENCE, &[&integer(&[]), &algorithm, &element(OCTET_STRING, &[private])]);
        PrivateKey { key_type, pkcs8 }
    }
}

/// The key is of a kind that is not known here.
pub(crate) fn unsuitable(message: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, "use an RSA key, one on the curve P-256, or an Ed25519 key")
}

pub(crate) fn other_curve() -> Error {
    unsuitable("the key is on another curve than P-256 and Ed25519")
}

fn damaged() -> Error {
    Error::new(
        Code::OptionInvalid,
        "the key holds no private key that can be read",
        "some of it was lost or changed: take it again from where it was made",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rsa_key_has_up_to_16384_bits() {
        let with_modulus = |first: u8, length: usize| {
            let mut modulus = vec![0xff; length];
            *modulus.first_mut().unwrap() = first;
            PrivateKey::rsa([&modulus, &[3], &[3], &[3], &[3], &[3], &[3], &[3]])
        };
        assert!(with_modulus(0x80, 2048).is_ok());
        let error = with_modulus(0x01, 2049).err().unwrap();
        assert_eq!(error.message(), "the key holds no private key that can be read");
    }
}

//! A key as a JWK, private where it signs here, and what every JWK says of itself (RFC 7517, RFC
//! 7518 section 6, RFC 8037 section 2).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::encoding::base64::base64url_bytes;
use crate::encoding::json::{Object, Value};
use crate::encoding::text::concat;
use crate::error::{Code, Error};
use crate::keys::algorithm::{Algorithm, KeyType};
use crate::keys::pem::is_private_key;
use crate::keys::pkcs8::{CURVE_BYTES, PrivateKey, other_curve, unsuitable};

/// What a JWK says: the key, what it is to sign with, and its name.
pub(crate) struct Jwk {
    pub(crate) private: PrivateKey,
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
}

/// # Errors
/// `option_invalid`: not a private key, not one for signing, or not one that signs here.
pub(crate) fn read(jwk: &Object) -> Result<Jwk, Error> {
    let key_type = key_type(jwk)?;
    check_purpose(jwk)?;
    if jwk.get("d").is_none() {
        return Err(invalid("the JWK is a public key", "pass the private one, which has a member `d`"));
    }
    let key_id = key_id(jwk)?;
    let algorithm = algorithm(jwk, key_type)?;
    let private = match key_type {
        KeyType::Rsa => rsa(jwk)?,
        KeyType::P256 => {
            let (x, y) = (curve_number(jwk, "x")?, curve_number(jwk, "y")?);
            PrivateKey::p256(&curve_number(jwk, "d")?, Some((&x, &y)))?
        }
        KeyType::Ed25519 => PrivateKey::ed25519(&curve_number(jwk, "d")?)?,
    };
    Ok(Jwk { private, algorithm, key_id })
}

fn key_id(jwk: &Object) -> Result<Option<String>, Error> {
    match jwk.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) if kid.is_empty() => Err(invalid(
            "the JWK's `kid` is empty",
            "write the id by which the server knows the key, or leave `kid` out where the server needs none",
        )),
        Some(Value::String(kid)) if is_private_key(kid) => {
            Err(invalid("the JWK's `kid` holds a private key", "write the id by which the server knows the key"))
        }
        Some(Value::String(kid)) => Ok(Some(kid.as_str().to_owned())),
        Some(_) => Err(not_text("kid")),
    }
}

fn key_type(jwk: &Object) -> Result<KeyType, Error> {
    let text = |name| jwk.get(name).and_then(Value::as_str);
    match (text("kty"), text("crv")) {
        (Some("RSA"), _) if jwk.get("oth").is_some() => {
            Err(unsuitable("the key is an RSA key of more than two primes"))
        }
        (Some("RSA"), _) => Ok(KeyType::Rsa),
        (Some("EC"), Some("P-256")) => Ok(KeyType::P256),
        (Some("OKP"), Some("Ed25519")) => Ok(KeyType::Ed25519),
        (Some("EC" | "OKP"), _) => Err(other_curve()),
        // `client_secret_jwt` is out of scope.
        (Some("oct"), _) => Err(invalid(
            "the JWK is an HMAC key, which both sides share",
            "use a private key; a shared secret is a `clientSecret`",
        )),
        _ => Err(unsuitable("the JWK is of a kind that does not sign here")),
    }
}

/// Judged here and not passed on: some runtimes refuse keys for these members that others take.
fn check_purpose(jwk: &Object) -> Result<(), Error> {
    let hint =
        "use a key made for signing: with `use` \"sig\", and `sign` among its `key_ops`, where it has these members";
    match forbidding(jwk, "sign") {
        Some(member) => {
            let message = concat(&["the JWK is not for signing by its `", member, "`"]);
            Err(Error::new(Code::OptionInvalid, message, hint))
        }
        None => Ok(()),
    }
}

/// The member that speaks against using the key for `operation`, `sign` or `verify` (RFC 7517
/// sections 4.2 and 4.3).
pub(crate) fn forbidding(jwk: &Object, operation: &str) -> Option<&'static str> {
    if jwk.get("use").is_some_and(|purpose| purpose.as_str() != Some("sig")) {
        return Some("use");
    }
    let permits = match jwk.get("key_ops") {
        Some(Value::Array(operations)) => operations.iter().any(|known| known.as_str() == Some(operation)),
        Some(_) => false,
        None => true,
    };
    (!permits).then_some("key_ops")
}

fn algorithm(jwk: &Object, key_type: KeyType) -> Result<Algorithm, Error> {
    let Some(value) = jwk.get("alg") else { return Ok(key_type.default_algorithm()) };
    let named = value.as_str().and_then(|name| Algorithm::from_name(name).ok());
    named.filter(|algorithm| algorithm.key_type() == key_type).ok_or_else(|| {
        let hint =
            "RSA signs by RS256 or PS256, P-256 by ES256, Ed25519 by EdDSA; without `alg` the first of these is taken";
        invalid("the JWK is not for a signature algorithm that is offered here by its `alg`", hint)
    })
}

fn rsa(jwk: &Object) -> Result<PrivateKey, Error> {
    let number = |name| number(jwk, name);
    let (n, e, d, p) = (number("n")?, number("e")?, number("d")?, number("p")?);
    let (q, dp, dq, qi) = (number("q")?, number("dp")?, number("dq")?, number("qi")?);
    PrivateKey::rsa([&n, &e, &d, &p, &q, &dp, &dq, &qi])
}

/// "The length of this octet string MUST be …" that of the curve's field, RFC 7518 section 6.2.1.2
/// says.
fn curve_number(jwk: &Object, name: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let bytes = number(jwk, name)?;
    if bytes.len() == CURVE_BYTES {
        Ok(bytes)
    } else {
        Err(damaged(&["the JWK's `", name, "` does not have 32 bytes"]))
    }
}

/// A number of the key, as it is written: zeros in front are left.
fn number(jwk: &Object, name: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    match jwk.get(name) {
        Some(Value::String(text)) => {
            base64url_bytes(text).ok_or_else(|| damaged(&["the JWK's `", name, "` is not base64url without padding"]))
        }
        Some(_) => Err(not_text(name)),
        None => Err(damaged(&["the JWK has no `", name, "`"])),
    }
}

fn not_text(name: &str) -> Error {
    damaged(&["the JWK's `", name, "` is not a string"])
}

fn damaged(message: &[&str]) -> Error {
    let hint = "export the key again, with all members: for RSA n, e, d, p, q, dp, dq and qi, for EC d, x and y";
    Error::new(Code::OptionInvalid, concat(message), hint)
}

fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::OptionInvalid, message, hint)
}

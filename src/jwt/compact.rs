//! Access tokens as JWTs (RFC 7519): as far as their holder may look into them, and what a verifier
//! reads before it knows whether the signature is good.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use core::fmt;
use core::ops::RangeInclusive;

use zeroize::Zeroizing;

use crate::encoding::base64::{base64url_bytes, base64url_decode};
use crate::encoding::json::{Fault, Object, Value};
use crate::encoding::number::digits_of;
use crate::encoding::text::{concat, parts};
use crate::encoding::time::{Timestamp, numeric_date};
use crate::error::{Code, Error};
use crate::jwt::token_kind::{self, Source, refuse_bound};
use crate::keys::algorithm::{JwsAlgorithm, KeyKind};
use crate::secret::Secret;

/// The longest JWT that is looked at, in bytes: hundreds of roles make some of 30 KiB.
const LONGEST_JWT: usize = 64 * 1024;

/// The longest other token, in bytes: anybody's garbage is asked about.
const LONGEST_OPAQUE: usize = 16 * 1024;

/// Names of keys are digits, thumbprints, at most addresses.
pub(crate) const LONGEST_KEY_ID: usize = 256;

/// In bytes. `EdDSA` is also the name of signatures with Ed448, which WebCrypto lacks.
const ED448_SIGNATURE: usize = 114;

/// As long as the modulus: 2048 to 16,384 bits.
const RSA_SIGNATURE: RangeInclusive<usize> = 256..=2048;

/// The `exp` claim, unverified: good enough to know when to get another token, and for nothing
/// else. `None` unless the token has exactly three parts: five are a JWE, whose second part is a
/// key.
pub(crate) fn unverified_expiry(token: &str) -> Option<Timestamp> {
    let [_, claims, _] = three_parts(token)?;
    let claims = base64url_decode(claims)?;
    match Object::parse(&claims).ok()?.get("exp")? {
        Value::Number(seconds) => numeric_date(*seconds),
        _ => None,
    }
}

/// What is wrong with the length of a token, if anything.
pub(crate) fn excess(token: &str) -> Option<String> {
    let (longest, what) = match three_parts(token) {
        Some(_) => (LONGEST_JWT, " that a JWT may have here"),
        None => (LONGEST_OPAQUE, " that one may have that is no JWT"),
    };
    let (length, limit) = (digits_of(token.len()), digits_of(longest));
    let message = ["the token has ", &length, " characters, more than the ", &limit, what];
    (token.len() > longest).then(|| concat(&message))
}

fn three_parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = parts(token, ".");
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => Some([header, claims, signature]),
        _ => None,
    }
}

/// A token that came in, taken apart. **Nothing in it is verified**: this is what has to be known
/// to verify it. Next come [`KeySet::candidates`](crate::KeySet::candidates), the signature, and
/// [`check_claims`](crate::check_claims).
///
/// Where the key is to be found, the token does not say: `jku`, `x5u`, `jwk` and `x5c` are not read
/// (RFC 8725 section 3.10). `Debug` shows the algorithm alone.
#[derive(Clone)]
pub struct Jwt<'a> {
    signing_input: &'a str,
    pub(crate) claims: &'a str,
    signature: Zeroizing<Vec<u8>>,
    algorithm: JwsAlgorithm,
    key_id: Option<String>,
    is_at_jwt: bool,
}

impl<'a> Jwt<'a> {
    /// Takes a token apart. `None`: it is opaque, since only exactly three parts make a signed JWT
    /// (RFC 7515 section 3.1). Five are a JWE, as which newer ZITADEL servers write opaque tokens.
    ///
    /// # Errors
    /// `token_invalid`: longer than 64 KiB, or 16 KiB and no JWT; a header that is not base64url without padding of a
    /// JSON object without duplicates; an `alg` other than those of [`JwsAlgorithm`]; a `typ` other
    /// than `JWT`, `JOSE` and `at+jwt`, in any letter case, with or without `application/`; `crit`
    /// or `b64`; a `kid` that is no string of up to 256 bytes; a signature that is no base64url or
    /// not as long as its algorithm's are.
    pub fn parse(token: &'a str) -> Result<Option<Self>, Error> {
        if let Some(message) = excess(token) {
            return Err(Error::new(Code::TokenInvalid, message, MADE_UP_HINT));
        }
        let Some([header, claims, signature]) = three_parts(token) else { return Ok(None) };
        let signing_input = token.get(..header.len() + 1 + claims.len()).unwrap_or_default();
        let header = Header::read(header)?;
        let signature = base64url_bytes(signature)
            .ok_or_else(|| invalid("the token's signature is not base64url without padding", MADE_UP_HINT))?;
        // What is of another length runtimes refuse in different ways.
        if !header.signature_length().contains(&signature.len()) {
            return Err(header.wrong_length(signature.len()));
        }
        let Header { algorithm, key_id, is_at_jwt } = header;
        Ok(Some(Jwt { signing_input, claims, signature, algorithm, key_id, is_at_jwt }))
    }

    /// As [`parse`](Self::parse), where nothing but a JWT will do.
    ///
    /// # Errors
    /// `token_invalid`: as above, and an opaque token.
    pub fn require(token: &'a str) -> Result<Self, Error> {
        Self::parse(token)?.ok_or_else(|| invalid("the token is opaque, but a JWT is wanted", OPAQUE_HINT))
    }

    /// What the signature must have been made with.
    pub fn algorithm(&self) -> JwsAlgorithm {
        self.algorithm
    }

    /// Which of the issuer's keys it claims to be signed with.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// What is signed: the first two parts, as they came (RFC 7515 section 5.2).
    pub fn signing_input(&self) -> &'a str {
        self.signing_input
    }

    /// The signature: for ECDSA r and s, not DER (RFC 7518 section 3.4).
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether its `typ` says that it is an access token (RFC 9068 section 2.1).
    pub fn is_at_jwt(&self) -> bool {
        self.is_at_jwt
    }

    /// For APIs that want RFC 9068 alone: refuses a token whose `typ` does not say that it is an
    /// access token. An id_token without any mark is refused by this alone.
    ///
    /// # Errors
    /// `token_invalid`.
    pub fn require_at_jwt(&self) -> Result<(), Error> {
        if self.is_at_jwt { Ok(()) } else { Err(not_at_jwt()) }
    }
}

/// The header of a JWT.
pub(crate) struct Header {
    pub(crate) algorithm: JwsAlgorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) is_at_jwt: bool,
}

impl Header {
    /// Reads a header as it is in a token.
    ///
    /// # Errors
    /// `token_invalid`: see [`Jwt::parse`].
    pub(crate) fn read(part: &str) -> Result<Self, Error> {
        let header = decoded("header", part)?;
        let header = object("header", header.expose())?;
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(JwsAlgorithm::from_name);
        let algorithm = algorithm.ok_or_else(|| invalid("the token's `alg` is not one that is accepted", ALG_HINT))?;
        let is_at_jwt = token_kind::is_at_jwt(&header)?;
        // "If any of the listed extension Header Parameters are not understood and supported by the
        // recipient, then the JWS is invalid" (RFC 7515 section 4.1.11), and here none is. Of a
        // `b64` that is not listed there readers differ (RFC 7797 section 6).
        if ["crit", "b64"].iter().any(|name| header.member(name).is_some()) {
            return Err(invalid("the token's header wants an extension of JWS to be understood", EXTENSION_HINT));
        }
        let key_id = match header.member("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= LONGEST_KEY_ID => Some(kid.as_str().to_owned()),
            Some(_) => return Err(invalid("the token's `kid` is not a string of up to 256 bytes", MADE_UP_HINT)),
        };
        Ok(Header { algorithm, key_id, is_at_jwt })
    }

    /// Refuses a header whose `typ` is not `at+jwt`.
    ///
    /// # Errors
    /// `token_invalid`.
    pub(crate) fn require_at_jwt(&self) -> Result<(), Error> {
        if self.is_at_jwt { Ok(()) } else { Err(not_at_jwt()) }
    }

    /// # Errors
    /// `token_invalid`.
    fn wrong_length(&self, length: usize) -> Error {
        if self.algorithm.key_kind() == KeyKind::Ed25519 && length == ED448_SIGNATURE {
            return invalid("the token is signed with Ed448, which is not supported", ALG_HINT);
        }
        invalid("the token's signature is not as long as its algorithm's are", MADE_UP_HINT)
    }

    /// How many bytes a signature by the algorithm has.
    pub(crate) fn signature_length(&self) -> RangeInclusive<usize> {
        self.algorithm.key_kind().bytes().map_or(RSA_SIGNATURE, |half| half * 2..=half * 2)
    }
}

impl fmt::Debug for Jwt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Looks at a token before anybody is asked about it: one of exactly three parts, of which the
/// first two are a header and claims, may show that it is of another kind. Nothing of it is
/// verified, so nothing is believed but that.
pub(crate) fn refuse_other_kinds(token: &str, must_be_at_jwt: bool) -> Result<(), Error> {
    let Some([header, claims, _]) = three_parts(token) else { return Ok(()) };
    // Others sign in three parts too (itsdangerous: a payload, a time, a signature): what is not
    // both is opaque.
    let (Ok(header), Ok(claims)) = (decoded("header", header), decoded("payload", claims)) else { return Ok(()) };
    let (Ok(header), Ok(claims)) = (Object::parse(header.expose()), Object::parse(claims.expose())) else {
        return Ok(());
    };
    refuse_bound(&claims, Source::Jwt)?;
    match (token_kind::is_at_jwt(&header)?, must_be_at_jwt) {
        (true, _) => Ok(()),
        (false, true) => Err(not_at_jwt()),
        (false, false) => token_kind::check_claims(&claims, Source::Jwt),
    }
}

fn not_at_jwt() -> Error {
    invalid("the token's `typ` is not `at+jwt`", AT_JWT_HINT)
}

/// A part of the token as text.
pub(crate) fn decoded(what: &str, part: &str) -> Result<Secret, Error> {
    let text = base64url_decode(part).map(Secret::from);
    text.ok_or_else(|| bad_part(what, " is not UTF-8 in base64url without padding"))
}

/// The object that the text of a part must be.
pub(crate) fn object<'a>(what: &str, text: &'a str) -> Result<Object<'a>, Error> {
    Object::parse(text).map_err(|fault| match fault {
        Fault::DuplicateMember => bad_part(what, " names a member twice"),
        Fault::NotJson | Fault::NotAnObject => bad_part(what, " is not a JSON object"),
    })
}

fn bad_part(what: &str, problem: &str) -> Error {
    Error::new(Code::TokenInvalid, concat(&["the token's ", what, problem]), MADE_UP_HINT)
}

pub(crate) fn invalid(message: &'static str, hint: &'static str) -> Error {
    Error::new(Code::TokenInvalid, message, hint)
}

pub(crate) const MADE_UP_HINT: &str = "the token was cut off, changed or made up: the caller must get one from the issuer and send it as \
    it came";

const ALG_HINT: &str = "let the issuer sign by RS256, PS256, ES256 or their kin with longer hashes, or by Ed25519. \
    Others (HMAC, none) can only be asked about: `introspection` with `accept: \"opaque\"`";

const EXTENSION_HINT: &str = "let the issuer sign tokens without `crit` and `b64`, which access tokens have no use for";

const AT_JWT_HINT: &str = "the caller must send the `access_token` that the token endpoint gave. If it did, let the \
    issuer mark access tokens as RFC 9068 says, or leave out the option `typ: \"at+jwt\"`";

const OPAQUE_HINT: &str = "let the issuer give access tokens as JWTs, or check tokens by introspection";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_parts_with_a_numeric_exp_have_one() {
        // {"exp":1700000000}
        let claims = "eyJleHAiOjE3MDAwMDAwMDB9";
        assert_eq!(unverified_expiry(&format!("e30.{claims}.x")).map(Timestamp::as_millis), Some(1_700_000_000_000));
        for other in [claims.to_owned(), format!("e30.{claims}"), format!("e30.{claims}.a.b.c"), "a.b.c".to_owned()] {
            assert_eq!(unverified_expiry(&other), None, "{other}");
        }
        // {"exp":"1700000000"}
        assert_eq!(unverified_expiry("e30.eyJleHAiOiIxNzAwMDAwMDAwIn0.x"), None);
    }
}

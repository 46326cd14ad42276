//! The issuer's public keys (RFC 7517 section 5): request, response, and which of them a token may
//! be signed with.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::base64::{base64url_encode, lenient_bytes};
use crate::encoding::json::writer::Json;
use crate::encoding::json::{Object, Value};
use crate::encoding::number::digits;
use crate::encoding::text::{parts, split};
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::http::status::{Kind, Sends};
use crate::http::url::Url;
use crate::http::{Request, Response};
use crate::jwt::compact::{Jwt, LONGEST_KEY_ID, MADE_UP_HINT, invalid};
use crate::keys::algorithm::{JwsAlgorithm, KeyKind};
use crate::keys::der::significant;
use crate::keys::jwk::forbidding;

/// So many keys are tried for one token: each costs a verification, and a set can be of any size.
const MOST_CANDIDATES: usize = 8;

/// In bytes: RFC 7518 section 3.3 wants 2048 bits, WebCrypto's implementations end at 16,384.
const RSA_MODULUS: core::ops::RangeInclusive<usize> = 256..=2048;

/// In bytes. BoringSSL takes exponents of up to 33 bits, Go of 31; all but a few are 65,537.
const LONGEST_EXPONENT: usize = 4;

/// How long a `max-age` can make a set last, in milliseconds.
const SHORTEST_AGE: u64 = 60_000;
const LONGEST_AGE: u64 = 24 * 3_600_000;

/// The request for the keys at the metadata's `jwks_uri`.
pub fn build_key_set_request(jwks_uri: &Url) -> Request {
    Request::get(jwks_uri.as_str().to_owned())
}

/// The keys of an issuer that can verify a token here.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    max_age: Option<u64>,
}

/// A public key, with what it may verify.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    key_id: Option<String>,
    kind: KeyKind,
    algorithm: Option<JwsAlgorithm>,
    issuer: Option<String>,
    jwk: String,
}

impl KeySet {
    /// Reads the answer to [`build_key_set_request`]; `now` is when it came.
    ///
    /// "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" (key type) values that
    /// are not understood by them, that are missing required members, or for which values are out
    /// of the supported ranges" (RFC 7517 section 5). So are those for encryption by `use`,
    /// `key_ops` or `alg`, RSA keys under 2048 bits, and curves other than P-256, P-384, P-521 and
    /// Ed25519. A set that is left without keys is one all the same: ZITADEL gives an empty one out
    /// at times (zitadel/zitadel#7714).
    ///
    /// # Errors
    /// `member_missing`, `member_invalid`: no `keys`, or no array of them. `member_duplicate` in
    /// any key spoils the set, since readers would take different keys out of it. And what any
    /// answer can be: no JSON, a redirect, overload.
    pub fn parse(response: &Response<'_>, now: Timestamp) -> Result<Self, Error> {
        let document = response.document(response.parsed(&KEYS), &KEYS, now)?;
        let fail =
            |code, message: &'static str| Err(Error::new(code, message, SERVER_HINT).with_status(response.status));
        let keys = match document.get("keys") {
            Some(Value::Array(keys)) => keys,
            Some(_) => return fail(Code::MemberInvalid, "the key set's `keys` is not an array"),
            None => return fail(Code::MemberMissing, "the key set has no `keys`"),
        };
        let keys = keys.iter().filter_map(|key| match key {
            Value::Object(jwk) => VerifyingKey::read(jwk),
            _ => None,
        });
        Ok(KeySet { keys: keys.collect(), max_age: response.cache_control.and_then(max_age) })
    }

    /// All of them, in the order of the set.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// How long the answer's `Cache-Control` says that the set is good (RFC 9111 section 5.2.2), in
    /// milliseconds: a minute to a day, whatever it says. `None`: it does not say.
    pub fn max_age(&self) -> Option<u64> {
        self.max_age
    }

    /// The keys that may have signed the token, 8 at most; it is good if one of them verifies it.
    ///
    /// Of a token with a `kid` those of exactly this `kid`; a key without one is none of them. RFC
    /// 7515 section 4.1.4 leaves that open ("The structure of the "kid" value is unspecified");
    /// jose does the same. A token that names a key the set does not have is the sign that keys
    /// were rotated, which trying others would hide. A token without a `kid` may be of any key,
    /// named or not. And always only keys that verify by the token's algorithm (RFC 8725 section
    /// 3.1).
    pub fn candidates<'a>(&'a self, jwt: &'a Jwt<'_>) -> impl Iterator<Item = &'a VerifyingKey> {
        let fits = |key: &&VerifyingKey| {
            key.verifies(jwt.algorithm()) && jwt.key_id().is_none_or(|kid| key.key_id() == Some(kid))
        };
        self.keys.iter().filter(fits).take(MOST_CANDIDATES)
    }
}

/// The places of the keys that may have signed a token, 8 at most, and whether there are more: as
/// [`KeySet::candidates`], of keys that are kept as JSON.
///
/// # Errors
/// `token_invalid`: the token names a key that does not verify by its algorithm.
pub(crate) fn choose(
    keys: &Object,
    algorithm: JwsAlgorithm,
    key_id: Option<&str>,
) -> Result<(Vec<usize>, bool), Error> {
    let keys = match keys.get("keys") {
        Some(Value::Array(keys)) => keys.as_slice(),
        _ => &[],
    };
    let is_named = |key: &Object| key_id.is_none_or(|kid| key.get("keyId").and_then(Value::as_str) == Some(kid));
    let named = keys.iter().enumerate().filter_map(|(place, key)| match key {
        Value::Object(key) if is_named(key) => Some((place, key)),
        _ => None,
    });
    let named: Vec<(usize, &Object)> = named.collect();
    let verifies = |key: &Object| {
        let algorithms = key.get("algorithms").and_then(Value::strings).unwrap_or_default();
        algorithms.contains(&algorithm.name())
    };
    let fitting = named.iter().filter(|(_, key)| verifies(key)).map(|(place, _)| *place);
    let mut fitting: Vec<usize> = fitting.collect();
    if fitting.is_empty() && !named.is_empty() && key_id.is_some() {
        return Err(invalid("the token's `alg` is not one of the key that it names", MADE_UP_HINT));
    }
    let is_cut = fitting.len() > MOST_CANDIDATES;
    fitting.truncate(MOST_CANDIDATES);
    Ok((fitting, is_cut))
}

impl VerifyingKey {
    /// `None`: it verifies nothing here.
    fn read(jwk: &Object) -> Option<Self> {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        let (kty, crv) = (text("kty")?, text("crv"));
        let kind = KeyKind::from_names(kty, crv)?;
        if forbidding(jwk, "verify").is_some() {
            return None;
        }
        let algorithm = match jwk.get("alg") {
            None => None,
            Some(name) => {
                Some(JwsAlgorithm::from_name(name.as_str()?).filter(|algorithm| algorithm.key_kind() == kind)?)
            }
        };
        let key_id = match jwk.get("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= LONGEST_KEY_ID => Some(kid.as_str().to_owned()),
            Some(_) => return None,
        };
        // Written anew, out of the numbers alone: what else stands in a JWK some runtimes refuse,
        // and private members are not ours.
        let mut public = Json::new();
        public.text("kty", kty);
        let names: &[&str] = match kind {
            KeyKind::Rsa => &["n", "e"],
            KeyKind::Ed25519 => &["x"],
            _ => &["x", "y"],
        };
        if kind != KeyKind::Rsa {
            public.text("crv", crv?);
        }
        for name in names {
            let number = text(name).and_then(lenient_bytes)?;
            let (number, fits): (&[u8], bool) = match kind.bytes() {
                Some(length) => (&number, number.len() == length),
                // "some cryptographic libraries prefix an extra zero-valued octet" (RFC 7518
                // section 6.3.1.1).
                None => (significant(&number), is_rsa(name, significant(&number))),
            };
            if !fits {
                return None;
            }
            public.text(name, &base64url_encode(number));
        }
        let issuer = text("issuer").map(str::to_owned);
        Some(VerifyingKey { key_id, kind, algorithm, issuer, jwk: public.end() })
    }

    /// Whose tokens it signs, where tenants share a key set: Entra's keys have such a member.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Its `kid`.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whether it verifies by this algorithm: its own `alg` where it has one, else any of its kind.
    /// `EdDSA` and `Ed25519` are the same.
    pub fn verifies(&self, algorithm: JwsAlgorithm) -> bool {
        let is_of_kind = algorithm.key_kind() == self.kind;
        is_of_kind && (self.kind == KeyKind::Ed25519 || self.algorithm.is_none_or(|own| own == algorithm))
    }

    /// The algorithms by which it verifies.
    pub fn algorithms(&self) -> impl Iterator<Item = JwsAlgorithm> {
        JwsAlgorithm::ALL.into_iter().filter(|algorithm| self.verifies(*algorithm))
    }

    /// The key as a JWK: `kty`, `crv` and the numbers of the public key alone, as WebCrypto's
    /// `importKey("jwk", …)` takes it.
    pub fn jwk(&self) -> &str {
        &self.jwk
    }
}

/// Whether it can be an RSA key's modulus, or its exponent.
fn is_rsa(name: &str, number: &[u8]) -> bool {
    let (Some(first), Some(last)) = (number.first(), number.last()) else { return false };
    let is_in_range = if name == "n" {
        RSA_MODULUS.contains(&number.len()) && (number.len() > *RSA_MODULUS.start() || *first >= 128)
    } else {
        number.len() <= LONGEST_EXPONENT && number != [1]
    };
    is_in_range && last % 2 == 1
}

/// Of directives that contradict each other the shortest counts.
fn max_age(header: &str) -> Option<u64> {
    let age = |directive: &str| {
        let (name, value) = split(directive, "=").unwrap_or((directive, ""));
        let is = |known| name.trim_ascii().eq_ignore_ascii_case(known);
        if is("max-age") {
            // Of what cannot be read "caches are encouraged to consider [it] to be stale" (RFC 9111
            // section 4.2.1).
            let value = value.trim_ascii();
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            Some(digits(bare).unwrap_or(0).saturating_mul(1000))
        } else {
            // `no-cache="set-cookie"` is about a header alone.
            (is("no-store") || (is("no-cache") && value.is_empty())).then_some(0)
        }
    };
    parts(header, ",").filter_map(age).min().map(|age| age.clamp(SHORTEST_AGE, LONGEST_AGE))
}

const KEYS: Kind = Kind {
    endpoint: "key set address",
    answer: "key set",
    longest_body: 1024 * 1024,
    address_hint: "check `jwksUri`: the server's metadata name it as `jwks_uri`",
    redirect_hint: "set `jwksUri` to the address that answers without a redirect, https included",
    sends: Sends::Nothing,
};

const SERVER_HINT: &str = "the server breaks RFC 7517 section 5: check that the address is its key set, else report it \
    to its owner";

//! Assertions: JWTs that a service user or a client signs to prove who it is (RFC 7521, RFC 7523
//! section 3).

use alloc::string::String;

use crate::encoding::base64::{base64url_decode, base64url_encode};
use crate::encoding::json::writer::Json;
use crate::encoding::json::{Object, Value};
use crate::encoding::text::{concat, find, split};
use crate::encoding::time::Timestamp;
use crate::error::{Code, Error};
use crate::keys::algorithm::{Algorithm, KeyType};
use crate::oauth::credentials::check_id;
use crate::secret::Secret;

/// How far `iat` is dated back, in milliseconds. ZITADEL takes none from more than a second ahead
/// of its own clock (zitadel/zitadel#2704), and any that is up to an hour old. Keycloak takes none
/// that is older than 60 s: half of that leaves as much to a clock behind as to one ahead.
const BACKDATED: u64 = 30_000;

/// How long an assertion is good, in milliseconds: five minutes, at client authentication and for
/// ZITADEL's JWT profile alike.
///
/// One is made for each request and used at once, so that it need last no longer than clocks
/// differ; whoever gets hold of it may use it as long as it lasts, where the server does not
/// remember each `jti`. "The authorization server may reject JWTs with an "exp" claim value that is
/// unreasonably far in the future" (RFC 7523 section 3): an hour is the most that ZITADEL, Okta and
/// others take, and some want minutes.
const LIFETIME: u64 = 300_000;

/// Who asserts what: the texts of [`prepare_assertion`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Assertion<'a> {
    /// What the key signs with: [`SigningKey::algorithm`](crate::SigningKey::algorithm).
    pub algorithm: Algorithm,
    /// The key's name at the server, ZITADEL's `keyId`; some servers find the key without one.
    pub key_id: Option<&'a str>,
    /// Issuer and subject in one: the id of the service user (JWT profile), or the client id
    /// (`private_key_jwt`).
    pub subject: &'a str,
    /// Who it is for: the server's issuer, exactly as its metadata name it, or what else the server
    /// wants. Hydra, Authlib and Glewlwyd want the token endpoint.
    pub audience: &'a str,
    /// Members that are added to the header, as a JSON object: `x5t`, which Entra wants for a
    /// certificate, or another `typ`.
    pub more_header: Option<&'a str>,
    /// Members that are added to the claims, as a JSON object: Google's `scope`, or a `sub` that is
    /// another than the issuer, as Salesforce has it.
    pub more_claims: Option<&'a str>,
}

impl<'a> Assertion<'a> {
    /// From the parts that every assertion has; [`prepare_assertion`] checks them.
    pub fn new(algorithm: Algorithm, key_id: Option<&'a str>, subject: &'a str, audience: &'a str) -> Self {
        Assertion { algorithm, key_id, subject, audience, more_header: None, more_claims: None }
    }

    fn check(&self) -> Result<(), Error> {
        check_names(Some(self.subject), self.audience, self.key_id)?;
        check_more_header(self.more_header)?;
        check_more_claims(self.more_claims)
    }
}

/// The texts of an assertion, of which the subject may not be known yet.
pub(crate) fn check_names(subject: Option<&str>, audience: &str, key_id: Option<&str>) -> Result<(), Error> {
    subject.map_or(Ok(()), |subject| check_id("the assertion's subject", subject))?;
    check_id("the assertion's audience", audience)?;
    key_id.map_or(Ok(()), |key_id| check_id("the key id", key_id))
}

pub(crate) fn check_more_header(json: Option<&str>) -> Result<(), Error> {
    check_more(json, &["alg", "kid"], "give a plain object without `alg` and `kid`, which have options of their own")
}

pub(crate) fn check_more_claims(json: Option<&str>) -> Result<(), Error> {
    let hint = "give a plain object without `iss`, `aud`, `iat`, `exp` and `jti`, which are ours";
    check_more(json, &["iss", "aud", "iat", "exp", "jti"], hint)
}

/// Members that are added to ours, which they must not override but for `typ` and `sub`.
fn check_more(json: Option<&str>, managed: &[&str], hint: &'static str) -> Result<(), Error> {
    let Some(json) = json else { return Ok(()) };
    let object = Object::parse(json);
    let is_good = object.is_ok_and(|object| managed.iter().all(|name| object.member(name).is_none()));
    let message = "what is added to an assertion overrides what it holds anyway, or is no object";
    is_good.then_some(()).ok_or_else(|| Error::new(Code::OptionInvalid, message, hint))
}

/// Adds the members of an object to another.
fn add(json: &mut Json, more: Option<&str>) {
    let members = more.and_then(|more| more.trim_ascii().strip_prefix('{')?.strip_suffix('}'));
    if let Some(members) = members.filter(|members| !members.trim_ascii().is_empty()) {
        json.members(members);
    }
}

/// Whether an object has a member.
fn has(more: Option<&str>, name: &str) -> bool {
    more.and_then(|more| Object::parse(more).ok()).is_some_and(|object| object.member(name).is_some())
}

/// What is to be signed: header and claims of a JWT. `random` must be 16 fresh random bytes; they
/// become its `jti`.
///
/// ```
/// use edge_credentials::{Algorithm, Assertion, Client, Error, KeyFile, Timestamp, Url};
/// use edge_credentials::{build_token_request, complete_assertion, prepare_assertion};
///
/// /// Any function that signs, such as one around ring, aws-lc-rs or a key management service:
/// /// the algorithm, the key as PKCS#8, and the text to sign; ES256 as r and s, not DER.
/// type Signer<'a> = &'a dyn Fn(Algorithm, &[u8], &[u8]) -> Vec<u8>;
///
/// fn client(file: &KeyFile, sign: Signer<'_>, now: Timestamp, random: [u8; 16]) -> Result<Client, Error> {
///     file.check_expiry(now)?;
///     let key = file.key();
///     let assertion =
///         Assertion::new(key.algorithm(), key.key_id(), file.user_id()?, "https://acme.zitadel.cloud");
///     let input = prepare_assertion(&assertion, now, random)?;
///     let signature = sign(key.algorithm(), key.expose_pkcs8(), input.as_bytes());
///     let endpoint = Url::parse("https://acme.zitadel.cloud/oauth/v2/token")?;
///     Client::jwt_profile(endpoint, complete_assertion(&input, &signature)?)?.with_scope("openid")
/// }
///
/// let file = KeyFile::parse(
///     r#"{"type":"serviceaccount","keyId":"7","userId":"42","key":"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----"}"#,
/// )?;
/// let stand_in: Signer<'_> = &|algorithm, pkcs8, _| {
///     assert_eq!((algorithm, pkcs8.len()), (Algorithm::EdDsa, 48));
///     vec![0xa5; 64]
/// };
/// let client = client(&file, stand_in, Timestamp::from_millis(1_700_000_000_000), [7; 16])?;
/// let form = build_token_request(&client).body().unwrap_or_default().to_owned();
/// assert!(form.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&scope=openid&assertion=eyJ"));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// `option_invalid`: subject, audience or key id is empty, or holds control characters or a private
/// key; added members override ours.
pub fn prepare_assertion(assertion: &Assertion<'_>, now: Timestamp, random: [u8; 16]) -> Result<String, Error> {
    assertion.check()?;
    let mut header = Json::new();
    header.text("alg", assertion.algorithm.name());
    if let Some(key_id) = assertion.key_id {
        header.text("kid", key_id);
    }
    if !has(assertion.more_header, "typ") {
        header.text("typ", "JWT");
    }
    add(&mut header, assertion.more_header);
    let mut claims = Json::new();
    claims.text("iss", assertion.subject);
    if !has(assertion.more_claims, "sub") {
        claims.text("sub", assertion.subject);
    }
    claims.text("aud", assertion.audience);
    claims.number("iat", numeric_date(now.minus(BACKDATED)));
    claims.number("exp", numeric_date(now.plus(LIFETIME)));
    claims.text("jti", &base64url_encode(&random));
    add(&mut claims, assertion.more_claims);
    Ok(concat(&[&base64url_encode(header.end().as_bytes()), ".", &base64url_encode(claims.end().as_bytes())]))
}

/// A NumericDate (RFC 7519 section 2) in whole seconds, rounded down.
fn numeric_date(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(1000)
}

/// The assertion: a signing input and its signature, made into a JWT.
///
/// # Errors
/// `option_invalid`: `signing_input` is not from [`prepare_assertion`]; the signature is still
/// text, such as base64, or its length is not its algorithm's, as that of ES256 in DER.
pub fn complete_assertion(signing_input: &str, signature: &[u8]) -> Result<Secret, Error> {
    let algorithm = algorithm_of(signing_input).ok_or_else(|| {
        let hint = "pass the text that prepareAssertion gave, unchanged";
        Error::new(Code::OptionInvalid, "the text is no signing input of an assertion", hint)
    })?;
    // Of a signature's bytes about half are beyond ASCII.
    if !signature.is_empty() && signature.is_ascii() {
        return Err(Error::new(
            Code::OptionInvalid,
            "the signature is text, not bytes",
            "decode it first: key management services give it in base64, some tools in hexadecimal digits",
        ));
    }
    let fits = match algorithm.key_type() {
        // As long as the modulus, of 2048 bits or more.
        KeyType::Rsa => signature.len() >= 256,
        KeyType::P256 | KeyType::Ed25519 => signature.len() == 64,
    };
    if !fits {
        return Err(Error::new(
            Code::OptionInvalid,
            "the signature has another length than its algorithm gives",
            "pass the bytes themselves: for ES256 r and s, 32 each, not DER, for EdDSA 64, for RS256 and PS256 as many \
                as the key has",
        ));
    }
    Ok(concat(&[signing_input, ".", &base64url_encode(signature)]).into())
}

fn algorithm_of(signing_input: &str) -> Option<Algorithm> {
    let (header, claims) = split(signing_input, ".")?;
    let header = base64url_decode(header)?;
    let header = Object::parse(&header).ok()?;
    let name =
        header.get("alg").and_then(Value::as_str).filter(|_| !claims.is_empty() && find(claims, ".").is_none())?;
    Algorithm::from_name(name).ok()
}

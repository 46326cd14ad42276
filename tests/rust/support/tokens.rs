//! Tokens made for tests, and a verifier of them whose signatures are a stand-in: anybody can make
//! them, but only over exactly one text.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_credentials::{Claims, Error, Jwt, KeySet, Response, Timestamp, check_claims};
use serde_json::{Value, json};

pub const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
pub const ISSUER: &str = "https://idp.example";
pub const API: &str = "CANARY-audience";

pub fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub fn header() -> Value {
    json!({ "alg": "RS256", "kid": "CANARY-kid", "typ": "JWT" })
}

/// ZITADEL's, with a canary wherever there is room for one.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "CANARY-subject", "aud": ["CANARY-client", API], "exp": 1_700_043_199, "iat": 1_700_000_000,
        "nbf": 1_700_000_000, "client_id": "CANARY-client", "jti": "CANARY-jti",
        "urn:zitadel:iam:org:project:roles": { "CANARY-role": { "9": "CANARY.example" } },
    })
}

/// 256 bytes, as RSA makes them.
pub fn signature(input: &str) -> Vec<u8> {
    let hash = input
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash.to_be_bytes().repeat(32)
}

/// Both parts as texts, which need not be JSON.
pub fn signed(header: &str, claims: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    format!("{input}.{}", encode(signature(&input)))
}

pub fn token(header: &Value, claims: &Value) -> String {
    signed(&header.to_string(), &claims.to_string())
}

pub fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

pub fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

/// One RSA key, as ZITADEL has it.
pub fn keys() -> KeySet {
    let key = json!({ "kty": "RSA", "use": "sig", "kid": "CANARY-kid", "n": encode([0xff; 256]), "e": "AQAB" });
    key_set(&[key])
}

static KEYS: LazyLock<KeySet> = LazyLock::new(keys);

pub fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(&Response::new(200, &json!({ "keys": keys }).to_string()), NOW).unwrap()
}

/// What came of a token.
#[derive(Debug)]
pub enum Outcome {
    Good(Claims),
    Opaque,
    NoKey,
    BadSignature,
    Refused(Error),
}

impl Outcome {
    pub fn name(&self) -> &str {
        match self {
            Outcome::Good(_) => "good",
            Outcome::Opaque => "opaque",
            Outcome::NoKey => "no key",
            Outcome::BadSignature => "bad signature",
            Outcome::Refused(error) => error.code().as_str(),
        }
    }

    pub fn message(&self) -> &str {
        match self {
            Outcome::Refused(error) => error.message(),
            other => other.name(),
        }
    }
}

pub fn verify(token: &str) -> Outcome {
    verify_at(token, NOW)
}

pub fn verify_at(token: &str, now: Timestamp) -> Outcome {
    let jwt = match Jwt::parse(token) {
        Ok(Some(jwt)) => jwt,
        Ok(None) => return Outcome::Opaque,
        Err(error) => return Outcome::Refused(error),
    };
    if KEYS.candidates(&jwt).next().is_none() {
        return Outcome::NoKey;
    }
    if jwt.signature() != signature(jwt.signing_input()) {
        return Outcome::BadSignature;
    }
    match check_claims(&jwt, ISSUER, &["another", API], now, None) {
        Ok(claims) => Outcome::Good(claims),
        Err(error) => Outcome::Refused(error),
    }
}

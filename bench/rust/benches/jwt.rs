//! A JWT that an API is brought: header and claims judged, beside the `jsonwebtoken` crate.
//!
//! This crate leaves signatures to its caller, so jsonwebtoken gets a backend that takes every
//! signature: what is left of both is the same work. The signatures in the tokens are as long as
//! real ones, and nobody verifies them.

use std::hint::black_box;
use std::time::SystemTime;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use criterion::{Criterion, criterion_group, criterion_main};
use edge_credentials::{Claims, Error, Jwt, Timestamp, check_claims};
use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation, decode, errors};
use serde::Deserialize;
use signature::Verifier;

const ISSUER: &str = "https://idp.example";
const AUDIENCE: &str = "317905284016571148";
/// By the name of the algorithm: how jsonwebtoken calls it, and how long its signatures are.
const ALGORITHMS: [(&str, Algorithm, usize); 3] =
    [("RS256", Algorithm::RS256, 256), ("ES256", Algorithm::ES256, 64), ("EdDSA", Algorithm::EdDSA, 64)];

/// What our [`Claims`] hold too.
#[derive(Deserialize)]
struct PeerClaims {
    exp: i64,
    sub: Option<String>,
    client_id: Option<String>,
    #[allow(dead_code)] // ZITADEL's tokens have none, but whoever reads it must look.
    scope: Option<String>,
}

/// Takes every signature.
struct Unverified(Algorithm);

impl Verifier<Vec<u8>> for Unverified {
    fn verify(&self, _: &[u8], _: &Vec<u8>) -> Result<(), signature::Error> {
        Ok(())
    }
}

impl JwtVerifier for Unverified {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

static UNVERIFIED: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(errors::ErrorKind::InvalidAlgorithm.into()),
    verifier_factory: |algorithm, _| Ok(Box::new(Unverified(*algorithm))),
    key_utils: KeyUtils::new_unimplemented(),
};

fn token(algorithm: &str, signature: usize, issuer: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let header = format!(r#"{{"alg":"{algorithm}","kid":"317905284016374539","typ":"at+jwt"}}"#);
    let claims = format!(
        r#"{{"iss":"{issuer}","sub":"317905284016374539","aud":["317905284016440075@api","{AUDIENCE}"],"exp":{},"iat":{now},"nbf":{now},"client_id":"edge-worker","jti":"V2_317905284016571149-at_317905284016636685"}}"#,
        now + 43_199
    );
    let [header, claims] = [header, claims].map(|text| BASE64_URL_SAFE_NO_PAD.encode(text));
    format!("{header}.{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(vec![0x5a; signature]))
}

fn ours(token: &str) -> Result<Claims, Error> {
    check_claims(&Jwt::require(token)?, ISSUER, &[AUDIENCE], Timestamp::from(SystemTime::now()), None)
}

/// It judges what ours does: issuer, audience, both times.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_nbf = true;
    validation
}

fn peer(token: &str, key: &DecodingKey, validation: &Validation) -> errors::Result<TokenData<PeerClaims>> {
    decode(token, key, validation)
}

/// A key, though the backend never looks at it.
fn key(algorithm: Algorithm) -> DecodingKey {
    match algorithm {
        Algorithm::RS256 => DecodingKey::from_rsa_raw_components(&[0xc5; 256], &[1, 0, 1]),
        Algorithm::ES256 => DecodingKey::from_ec_der(&[4; 65]),
        _ => DecodingKey::from_ed_der(&[7; 32]),
    }
}

/// Whatever is measured below has done its work here.
fn check(name: &str, algorithm: Algorithm, signature: usize) {
    let (key, validation) = (key(algorithm), validation(algorithm));
    let good = token(name, signature, ISSUER);
    let claims = ours(&good).unwrap();
    let TokenData { claims: theirs, .. } = peer(&good, &key, &validation).unwrap();
    assert_eq!((&claims.subject, &claims.client_id), (&theirs.sub, &theirs.client_id));
    assert_eq!(claims.expires_at, Timestamp::from_millis(theirs.exp * 1000));

    let foreign = token(name, signature, "https://other.example");
    assert_eq!(ours(&foreign).unwrap_err().code().as_str(), "token_invalid");
    assert!(peer(&foreign, &key, &validation).is_err());
}

fn jwt(c: &mut Criterion) {
    UNVERIFIED.install_default().unwrap();
    for (name, algorithm, signature) in ALGORITHMS {
        check(name, algorithm, signature);
        let (key, validation) = (key(algorithm), validation(algorithm));
        let token = token(name, signature, ISSUER);
        c.bench_function(&format!("jwt/{name}/edge-credentials"), |b| b.iter(|| ours(black_box(&token))));
        c.bench_function(&format!("jwt/{name}/jsonwebtoken"), |b| {
            b.iter(|| peer(black_box(&token), black_box(&key), &validation));
        });
    }
}

criterion_group!(benches, jwt);
criterion_main!(benches);

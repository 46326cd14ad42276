//! OAuth 2.0 for service users: get an access token by client credentials or by a signed assertion
//! (ZITADEL's service users first, any RFC 6749 server as well), know how long it is good, revoke
//! it, find a server's endpoints; and check the tokens that others bring.
//!
//! The crate does no I/O. It reads no clock, opens no connection and keeps no state: time is an
//! argument, requests and responses are plain data. So it runs wherever Rust runs. The npm package
//! `edge-credentials` is this crate compiled to WebAssembly; the functions have the same names
//! there.
//!
//! Each operation is a pair: *build* a request, send it by whatever you have, *parse* its answer.
//!
//! | build | parse |
//! |---|---|
//! | [`build_token_request`] | [`parse_token_response`] gives a [`Token`] |
//! | [`build_revocation_request`] | [`parse_revocation_response`] |
//! | [`build_metadata_request`] | [`parse_metadata_response`] gives [`Metadata`] |
//! | [`build_introspection_request`] | [`parse_introspection_response`] gives an [`Introspection`] |
//! | [`build_key_set_request`] | [`KeySet::parse`] gives a [`KeySet`] |
//!
//! Who has a key instead of a secret builds an assertion: [`AnyKey::parse`] reads the key,
//! [`prepare_assertion`] gives what is to be signed, a signer of your own signs it,
//! [`complete_assertion`] makes the two a JWT. That goes into [`Client::jwt_profile`], or into
//! [`Credentials::from_assertion`] for `private_key_jwt`. `client_secret_jwt` is out of scope.
//!
//! Who is brought tokens asks about them by introspection, or, where they are JWTs, takes them
//! apart with [`Jwt::parse`], verifies the signature with one of [`KeySet::candidates`], by a
//! verifier of its own, and then lets [`check_claims`] judge the rest.
//!
//! The transport is any function from a request to an answer:
//!
//! ```
//! use edge_credentials::{Client, Error, Request, Response, Timestamp, Token, Url, build_token_request, parse_token_response};
//! use std::time::SystemTime;
//!
//! fn get_token(client: &Client, send: impl Fn(&Request) -> (u16, String)) -> Result<Token, Error> {
//!     let request = build_token_request(client);
//!     let requested_at = Timestamp::from(SystemTime::now());
//!     let (status, body) = send(&request);
//!     parse_token_response(&Response::new(status, &body), &request.redaction(), requested_at, SystemTime::now().into())
//! }
//!
//! let endpoint = Url::parse("https://acme.zitadel.cloud/oauth/v2/token")?;
//! let client = Client::new(endpoint, "my-service", "s3cret")?.with_scope("openid profile")?;
//!
//! // A closure is the whole mock.
//! let token = get_token(&client, |request| {
//!     assert_eq!(request.method(), "POST");
//!     assert_eq!(request.body(), Some("grant_type=client_credentials&scope=openid+profile"));
//!     (200, r#"{"access_token":"abc","token_type":"Bearer","expires_in":43199}"#.to_owned())
//! })?;
//! assert!(!token.validity.is_expired(SystemTime::now().into(), None));
//!
//! // ZITADEL says `invalid_request` for a wrong secret; the error says what it means.
//! let error = get_token(&client, |_| {
//!     let body = r#"{"error":"invalid_request","error_description":"Errors.User.Machine.Secret.Invalid"}"#;
//!     (400, body.to_owned())
//! })
//! .unwrap_err();
//! assert_eq!(error.code().as_str(), "credentials_refused");
//! assert_eq!(error.to_string(), "the client secret is wrong (status 400)");
//! # Ok::<(), Error>(())
//! ```
//!
//! Errors name options as the npm package does, such as `insecureHttp` for [`Url::parse_insecure`].
//!
//! Follow no redirect with these requests, and cap what you read: 256 KiB of a token response, 1 MiB
//! of metadata.

#![no_std]

extern crate alloc;
// The npm package has no panic that prints: without the standard library it is smaller.
#[cfg(any(feature = "wasm", not(feature = "npm")))]
#[cfg_attr(test, macro_use)]
extern crate std;

#[doc(hidden)]
pub mod calls;
mod encoding;
mod error;
mod http;
mod jwt;
mod keys;
pub mod lifecycle;
mod oauth;
mod redact;
#[doc(hidden)]
pub mod schema;
mod secret;
#[cfg(all(target_arch = "wasm32", target_os = "unknown", any(feature = "wasm", feature = "npm")))]
pub mod wasm;
pub mod zitadel;

pub use encoding::time::Timestamp;
pub use error::{Category, Code, Error};
pub use http::url::Url;
pub use http::{Request, Response};
pub use jwt::claims::{Claims, check_claims};
pub use jwt::compact::Jwt;
pub use jwt::jwks::{KeySet, VerifyingKey, build_key_set_request};
pub use keys::algorithm::{Algorithm, JwsAlgorithm};
pub use keys::key_file::{AnyKey, KeyFile};
pub use keys::signing_key::SigningKey;
pub use oauth::client::Client;
pub use oauth::client_assertion::{Assertion, complete_assertion, prepare_assertion};
pub use oauth::credentials::{ClientAuth, Credentials};
pub use oauth::introspection::{ActiveToken, Introspection, build_introspection_request, parse_introspection_response};
pub use oauth::metadata::{Metadata, WellKnown, build_metadata_request, parse_metadata_response};
pub use oauth::revocation::{build_revocation_request, parse_revocation_response};
pub use oauth::token::{Token, Validity, authorization_header, build_token_request, parse_token_response};
pub use redact::Redaction;
pub use secret::Secret;

#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
struct Readme;

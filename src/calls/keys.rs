//! Keys and assertions.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::base64::{base64_bytes, base64_encode};
use crate::error::{Code, Error};
use crate::keys::algorithm::Algorithm;
use crate::keys::key_file::{AnyKey, check_expiry};
use crate::oauth::client_assertion::{self, Assertion};
use crate::schema::options::{AssertionAndSignature, AssertionParts, WrittenKey};
use crate::schema::results::KeyFields;

pub(super) fn read_key(written: WrittenKey<'_>) -> Result<KeyFields, Error> {
    let any = AnyKey::parse(written.key)?;
    let mut signing = any.key().clone();
    if let Some(name) = written.algorithm {
        signing = signing.with_algorithm(Algorithm::from_name(name)?)?;
    }
    let (user_id, client_id, expires_at) = match &any {
        AnyKey::Bare(_) => (None, None, None),
        AnyKey::File(file) => {
            let (user_id, client_id) = match written.owner.map(|owner| owner.0) {
                Some("userId") => (Some(file.user_id()?), None),
                Some("clientId") => (None, Some(file.client_id()?)),
                _ => (file.user_id().ok(), file.client_id().ok()),
            };
            (user_id, client_id, file.expires_at())
        }
    };
    Ok(KeyFields {
        pkcs8: base64_encode(signing.expose_pkcs8()),
        algorithm: signing.algorithm().name().to_owned(),
        key_id: written.key_id.or(signing.key_id()).map(str::to_owned),
        user_id: user_id.map(str::to_owned),
        client_id: client_id.map(str::to_owned),
        expires_at,
    })
}

pub(super) fn prepare_assertion(parts: &AssertionParts<'_>, random: Option<[u8; 16]>) -> Result<String, Error> {
    check_expiry(parts.key_expires_at, parts.now)?;
    let algorithm = Algorithm::from_name(parts.algorithm)?;
    let assertion = Assertion {
        more_header: parts.more_header,
        more_claims: parts.more_claims,
        ..Assertion::new(algorithm, parts.key_id, parts.subject, parts.audience)
    };
    let random = random.ok_or_else(|| {
        let hint = "do it inside a request's handler: a Worker's global scope gives none";
        Error::new(Code::IoForbidden, "the runtime gives no random bytes here", hint)
    })?;
    client_assertion::prepare_assertion(&assertion, parts.now, random)
}

pub(super) fn complete_assertion(parts: AssertionAndSignature<'_>) -> Result<String, Error> {
    let signature = base64_bytes(parts.signature).ok_or_else(|| internal("the signature is no base64"))?;
    Ok(client_assertion::complete_assertion(parts.signing_input, &signature)?.expose().to_owned())
}

pub(super) fn internal(message: &'static str) -> Error {
    Error::new(Code::Internal, message, "this is a bug of edge-credentials: please report it")
}

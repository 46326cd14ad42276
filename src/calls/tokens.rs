//! Tokens: one's own, and those that come in.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::json::Object;
use crate::error::{Code, Error};
use crate::jwt::compact::{self, Header};
use crate::jwt::judge::{self, Accepted, Rules};
use crate::jwt::jwks;
use crate::oauth::token::{self, Validity};
use crate::redact::names;
use crate::schema::options::{
    AccessToken, EncodedHeader, ExpiryQuestion, GivenName, IntrospectedClaims, JwtClaims, KeyChoice, NamedScope,
    UnknownToken,
};
use crate::schema::results::{ChosenKeys, Expiry, HeaderFields, JudgedClaims, Plainness};
use crate::zitadel::Scope;

pub(super) fn authorization_header(given: AccessToken<'_>) -> Result<String, Error> {
    token::authorization_header(&given.access_token.into())
}

pub(super) fn is_expired(question: ExpiryQuestion) -> Result<Expiry, Error> {
    let validity = Validity { obtained_at: question.obtained_at, expires_at: question.expires_at };
    Ok(Expiry { is_expired: validity.is_expired(question.now, question.leeway.map(|leeway| leeway.0)) })
}

pub(super) fn choose_keys(choice: KeyChoice<'_>) -> Result<ChosenKeys, Error> {
    let keys = Object::parse(choice.keys.0).map_err(|_| internal("the keys are not readable"))?;
    let header = Header::read(choice.header)?;
    let (places, is_cut) = jwks::choose(&keys, header.algorithm, header.key_id.as_deref())?;
    Ok(ChosenKeys { places, is_cut })
}

pub(super) fn refuse_other_kinds(unknown: UnknownToken<'_>) -> Result<(), Error> {
    compact::refuse_other_kinds(unknown.token.0, unknown.typ.is_some())
}

pub(super) fn read_header(encoded: EncodedHeader<'_>) -> Result<HeaderFields, Error> {
    let header = Header::read(encoded.header.0)?;
    if encoded.typ.is_some() {
        header.require_at_jwt()?;
    }
    let length = header.signature_length();
    Ok(HeaderFields {
        algorithm: header.algorithm.name().to_owned(),
        is_at_jwt: header.is_at_jwt,
        shortest_signature: *length.start() as u64,
        longest_signature: *length.end() as u64,
    })
}

pub(super) fn judge_jwt(jwt: JwtClaims<'_>) -> Result<JudgedClaims, Error> {
    let leeway = jwt.leeway.map(|leeway| leeway.0);
    let rules = Rules {
        issuer: jwt.issuer,
        requirements: jwt.requirements,
        now: jwt.now,
        leeway,
        identity_only: jwt.identity_only,
    };
    let Accepted { names_audience, scope, claims } = judge::judge_jwt(jwt.claims.0, jwt.is_at_jwt, &rules)?;
    Ok(JudgedClaims { names_audience, scope, claims: claims.expose().to_owned() })
}

pub(super) fn judge_introspection(said: IntrospectedClaims<'_>) -> Result<(), Error> {
    judge::judge_introspection(said.claims.0, said.jwt, said.issuer, said.requirements)
}

pub(super) fn zitadel_scope(scope: NamedScope<'_>) -> Result<String, Error> {
    let value = scope.value;
    let scope = match scope.name {
        "api" => Scope::Api,
        "audience" => Scope::Audience(value),
        "role" => Scope::Role(value),
        "roles" => Scope::Roles,
        "organization" => Scope::Organization(value),
        "primaryDomain" => Scope::PrimaryDomain(value),
        "organizationRoles" => Scope::OrganizationRoles(value),
        "metadata" => Scope::Metadata,
        "resourceOwner" => Scope::ResourceOwner,
        _ => return Err(internal("there is no such scope")),
    };
    scope.text()
}

pub(super) fn is_plain_name(given: GivenName<'_>) -> Result<Plainness, Error> {
    Ok(Plainness { is_plain: names::is_plain_name(given.name.0) })
}

fn internal(message: &'static str) -> Error {
    Error::new(Code::Internal, message, "this is a bug of edge-credentials: please report it")
}

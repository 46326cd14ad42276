//! Responses.

use alloc::borrow::ToOwned;

use crate::calls::requests::issuer_url;
use crate::calls::serialize;
use crate::error::Error;
use crate::http::Response;
use crate::http::url::Url;
use crate::jwt::jwks::KeySet;
use crate::jwt::scope::scope_of;
use crate::jwt::token_kind::Source;
use crate::oauth::introspection;
use crate::oauth::metadata;
use crate::oauth::revocation;
use crate::oauth::token::{self, Token};
use crate::redact::Redaction;
use crate::schema::options::{
    AnswerAboutToken, KeySetResponse, MetadataResponse, ResponseHead, SentSecrets, TokenResponse, TokenSuccess,
};
use crate::schema::results::{Activity, Endpoints, KeySetFields, TokenFields};

/// Nothing for whatever is no success: [`token`] explains it.
pub(super) fn read_token(success: TokenSuccess<'_>) -> Result<Option<TokenFields>, Error> {
    let response = Response::new(success.status, success.body.0);
    let requested_at = success.requested_at;
    let token = token::parse_token_response(&response, &Redaction::unknown(), requested_at, requested_at);
    Ok(token.ok().map(|token| token_fields(&token)))
}

pub(super) fn token(answer: TokenResponse<'_>) -> Result<TokenFields, Error> {
    let response = response(&answer.head, answer.body.0);
    let redaction = redaction(&answer.sent);
    let token = token::parse_token_response(&response, &redaction, answer.requested_at, answer.now)?;
    Ok(token_fields(&token))
}

pub(super) fn metadata(answer: MetadataResponse<'_>) -> Result<Endpoints, Error> {
    let issuer = issuer_url(answer.issuer, answer.insecure_http)?;
    let metadata = metadata::parse_metadata_response(&response(&answer.head, answer.body.0), &issuer, answer.now)?;
    let address = |url: Option<Url>| url.map(|url| url.as_str().to_owned());
    Ok(Endpoints {
        token_endpoint: address(metadata.token_endpoint),
        introspection_endpoint: address(metadata.introspection_endpoint),
        revocation_endpoint: address(metadata.revocation_endpoint),
        jwks_uri: address(metadata.jwks_uri),
    })
}

pub(super) fn revocation(answer: AnswerAboutToken<'_>) -> Result<(), Error> {
    let response = response(&answer.head, answer.body.0);
    revocation::parse_revocation_response(&response, &redaction(&answer.sent), answer.now)
}

pub(super) fn introspection(answer: AnswerAboutToken<'_>) -> Result<Activity, Error> {
    let response = response(&answer.head, answer.body.0);
    let active = introspection::active_token(&response, &redaction(&answer.sent), answer.now)?;
    let scope = active.as_ref().and_then(|claims| scope_of(claims, Source::Introspection).flatten());
    Ok(Activity { is_active: active.is_some(), scope })
}

pub(super) fn key_set(answer: KeySetResponse<'_>) -> Result<KeySetFields, Error> {
    let set = KeySet::parse(&response(&answer.head, answer.body.0), answer.now)?;
    Ok(KeySetFields { keys: serialize::keys(&set), max_age: set.max_age() })
}

fn response<'a>(head: &ResponseHead<'a>, body: &'a str) -> Response<'a> {
    Response {
        status: head.status,
        content_type: head.content_type,
        retry_after: head.retry_after,
        date: head.date,
        cache_control: head.cache_control,
        cf_mitigated: head.cf_mitigated,
        cf_ray: head.cf_ray,
        body,
    }
}

fn redaction(sent: &SentSecrets<'_>) -> Redaction {
    let redaction = Redaction::of_request(sent.url, sent.authorization, sent.form);
    match sent.issuer {
        Some(issuer) => redaction.with_issuer(issuer),
        None => redaction,
    }
}

fn token_fields(token: &Token) -> TokenFields {
    TokenFields {
        access_token: token.access_token.expose().to_owned(),
        scope: token.scope.clone(),
        has_other_members: token.has_other_members,
        expires_at: token.validity.expires_at,
    }
}

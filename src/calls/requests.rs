//! Requests.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::encoding::form::form_decode;
use crate::encoding::text;
use crate::error::{Code, Error};
use crate::http::Request;
use crate::http::url::Url;
use crate::keys::algorithm::Algorithm;
use crate::oauth::client::{Client, Requested};
use crate::oauth::client_assertion::{check_more_claims, check_more_header, check_names};
use crate::oauth::credentials::{ClientAuth, Credentials, check_credential, check_id, check_unquoted};
use crate::oauth::introspection;
use crate::oauth::metadata::{self, WellKnown};
use crate::oauth::revocation;
use crate::oauth::token;
use crate::schema::kinds::Choice;
use crate::schema::options::{
    AssertionCredentials, ClientAssertionCredentials, ClientCredentials, GivenAddress, IntrospectionCredentials,
    IntrospectionRequestOptions, KnownCredentials, MetadataRequestOptions, RequestedToken, RevocationRequestOptions,
    SecretAuthNames, SecretCredentials, TokenCredentials, TokenRequestOptions,
};
use crate::schema::results::Form;

pub(super) fn token(options: TokenRequestOptions<'_>) -> Result<Form, Error> {
    let endpoint = Url::parse_named("the token endpoint", options.token_endpoint, options.insecure_http)?;
    let client = match options.credentials {
        Some(TokenCredentials::Assertion(credentials)) => by_grant(endpoint, &credentials)?,
        Some(TokenCredentials::Secret(credentials)) => Client::from_credentials(endpoint, by_secret(&credentials)?),
        Some(TokenCredentials::ClientAssertion(credentials)) => {
            Client::from_credentials(endpoint, by_assertion(&credentials)?)
        }
        None => return Err(no_credentials()),
    };
    let client = client.with_requested(requested(&options.requested)?);
    Ok(form(&token::build_token_request(&client)))
}

fn requested(options: &RequestedToken<'_>) -> Result<Requested, Error> {
    let mut requested = Requested::default();
    requested.add_scope(options.scope.unwrap_or_default().0)?;
    for uri in options.resource.unwrap_or_default().0.split_ascii_whitespace() {
        requested.add_resource(uri)?;
    }
    for (name, value) in form_pairs(options.params.unwrap_or_default().0) {
        requested.add_param(&name, value.into())?;
    }
    Ok(requested)
}

/// Each text by the function that takes it later.
pub(super) fn check_credentials(known: KnownCredentials<'_>) -> Result<(), Error> {
    if let Some(id) = known.client_id {
        check_id("the client id", id)?;
    }
    if let Some(secret) = known.client_secret {
        check_credential("the client secret", secret)?;
        check_unquoted("the client secret", secret)?;
        check_unquoted("the client id", known.client_id.unwrap_or_default())?;
    }
    secret_auth(known.client_auth)?;
    known.algorithm.map(Algorithm::from_name).transpose()?;
    check_more_header(known.more_header)?;
    check_more_claims(known.more_claims)?;
    known.audience.map_or(Ok(()), |audience| check_names(known.subject, audience, known.key_id))
}

pub(super) fn check_requested(options: RequestedToken<'_>) -> Result<(), Error> {
    requested(&options).map(|_| ())
}

pub(super) fn revocation(options: RevocationRequestOptions<'_>) -> Result<Form, Error> {
    let address = options.revocation_endpoint;
    let endpoint = Url::parse_named("the revocation endpoint", address, options.insecure_http)?;
    let credentials = of_client(options.credentials)?;
    revocation::build_revocation_request(&endpoint, &credentials, &options.token.into()).map(|request| form(&request))
}

pub(super) fn introspection(options: IntrospectionRequestOptions<'_>) -> Result<Form, Error> {
    let address = options.introspection_endpoint;
    let endpoint = Url::parse_named("the introspection endpoint", address, options.insecure_http)?;
    let credentials = match options.credentials {
        Some(IntrospectionCredentials::Secret(credentials)) => by_secret(&credentials)?,
        Some(IntrospectionCredentials::ClientAssertion(credentials)) => by_assertion(&credentials)?,
        Some(IntrospectionCredentials::AccessToken(credentials)) => {
            Credentials::from_access_token(credentials.access_token)?
        }
        Some(IntrospectionCredentials::Nothing(_)) => Credentials::none(),
        None => return Err(no_credentials()),
    };
    let request = introspection::build_introspection_request(&endpoint, &credentials, &options.token.into())?;
    Ok(form(&request))
}

pub(super) fn metadata(options: MetadataRequestOptions<'_>) -> Result<String, Error> {
    let well_known = options.well_known.map_or(Ok(WellKnown::default()), |name| WellKnown::from_name(name.0))?;
    let request = metadata::build_metadata_request(&issuer_url(options.issuer, options.insecure_http)?, well_known)?;
    Ok(request.url().to_owned())
}

pub(super) fn check_address(given: GivenAddress<'_>) -> Result<(), Error> {
    Url::parse_named(given.what, given.address.0, given.insecure_http).map(|_| ())
}

pub(super) fn issuer_url(issuer: &str, insecure_http: bool) -> Result<Url, Error> {
    Url::parse_named("the issuer", issuer, insecure_http)
}

fn of_client(credentials: Option<ClientCredentials<'_>>) -> Result<Credentials, Error> {
    match credentials {
        Some(ClientCredentials::Secret(credentials)) => by_secret(&credentials),
        Some(ClientCredentials::ClientAssertion(credentials)) => by_assertion(&credentials),
        None => Err(no_credentials()),
    }
}

fn by_secret(credentials: &SecretCredentials<'_>) -> Result<Credentials, Error> {
    let auth: Option<Choice<'_, SecretAuthNames>> = credentials.client_auth;
    Credentials::from_secret(credentials.client_id, credentials.client_secret, secret_auth(auth.map(|name| name.0))?)
}

/// The JWT profile, with client credentials beside it if they are given.
fn by_grant(endpoint: Url, given: &AssertionCredentials<'_>) -> Result<Client, Error> {
    let client = Client::jwt_profile(endpoint, given.assertion)?;
    let client_auth = given.client_auth;
    match (given.client_id, given.client_secret) {
        (Some(client_id), Some(client_secret)) => {
            Ok(client.with_credentials(by_secret(&SecretCredentials { client_id, client_secret, client_auth })?))
        }
        (None, None) => Ok(client),
        _ => Err(Error::new(
            Code::OptionInvalid,
            "`clientId` and `clientSecret` go together beside an `assertion`",
            "give both, for a server that wants client credentials too, or neither",
        )),
    }
}

fn by_assertion(credentials: &ClientAssertionCredentials<'_>) -> Result<Credentials, Error> {
    Credentials::from_assertion(credentials.client_id, credentials.client_assertion)
}

fn secret_auth(name: Option<&str>) -> Result<ClientAuth, Error> {
    name.map_or(Ok(ClientAuth::default()), ClientAuth::from_name)
}

fn no_credentials() -> Error {
    Error::new(Code::Internal, "there are no credentials", "this is a bug of edge-credentials: please report it")
}

fn form(request: &Request) -> Form {
    let header = request.headers().find(|(name, _)| *name == "authorization");
    Form {
        authorization: header.map(|(_, value)| value.to_owned()),
        body: request.body().unwrap_or_default().to_owned(),
    }
}

fn form_pairs(form: &str) -> impl Iterator<Item = (String, String)> {
    text::form_pairs(form).filter_map(|(name, value)| Some((form_decode(name)?, form_decode(value)?)))
}

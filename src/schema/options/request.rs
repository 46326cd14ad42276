//! What the builders of requests take.

use crate::schema::kinds::{Choice, Params, Rest, Words, names};
use crate::schema::{alternatives, shape};

names! {
    /// How a client sends its secret.
    SecretAuthNames: "client_secret_basic", "client_secret_post"
}

names! {
    /// Where a server publishes its metadata.
    WellKnownNames: "openid-configuration", "oauth-authorization-server", "oauth-authorization-server-appended"
}

shape! {
    /// The credentials of a client with a secret (RFC 6749 section 2.3.1).
    SecretCredentials<'a> {
        /// not encoded; with ZITADEL the service user's login name
        client_id: &'a str,
        /// not encoded
        client_secret: &'a str,
        /// sends the credentials in the `authorization` header (the default) or in the body
        client_auth: Option<Choice<'a, SecretAuthNames>>,
    }
}

shape! {
    /// The credentials of a client with a key: `private_key_jwt` (RFC 7523 section 2.2).
    ClientAssertionCredentials<'a> {
        /// not encoded
        client_id: &'a str,
        /// the result of `completeAssertion`; each request needs a new one
        client_assertion: &'a str,
    }
}

shape! {
    /// The credentials of a service user with a key: the grant
    /// `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 section 2.1), ZITADEL's JWT profile.
    AssertionCredentials<'a> {
        /// the result of `completeAssertion`; each request needs a new one
        assertion: &'a str,
        /// for a server that wants client credentials too
        client_id: Option<&'a str>,
        /// beside a `clientId`
        client_secret: Option<&'a str>,
        /// sends the client credentials in the `authorization` header (the default) or in the body
        client_auth: Option<Choice<'a, SecretAuthNames>>,
    }
}

alternatives! {
    /// How a token request says who asks.
    TokenCredentials<'a> {
        /// By a secret.
        Secret(SecretCredentials<'a>) by "clientSecret",
        /// By an assertion of a client.
        ClientAssertion(ClientAssertionCredentials<'a>) by "clientAssertion",
        /// By an assertion of a service user.
        Assertion(AssertionCredentials<'a>) by "assertion",
    }
}

alternatives! {
    /// How a client authenticates.
    ClientCredentials<'a> {
        /// By a secret.
        Secret(SecretCredentials<'a>) by "clientSecret",
        /// By an assertion.
        ClientAssertion(ClientAssertionCredentials<'a>) by "clientAssertion",
    }
}

shape! {
    /// What a token is for.
    RequestedToken<'a> {
        /// a list, or one string separated by spaces
        scope: Option<Words<'a>>,
        /// the APIs that the token is for (RFC 8707 section 2), as the server knows them: a URI, or a
        /// GUID at Entra v1 and ADFS
        resource: Option<Words<'a>>,
        /// additional parameters that the server defines, such as `audience`; managed parameters
        /// cannot be overridden
        params: Option<Params<'a>>,
    }
}

shape! {
    /// The options of `buildTokenRequest`: the endpoint, the credentials and what the token is for.
    TokenRequestOptions<'a> {
        /// https, or http on loopback; ZITADEL's is `{issuer}/oauth/v2/token`
        token_endpoint: &'a str,
        credentials: Option<TokenCredentials<'a>>,
        requested: RequestedToken<'a>,
        /// permits http to hosts other than loopback. **Warning**: the secret and the token then
        /// cross the network unencrypted; use it only in closed networks such as Docker's
        insecure_http: bool,
    }
}

shape! {
    /// The options of `buildRevocationRequest`: the token, the endpoint and the client's credentials.
    RevocationRequestOptions<'a> {
        /// https, or http on loopback; ZITADEL's is `{issuer}/oauth/v2/revoke`
        revocation_endpoint: &'a str,
        /// the token to revoke
        token: &'a str,
        credentials: Option<ClientCredentials<'a>>,
        /// permits http to hosts other than loopback. **Warning**: the token and the credentials
        /// then cross the network unencrypted; use it only in closed networks such as Docker's
        insecure_http: bool,
    }
}

shape! {
    /// An access token of the API's own (RFC 7662 section 2.1).
    OwnTokenCredentials<'a> {
        /// goes into the `authorization` header
        access_token: &'a str,
    }
}

names! {
    /// No credentials.
    NoAuthNames: "none"
}

shape! {
    /// No credentials, for an endpoint that only the inner network reaches.
    NoCredentials<'a> {
        /// sends none
        client_auth: Choice<'a, NoAuthNames>,
    }
}

alternatives! {
    /// How an API authenticates where it introspects tokens.
    IntrospectionCredentials<'a> {
        /// By a secret.
        Secret(SecretCredentials<'a>) by "clientSecret",
        /// By an assertion.
        ClientAssertion(ClientAssertionCredentials<'a>) by "clientAssertion",
        /// By an access token.
        AccessToken(OwnTokenCredentials<'a>) by "accessToken",
        /// Not at all.
        Nothing(NoCredentials<'a>) by "clientAuth=none",
    }
}

shape! {
    /// The options of `buildIntrospectionRequest`: the token, the endpoint and the client's
    /// credentials.
    IntrospectionRequestOptions<'a> {
        /// https, or http on loopback; ZITADEL's is `{issuer}/oauth/v2/introspect`
        introspection_endpoint: &'a str,
        /// the token to introspect
        token: &'a str,
        credentials: Option<IntrospectionCredentials<'a>>,
        /// permits http to hosts other than loopback. **Warning**: the token and the credentials
        /// then cross the network unencrypted; use it only in closed networks such as Docker's
        insecure_http: bool,
    }
}

shape! {
    /// The options of `buildMetadataRequest`.
    MetadataRequestOptions<'a> {
        /// exactly as the server names itself; https, or http on loopback
        issuer: &'a str,
        /// `openid-configuration` by default
        well_known: Option<Choice<'a, WellKnownNames>>,
        /// permits http to hosts other than loopback. **Warning**: an attacker on the network can
        /// then insert endpoints of their own
        insecure_http: bool,
    }
}

shape! {
    /// An address, and what it is in words.
    GivenAddress<'a> {
        what: &'a str,
        insecure_http: bool,
        address: Rest<'a>,
    }
}

//! The options of `tokenSource`.

use crate::schema::kinds::{
    AssertionFunction, Choice, Count, FetchFunction, Js, JsonObject, KeyOrFunction, Label, List, Listener,
    RequestFunction, Retries, SecretOrFunction, StoreFunction, TimeLimit, names,
};
use crate::schema::options::{RequestedToken, SecretAuthNames, SignatureAlgorithms};
use crate::schema::{alternatives, shape};

names! {
    /// How a client with a key authenticates.
    KeyAuthNames: "private_key_jwt"
}

shape! {
    /// The authorization server. Set `issuer`, whose metadata then name the endpoint, or
    /// `tokenEndpoint`.
    ServerOptions<'a> {
        /// exactly as the server names itself; ZITADEL's is `https://<instance>`, without a slash at
        /// the end
        issuer: Option<&'a str>,
        /// with it, no metadata are requested
        token_endpoint: Option<&'a str>,
    }
}

shape! {
    /// What a token is for, and how it is requested.
    SourceOptions<'a> {
        requested: RequestedToken<'a>,
        /// where `fetch` may send the token in addition to the origins of `issuer` and
        /// `tokenEndpoint`, such as `https://api.example`
        allowed_origins: Option<Js<List>>,
        /// used instead of the runtime's for requests to the authorization server
        fetch: Option<Js<FetchFunction>>,
        /// used instead of the runtime's for what `source.fetch` calls
        api_fetch: Option<Js<FetchFunction>>,
        /// how often a request to the server is repeated after a network error, a timeout, 502,
        /// 503 or 504: 0, 1 or 2, by default 2
        retries: Option<Js<Retries>>,
        /// where isolates share the token, as `sharedStore` (`edge-credentials/store`) and `kvStore`
        /// (`edge-credentials/cloudflare`) give it: fewer requests
        store: Option<Js<StoreFunction>>,
        /// ms that one call of `get` may take, by default 20 000
        timeout: Option<Js<TimeLimit>>,
        /// how many sources and verifiers together are kept for reuse, by default 1 000. The largest
        /// number given counts, so it can only be raised. What is dropped tells its `onEvent`
        max_instances: Option<Js<Count>>,
        /// permits http to hosts other than loopback. **Warning**: credentials and tokens then
        /// cross the network unencrypted; use it only in closed networks such as Docker's
        insecure_http: bool,
        /// stands in every event, as `name`; free text
        name: Option<Js<Label>>,
        /// is called with what happens; of equal sources, only the last one given is called
        on_event: Option<Js<Listener>>,
    }
}

shape! {
    /// The options of a source with a client id and a secret.
    SecretSourceOptions<'a> {
        server: ServerOptions<'a>,
        /// with ZITADEL the service user's login name
        client_id: &'a str,
        /// for a secret that rotates a function, which is called once, and again when the server
        /// refuses the credentials
        client_secret: Js<SecretOrFunction>,
        /// by default what the metadata permit, otherwise `client_secret_basic`
        client_auth: Option<Choice<'a, SecretAuthNames>>,
        source: SourceOptions<'a>,
    }
}

shape! {
    /// The options of a source with a private key. It uses ZITADEL's JWT profile, for which the key
    /// file of a service user is enough; or, if there is a `clientId`, `private_key_jwt`.
    KeySourceOptions<'a> {
        server: ServerOptions<'a>,
        /// a ZITADEL key file, a PEM or a JWK; for a key that rotates a function, which is called
        /// once, and again when the server refuses the assertion or the key has expired
        key: Js<KeyOrFunction>,
        /// selects client credentials with `private_key_jwt`
        client_id: Option<&'a str>,
        /// selects the same without a `clientId`, which is then taken from an application's key
        /// file; it also overrides the metadata
        client_auth: Option<Choice<'a, KeyAuthNames>>,
        /// the owner of the key, if the key does not name it and there is no `clientId`
        user_id: Option<&'a str>,
        /// the key's name at the server, if the key does not hold it
        key_id: Option<&'a str>,
        /// by default what the key says, otherwise RS256, ES256 or EdDSA, by the type of the key
        algorithm: Option<Choice<'a, SignatureAlgorithms>>,
        /// the audience of assertions, by default the issuer; Hydra, Authlib and Glewlwyd want their
        /// token endpoint
        assertion_audience: Option<&'a str>,
        /// members that are added to the header of assertions: `x5t`, which Entra wants for a
        /// certificate, or another `typ`
        assertion_header: Option<Js<JsonObject>>,
        /// members that are added to the claims of assertions: Google's `scope`, or a `sub` that is
        /// another than the issuer, as Salesforce has it
        assertion_claims: Option<Js<JsonObject>>,
        source: SourceOptions<'a>,
    }
}

shape! {
    /// The options of a source with a personal access token, or another token that was issued
    /// elsewhere. The source sends no token request, and sends the token only to `allowedOrigins`.
    AccessTokenSourceOptions<'a> {
        access_token: &'a str,
        /// where `fetch` may send the token, such as `https://api.example`
        allowed_origins: Option<Js<List>>,
        /// used instead of the runtime's for what `source.fetch` calls
        api_fetch: Option<Js<FetchFunction>>,
        /// how many sources and verifiers together are kept for reuse, by default 1 000. The largest
        /// number given counts, so it can only be raised
        max_instances: Option<Js<Count>>,
        /// permits http to hosts other than loopback. **Warning**: the token then crosses the
        /// network unencrypted
        insecure_http: bool,
        /// stands in every event, as `name`; free text
        name: Option<Js<Label>>,
        /// is called with what happens: only `unrepeated` and `drop`, since such a token never changes
        on_event: Option<Js<Listener>>,
    }
}

shape! {
    /// The options of a source whose assertion comes from elsewhere, such as a key management
    /// service: the grant `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 section 2.1).
    AssertionSourceOptions<'a> {
        server: ServerOptions<'a>,
        /// a function that makes the JWT. It is called for each request
        assertion: Js<AssertionFunction>,
        /// for a server that wants client credentials too, such as Keycloak
        client_id: Option<&'a str>,
        /// beside a `clientId`
        client_secret: Option<Js<SecretOrFunction>>,
        /// by default what the metadata permit, otherwise `client_secret_basic`
        client_auth: Option<Choice<'a, SecretAuthNames>>,
        source: SourceOptions<'a>,
    }
}

shape! {
    /// The options of a source whose client assertion comes from elsewhere: `private_key_jwt` with a
    /// key management service, or a workload's identity token (RFC 7523 section 2.2).
    ClientAssertionSourceOptions<'a> {
        server: ServerOptions<'a>,
        client_id: &'a str,
        /// a function that makes the JWT. It is called for each request
        client_assertion: Js<AssertionFunction>,
        source: SourceOptions<'a>,
    }
}

shape! {
    /// The options of a source whose requests are the caller's: any grant, any form. Of a refusal
    /// only the codes are shown, since what was sent is not known.
    RequestSourceOptions<'a> {
        server: ServerOptions<'a>,
        /// a function that requests a token and returns the response, unread
        request: Js<RequestFunction>,
        /// where `fetch` may send the token in addition to the origins of `issuer` and
        /// `tokenEndpoint`, such as `https://api.example`
        allowed_origins: Option<Js<List>>,
        /// used instead of the runtime's for the issuer's metadata
        fetch: Option<Js<FetchFunction>>,
        /// used instead of the runtime's for what `source.fetch` calls
        api_fetch: Option<Js<FetchFunction>>,
        /// how often a request is repeated after a network error, a timeout, 502, 503 or 504: 0, 1
        /// or 2, by default 2
        retries: Option<Js<Retries>>,
        /// where isolates share the token, as `sharedStore` (`edge-credentials/store`) and `kvStore`
        /// (`edge-credentials/cloudflare`) give it: fewer requests
        store: Option<Js<StoreFunction>>,
        /// ms that one call of `get` may take, by default 20 000
        timeout: Option<Js<TimeLimit>>,
        /// how many sources and verifiers together are kept for reuse, by default 1 000. The largest
        /// number given counts, so it can only be raised. What is dropped tells its `onEvent`
        max_instances: Option<Js<Count>>,
        /// permits http to hosts other than loopback. **Warning**: the token then crosses the
        /// network unencrypted
        insecure_http: bool,
        /// stands in every event, as `name`; free text
        name: Option<Js<Label>>,
        /// is called with what happens; of equal sources, only the last one given is called
        on_event: Option<Js<Listener>>,
    }
}

alternatives! {
    /// The options of `tokenSource`. A service user authenticates with a secret, a key or an
    /// assertion, or has an access token already; or the caller makes the requests.
    TokenSourceOptions<'a> {
        /// With a secret.
        Secret(SecretSourceOptions<'a>) by "clientSecret",
        /// With a key.
        Key(KeySourceOptions<'a>) by "key",
        /// With a token.
        AccessToken(AccessTokenSourceOptions<'a>) by "accessToken",
        /// With an assertion.
        Assertion(AssertionSourceOptions<'a>) by "assertion",
        /// With a client's assertion.
        ClientAssertion(ClientAssertionSourceOptions<'a>) by "clientAssertion",
        /// With requests of the caller's.
        Request(RequestSourceOptions<'a>) by "request",
    }
}

shape! {
    /// What is known of credentials before a secret or an assertion is there.
    KnownCredentials<'a> {
        client_id: Option<&'a str>,
        client_secret: Option<&'a str>,
        client_auth: Option<&'a str>,
        /// the subject of assertions
        subject: Option<&'a str>,
        key_id: Option<&'a str>,
        algorithm: Option<&'a str>,
        /// the audience of assertions, if there are any
        audience: Option<&'a str>,
        more_header: Option<&'a str>,
        more_claims: Option<&'a str>,
    }
}

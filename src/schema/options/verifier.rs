//! The options of `tokenVerifier`, and what a token is judged by.

use crate::encoding::time::Timestamp;
use crate::schema::kinds::{
    Choice, ClaimValues, Count, FetchFunction, Js, KeyOrFunction, KeySetObject, Label, Length, Listener, Millis, Rest,
    Retries, Roles, SecretOrFunction, Signal, Texts, TimeLimit, TokenFunction, names,
};
use crate::schema::nested::{Nested, NestedShapes};
use crate::schema::options::{NoCredentials, SecretAuthNames, SignatureAlgorithms};
use crate::schema::{Alternatives, alternatives, shape};

names! {
    /// Which tokens are accepted.
    AcceptNames: "jwt", "opaque"; unset: false
}

names! {
    /// The `typ` that is required of a JWT.
    TypNames: "at+jwt"; unset: false
}

shape! {
    /// The options of `tokenVerifier`: whose tokens are accepted, for which audience, and what they
    /// must have.
    TokenVerifierOptions<'a> {
        /// exactly as the server names itself; ZITADEL's is `https://<instance>`, without a slash at
        /// the end. Of a list, the token's `iss` decides which; each issuer has its own keys, and
        /// none is introspected. Entra's many tenants are one issuer,
        /// `https://login.microsoftonline.com/{tenantid}/v2.0`: see `tenants`
        issuer: Js<Texts>,
        /// for an issuer with `{tenantid}` in it: the tenants (`tid`) whose tokens are accepted.
        /// **Warning**: `"any"` accepts every tenant of the world; then require a role or a claim
        tenants: Option<Js<Texts>>,
        /// accepted audiences. A token must name at least one. It may be left out with `clientId`. With ZITADEL it is the id of the
        /// API's project, or the client id of its application. **Warning**: checking the audience is
        /// not authorization. Any service user of a ZITADEL instance can request any project's
        /// audience, and every personal access token of the instance passes an introspection:
        /// require a role. **Warning**: an id_token without a mark (Entra's, Auth0's without
        /// `nonce`) cannot be distinguished from an access token. If the audience is also a client's
        /// id, require a scope, a role, or `typ: "at+jwt"`. **Warning**: a shared issuer (GitHub
        /// Actions, Google) gives anybody a token with your audience: compare `sub`
        audience: Option<Js<Texts>>,
        /// for issuers that write no `aud` (Cognito, Hydra, WSO2): the clients that may call. A token
        /// without `aud` must name one as `client_id`, else `azp`, `cid` or `appid`; one with `aud` is
        /// still judged by `audience`. A `scope` or a `role` must be required too: any other API that
        /// was shown the token can send it here
        client_id: Option<Js<Texts>>,
        /// the client that introspects tokens that are no JWTs (RFC 7662); without it they are
        /// refused. JWTs that name no audience are introspected too, once their signature is good
        introspection: Option<Js<Nested<IntrospectionShapes>>>,
        /// `jwt`: no token is introspected. `opaque`: every token is introspected, JWTs too, so that
        /// a revocation takes effect within a minute. By default JWTs are verified with the issuer's
        /// keys, and all other tokens are introspected, as are JWTs without `aud`
        accept: Option<Choice<'a, AcceptNames>>,
        /// requires this `typ` in the header of JWTs (RFC 9068 section 2.1), also with `accept:
        /// "opaque"`. Without the option, `JWT` and no `typ` are accepted too. Set it if the audience
        /// is also a client's id, since an id_token without a mark cannot be distinguished
        /// otherwise. It does not apply to opaque tokens, which have no header: `accept: "jwt"`
        /// refuses them
        typ: Option<Choice<'a, TypNames>>,
        /// the ZITADEL project of roles that name none
        project_id: Option<&'a str>,
        /// scopes that every token must have. **Warning**: ZITADEL grants a service user any scope
        /// that it requests, so a scope is no authorization there: require a role. A scope that
        /// requests roles of ZITADEL is refused (`option_invalid`)
        scope: Option<Js<Texts>>,
        /// roles that every token must have: `"writer"` in the project `projectId`, or `{ role,
        /// project?, organization? }`; with `roleClaim` an entry of that claim. A token must have all
        /// roles of a list
        role: Option<Js<Roles>>,
        /// where the roles are, instead of in ZITADEL's claims: a claim's name, or a list of member
        /// names such as `["resource_access", "api", "roles"]`. There must be a list of roles, or a
        /// text, which is one role. **Warning**: never name a claim that users can edit
        /// (`user_metadata`)
        role_claim: Option<Js<Texts>>,
        /// claims that every token must have: the text, or a list that holds it. With GitHub Actions
        /// `{ repository: "org/name" }`. Only claims of the token itself count, by their whole names
        claims: Option<Js<ClaimValues>>,
        /// where a request carries its token, if not in `authorization`: a function that is given
        /// what `verify` is given, and returns the token. With Cloudflare Access `(request) =>
        /// request.headers.get("cf-access-jwt-assertion")`
        token: Option<Js<TokenFunction>>,
        /// the address of the issuer's keys, by default from its metadata
        jwks_uri: Option<&'a str>,
        /// the issuer's keys themselves: no request is made for them, and no key is ever added
        jwks: Option<Js<KeySetObject>>,
        /// by default from the issuer's metadata
        introspection_endpoint: Option<&'a str>,
        /// ms by which clocks may differ when a JWT begins or ends, by default 30 000, at most five
        /// minutes
        leeway: Option<Millis>,
        /// ms that one call of `verify` may take, by default 20 000
        timeout: Option<Js<TimeLimit>>,
        /// the longest JWT that is accepted, in characters, by default 65 536, at most 1 048 576. A user
        /// with hundreds of roles has long ones. All other tokens end at 16 384, and introspected JWTs at
        /// 65 536
        max_token_length: Option<Js<Length>>,
        /// used instead of the runtime's
        fetch: Option<Js<FetchFunction>>,
        /// how often a request to the issuer is repeated after a network error, a timeout, 502,
        /// 503 or 504: 0, 1 or 2, by default 2
        retries: Option<Js<Retries>>,
        /// stands in every event, as `name`; free text
        name: Option<Js<Label>>,
        /// how many sources and verifiers together are kept for reuse, by default 1 000. The largest
        /// number given counts, so it can only be raised. What is dropped tells its `onEvent`
        max_instances: Option<Js<Count>>,
        /// permits http to hosts other than loopback. **Warning**: tokens and credentials then cross
        /// the network unencrypted, and an attacker on the network can replace the issuer's keys;
        /// use it only in closed networks such as Docker's
        insecure_http: bool,
        /// is called with what happens; of equal verifiers, only the last one given is called
        on_event: Option<Js<Listener>>,
    }
}

shape! {
    /// A client that introspects with a secret.
    SecretIntrospectionClient<'a> {
        client_id: &'a str,
        /// for a secret that rotates a function, which is called once, and again when the server
        /// refuses the credentials
        client_secret: Js<SecretOrFunction>,
        /// by default `client_secret_basic`
        client_auth: Option<Choice<'a, SecretAuthNames>>,
    }
}

shape! {
    /// A client that introspects with a key.
    KeyIntrospectionClient<'a> {
        /// an application's ZITADEL key file, a PEM or a JWK; for a key that rotates a function,
        /// which is called once, and again when the server refuses the assertion
        key: Js<KeyOrFunction>,
        /// the owner of the key, if the key does not name it
        client_id: Option<&'a str>,
        /// the key's name at the server, if the key does not hold it
        key_id: Option<&'a str>,
        /// by default what the key says, otherwise RS256, ES256 or EdDSA, by the type of the key
        algorithm: Option<Choice<'a, SignatureAlgorithms>>,
        /// the audience of assertions, by default the issuer
        assertion_audience: Option<&'a str>,
    }
}

shape! {
    /// An API that introspects with an access token of its own.
    TokenIntrospectionClient {
        /// the token, or a function that is called for each request, such as `async () => (await
        /// source.get()).accessToken`
        access_token: Js<SecretOrFunction>,
    }
}

alternatives! {
    /// Who introspects tokens: with ZITADEL an application of type API.
    IntrospectionClient<'a> {
        /// With a secret.
        Secret(SecretIntrospectionClient<'a>) by "clientSecret",
        /// With a key.
        Key(KeyIntrospectionClient<'a>) by "key",
        /// With an access token.
        AccessToken(TokenIntrospectionClient) by "accessToken",
        /// Without credentials, as at Hydra's admin port.
        Nothing(NoCredentials<'a>) by "clientAuth=none",
    }
}

/// The shapes of `introspection`.
#[derive(Clone, Copy, Debug)]
pub struct IntrospectionShapes;

impl NestedShapes for IntrospectionShapes {
    const ALTERNATIVES: Alternatives = IntrospectionClient::ALTERNATIVES;
}

shape! {
    /// What a token must have. It must meet all of the requirements.
    Requirements {
        /// a list, or one string separated by spaces. **Warning**: ZITADEL grants a service user any
        /// scope that it requests, so a scope is no authorization there: require a role. A scope
        /// that requests roles of ZITADEL is refused (`option_invalid`)
        scope: Option<Js<Texts>>,
        /// if neither it nor the verifier names a project, the role has to be in the claim about
        /// the introspecting application's project; a JWT is then refused. With `roleClaim` it is an
        /// entry of that claim
        role: Option<Js<Roles>>,
        /// accepted audiences, instead of the verifier's and its `clientId`. A token must name at
        /// least one. The **Warning** of the verifier's `audience` applies here too
        audience: Option<Js<Texts>>,
        /// claims that the token must have, in addition to the verifier's
        claims: Option<Js<ClaimValues>>,
        /// ends this call's wait
        signal: Option<Js<Signal>>,
    }
}

shape! {
    /// A role of ZITADEL, and where the user must have it.
    RequiredRole<'a> {
        role: &'a str,
        /// the project's id
        project: Option<&'a str>,
        /// the id of the organization that granted it
        organization: Option<&'a str>,
    }
}

shape! {
    /// Options of a call that waits.
    WaitOptions {
        /// ends this call's wait, not the request, for which other calls may wait too
        signal: Option<Js<Signal>>,
    }
}

shape! {
    /// A token before anybody is asked about it.
    UnknownToken<'a> {
        typ: Option<&'a str>,
        token: Rest<'a>,
    }
}

shape! {
    /// The header of a JWT, as it is in the token.
    EncodedHeader<'a> {
        typ: Option<&'a str>,
        header: Rest<'a>,
    }
}

shape! {
    /// Which keys may have signed a JWT; `keys` are those that `parseKeySet` gave.
    KeyChoice<'a> {
        /// as it is in the token
        header: &'a str,
        keys: Rest<'a>,
    }
}

shape! {
    /// The claims of a JWT, as they are in the token, and what they have to meet. `identityOnly`: only
    /// whether it is the issuer's access token and may be used now, since the server says the rest.
    JwtClaims<'a> {
        is_at_jwt: bool,
        identity_only: bool,
        issuer: &'a str,
        leeway: Option<Millis>,
        now: Timestamp,
        requirements: &'a str,
        claims: Rest<'a>,
    }
}

shape! {
    /// What a server says of an active token, and what that has to meet. `jwt`: the claims of the
    /// token itself, if they are verified.
    IntrospectedClaims<'a> {
        issuer: &'a str,
        requirements: &'a str,
        jwt: Option<&'a str>,
        claims: Rest<'a>,
    }
}

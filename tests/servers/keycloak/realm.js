// @ts-check
// The realm of the walk, as Keycloak imports it.

export const REALM = "walk";
export const SECRET = "a walk's secret: 100% + & = @ / ? ~";
/** The audience, and the client of the API: Keycloak answers only who is in the audience. */
export const API = "urn:api";
export const USER = { username: "someone", password: "anything" };
/** Whom assertions are by and about: an issuer has to be an address. */
export const SUBJECT = "https://service.example";
export const REDIRECT_URI = "http://127.0.0.1:9/callback";
/** Of access tokens. */
export const ALGORITHMS = [
  ...["RS", "PS", "ES"].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`)),
  "EdDSA",
];

const SCOPE = "things:write";
const ASSERTION_ISSUER = "assertions";

/**
 * @param {object} options
 * @param {import("../setup/client-keys.js").ClientKey[]} options.keys
 * @param {string} options.keysUrl where all of them are
 * @param {string} options.logoutUri
 */
export function realm({ keys, keysUrl, logoutUri }) {
  return {
    realm: REALM,
    enabled: true,
    clientScopes: [
      {
        name: SCOPE,
        protocol: "openid-connect",
        attributes: { "include.in.token.scope": "true" },
        protocolMappers: [audienceMapper()],
      },
    ],
    clients: [
      service("basic"),
      service("other"),
      service(API),
      service("jwt", { clientAuthenticatorType: "client-secret-jwt" }),
      ...ALGORITHMS.map((algorithm) => signedBy(algorithm)),
      ...keys.map(keyClient),
      service("granted", {
        attributes: {
          "oauth2.jwt.authorization.grant.enabled": "true",
          "oauth2.jwt.authorization.grant.idp": ASSERTION_ISSUER,
        },
      }),
      {
        ...service("app"),
        standardFlowEnabled: true,
        redirectUris: [REDIRECT_URI],
        attributes: {
          "backchannel.logout.url": logoutUri,
          "backchannel.logout.session.required": "true",
        },
      },
    ],
    identityProviders: [
      {
        alias: ASSERTION_ISSUER,
        providerId: "jwt-authorization-grant",
        config: {
          issuer: SUBJECT,
          useJwksUrl: "true",
          jwksUrl: keysUrl,
          jwtAuthorizationGrantEnabled: "true",
        },
      },
    ],
    users: [
      {
        username: SUBJECT,
        enabled: true,
        federatedIdentities: [
          { identityProvider: ASSERTION_ISSUER, userId: SUBJECT, userName: SUBJECT },
        ],
      },
      {
        username: USER.username,
        enabled: true,
        email: "someone@demo.localhost",
        firstName: "Some",
        lastName: "One",
        credentials: [{ type: "password", value: USER.password }],
        realmRoles: ["offline_access"],
      },
    ],
  };
}

/** @type {(clientId: string, more?: object) => object} */
function service(clientId, more) {
  return {
    clientId,
    secret: SECRET,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    optionalClientScopes: [SCOPE, "offline_access"],
    ...more,
  };
}

/** @param {string} algorithm of its access tokens */
function signedBy(algorithm) {
  const attributes = { "access.token.signed.response.alg": algorithm };
  return service(`signed-${algorithm}`, { attributes });
}

/** @param {import("../setup/client-keys.js").ClientKey} key */
function keyClient({ algorithm, jwk }) {
  return service(`key-${algorithm}`, {
    clientAuthenticatorType: "client-jwt",
    attributes: {
      "use.jwks.string": "true",
      "jwks.string": JSON.stringify({ keys: [jwk] }),
      "token.endpoint.auth.signing.alg": algorithm,
    },
  });
}

function audienceMapper() {
  return {
    name: "audience",
    protocol: "openid-connect",
    protocolMapper: "oidc-audience-mapper",
    config: { "included.custom.audience": API, "access.token.claim": "true" },
  };
}

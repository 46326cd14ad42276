// @ts-check
// The realm of the walk, as Keycloak imports it.

export const REALM = "walk";
export const SECRET = "a walk's secret: 100% + & = @ / ? ~";
/** The audience, and the client of the API: Keycloak answers only who is in the audience. */
export const API = "urn:api";
export const USER = { username: "someone", password: "anything" };
export const REDIRECT_URI = "http://127.0.0.1:9/callback";
export const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];

const SCOPE = "things:write";

/**
 * @param {import("../setup/client-keys.js").ClientKey[]} keys
 * @param {string} logoutUri
 */
export function realm(keys, logoutUri) {
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
    users: [
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

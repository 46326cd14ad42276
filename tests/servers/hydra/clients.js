// @ts-check
// The clients of Hydra.

/** @typedef {import("../setup/client-keys.js").ClientKey} ClientKey */

export const SECRET = "a walk's secret: 100% + & = @ / ? ~";
export const API = "https://api.example";
export const SUBJECT = "service";
export const REDIRECT_URI = "http://127.0.0.1:9/callback";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * @param {object} options
 * @param {ClientKey[]} options.keys
 * @param {string} options.secret of the usual login
 * @param {string} options.logoutUri
 */
export function clients({ keys, secret, logoutUri }) {
  return [
    machine("basic", { client_secret: secret }),
    machine("other"),
    machine("post", { token_endpoint_auth_method: "client_secret_post" }),
    machine("signed", { access_token_strategy: "jwt" }),
    machine("granted", { grant_types: [JWT_BEARER] }),
    ...keys.filter(isForClients).map(({ algorithm, jwk }) =>
      machine(`key-${algorithm}`, {
        client_secret: undefined,
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: algorithm,
        jwks: { keys: [jwk] },
      }),
    ),
    machine("app", {
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      redirect_uris: [REDIRECT_URI],
      scope: "openid offline_access",
      backchannel_logout_uri: logoutUri,
    }),
  ];
}

/** Hydra refuses to register others. @param {ClientKey} key */
export function isForClients({ algorithm }) {
  return algorithm !== "EdDSA";
}

/** @type {(clientId: string, more?: object) => object} */
function machine(clientId, more) {
  return {
    client_id: clientId,
    client_secret: SECRET,
    grant_types: ["client_credentials"],
    scope: "things:write",
    audience: [API],
    token_endpoint_auth_method: "client_secret_basic",
    ...more,
  };
}

/** Whose assertions are a grant. @param {ClientKey} key */
export function trusted({ jwk }) {
  const hour = 3_600_000;
  return {
    issuer: SUBJECT,
    subject: SUBJECT,
    scope: ["things:write"],
    expires_at: new Date(Date.now() + hour).toISOString(),
    jwk,
  };
}

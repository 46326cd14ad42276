// @ts-check
// The clients of oidc-provider.

const MACHINE = {
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
};
export const SECRET = "a walk's secret: 100% + & = @ / ? ~";
export const REDIRECT_URI = "http://127.0.0.1:9/callback";

/**
 * @param {import("../setup/client-keys.js").ClientKey[]} keys
 * @param {string} logoutUri
 */
export function clients(keys, logoutUri) {
  return [
    secretClient("basic", "client_secret_basic"),
    secretClient("post", "client_secret_post"),
    secretClient("other", "client_secret_basic"),
    { ...secretClient("jwt", "client_secret_jwt"), token_endpoint_auth_signing_alg: "HS256" },
    ...keys.map(({ algorithm, jwk }) => ({
      ...MACHINE,
      client_id: algorithm,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: algorithm,
      jwks: { keys: [jwk] },
    })),
    {
      client_id: "app",
      client_secret: SECRET,
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [REDIRECT_URI],
      response_types: ["code"],
      backchannel_logout_uri: logoutUri,
    },
  ];
}

/** @type {(clientId: string, method: string) => Record<string, any>} */
function secretClient(clientId, method) {
  return {
    ...MACHINE,
    client_id: clientId,
    client_secret: SECRET,
    token_endpoint_auth_method: method,
  };
}

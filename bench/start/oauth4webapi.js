// @ts-check
// A token by oauth4webapi.
import * as oauth from "oauth4webapi";

/**
 * @param {import("../support/stub.js").Options} options
 * @param {import("../support/stub.js").Fetch} fetch
 * @returns {Promise<string>}
 */
export async function getToken({ clientId, clientSecret, tokenEndpoint, scope }, fetch) {
  const server = { issuer: new URL(tokenEndpoint).origin, token_endpoint: tokenEndpoint };
  const client = { client_id: clientId };
  const response = await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(clientSecret),
    { scope: scope.join(" ") },
    { [oauth.customFetch]: fetch },
  );
  const token = await oauth.processClientCredentialsResponse(server, client, response);
  return token.access_token;
}

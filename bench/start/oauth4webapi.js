// @ts-check
import * as oauth from "oauth4webapi";

/**
 * @param {{
 *   clientId: string;
 *   clientSecret: string;
 *   tokenEndpoint: string;
 *   scope: string[];
 * }} options
 */
export function build({ clientId, clientSecret, tokenEndpoint, scope }) {
  const server = { issuer: new URL(tokenEndpoint).origin, token_endpoint: tokenEndpoint };
  return new Promise((built, reject) => {
    /** @type {(url: string, init: any) => Promise<Response>} */
    function customFetch(url, init) {
      built({ ...init, body: String(init.body), url });
      // No answer: the request is all that is wanted.
      return new Promise(() => {});
    }
    const parameters = { scope: scope.join(" ") };
    oauth
      .clientCredentialsGrantRequest(
        server,
        { client_id: clientId },
        oauth.ClientSecretBasic(clientSecret),
        parameters,
        { [oauth.customFetch]: customFetch },
      )
      .catch(reject);
  });
}

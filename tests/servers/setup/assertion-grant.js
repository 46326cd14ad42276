// @ts-check
// The JWT profile at servers that want a client's credentials beside the assertion.
import { completeAssertion, importKey, prepareAssertion } from "edge-credentials";

/** @typedef {import("./client-keys.js").ClientKey} ClientKey */
/** @typedef {import("../walk/types.js").Login} Login */

/**
 * The logins by each key, and what makes the assertions that are not as they should be. The
 * metadata do not always name the grant, so the sources are told the endpoint.
 *
 * @param {object} options
 * @param {ClientKey[]} options.keys
 * @param {Login} options.client with its credentials
 * @param {string} options.subject
 * @param {string} options.tokenEndpoint the audience
 */
export function assertionGrant({ keys, client, subject, tokenEndpoint }) {
  return {
    logins: Object.fromEntries(
      keys.map((key) => [
        `JWT profile ${key.algorithm}`,
        { ...client, tokenEndpoint, assertion: assertionOf(key, subject) },
      ]),
    ),
    asserted: {
      "JWT profile": { ...client, ...keys[0], userId: subject, assertionAudience: tokenEndpoint },
    },
  };
}

/**
 * @type {(
 *   key: ClientKey,
 *   subject: string,
 * ) => (server: { tokenEndpoint: string }) => Promise<string>}
 */
function assertionOf({ key: pem, algorithm, keyId }, subject) {
  return async ({ tokenEndpoint }) => {
    const key = await importKey(pem, { keyId, algorithm: /** @type {"RS256"} */ (algorithm) });
    const input = prepareAssertion({ key, subject, audience: tokenEndpoint });
    return completeAssertion(input, await key.sign(input));
  };
}

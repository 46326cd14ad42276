import { buildRequest } from "./address.js";
import { run } from "../core/wasm.js";
import { checkOptions, clientKinds } from "../core/check-options.js";
import { readWithRequest, readResponse } from "./response.js";

/**
 * Which token to revoke, where, and who asks.
 *
 * @typedef {RevocationOptions &
 *   (import("./token.js").SecretCredentials | import("./token.js").ClientAssertionCredentials)} RevocationRequestOptions
 */

/**
 * @typedef {object} RevocationOptions
 * @property {string} revocationEndpoint https, or http on loopback; ZITADEL's is
 *   `{issuer}/oauth/v2/revoke`
 * @property {string} token
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**: the
 *   token and the credentials then cross the network in the clear; for closed networks such as
 *   Docker's only
 */

/**
 * @typedef {object} RevocationResponseContext
 * @property {number} [now] ms since 1970, by default the clock; what `Retry-After` counts from
 * @property {import("./http.js").RequestData} [request] what the builder returned; with it errors
 *   carry the server's own words
 */

/**
 * The request that revokes a token (RFC 7009 section 2.1). With ZITADEL it takes an application's
 * credentials: a service user cannot revoke its own tokens (zitadel/zitadel#8973).
 *
 * @param {RevocationRequestOptions} options
 * @returns {import("./http.js").RequestData}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`
 */
export function buildRevocationRequest(options) {
  const caller = "buildRevocationRequest";
  const own = checkOptions(caller, options, {
    revocationEndpoint: "string!",
    token: "string!",
    ...clientKinds(options),
    insecureHttp: "boolean",
  });
  return buildRequest("the revocation endpoint", caller, {
    ...own,
    insecureHttp: own.insecureHttp || undefined,
  });
}

/**
 * Reads the answer to a revocation request. A token that the server does not know counts as
 * revoked, and the body may be empty (RFC 7009 section 2.2).
 *
 * @param {import("./http.js").ResponseData} response
 * @param {RevocationResponseContext} [context]
 * @throws {import("../core/errors.js").AuthError} what any refusal can be; nothing is known of the
 *   token then
 */
export function parseRevocationResponse(response, context = {}) {
  const caller = "parseRevocationResponse";
  const { body, ...head } = readResponse(caller, response);
  const { now, request } = checkOptions(caller, context, { now: "time", request: "request" });
  readWithRequest(request, (sent) => run(caller, { ...head, ...sent, now }, body));
}

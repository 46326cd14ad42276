import { buildRequest } from "./address.js";
import { run } from "../core/wasm.js";
import { checkOptions, clientKinds } from "../core/check-options.js";
import { readWithRequest, readResponse } from "./response.js";

/**
 * Which token to ask about, where, and who asks.
 *
 * @typedef {IntrospectionOptions &
 *   (import("./token.js").SecretCredentials | import("./token.js").ClientAssertionCredentials)} IntrospectionRequestOptions
 */

/**
 * @typedef {object} IntrospectionOptions
 * @property {string} introspectionEndpoint https, or http on loopback; ZITADEL's is
 *   `{issuer}/oauth/v2/introspect`
 * @property {string} token
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**: the
 *   token and the credentials then cross the network in the clear; for closed networks such as
 *   Docker's only
 */

/**
 * What a server knows of a token (RFC 7662 section 2.2): `{ active: false }` and nothing else, or
 * `active` and what else it says.
 *
 * @typedef {{ active: boolean } & Record<string, unknown>} Introspection
 */

/**
 * The request that asks about a token (RFC 7662 section 2.1). With ZITADEL it takes the credentials
 * of an API application.
 *
 * @param {IntrospectionRequestOptions} options
 * @returns {import("./http.js").RequestData}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`; `token_invalid`
 *   for a JWT that shows that it is no access token
 */
export function buildIntrospectionRequest(options) {
  const caller = "buildIntrospectionRequest";
  const own = checkOptions(caller, options, {
    introspectionEndpoint: "string!",
    token: "string!",
    ...clientKinds(options),
    insecureHttp: "boolean",
  });
  return buildRequest("the introspection endpoint", caller, {
    ...own,
    insecureHttp: own.insecureHttp || undefined,
  });
}

/**
 * Reads the answer to an introspection request. A token whose `exp` is past counts as inactive,
 * whatever the server says; so does one that the server finds fault with (`invalid_token`, a 400
 * that does not speak of who asks).
 *
 * **Warning**: compare `aud` with your own audience. That is no authorization: ZITADEL names the
 * asking application in the `aud` of every personal access token, and echoes any scope that a
 * service user asked for. Roles authorise (`zitadel.roles`), `sub` identifies.
 *
 * @param {import("./http.js").ResponseData} response
 * @param {import("./revocation.js").RevocationResponseContext} [context]
 * @returns {Introspection}
 * @throws {import("../core/errors.js").AuthError} `token_invalid` for an active token that is no
 *   access token; what any answer can be; `credentials_refused` is about ours, not about the token
 */
export function parseIntrospectionResponse(response, context = {}) {
  const caller = "parseIntrospectionResponse";
  const { body, ...head } = readResponse(caller, response);
  const { now, request } = checkOptions(caller, context, { now: "time", request: "request" });
  const isActive =
    readWithRequest(request, (sent) => run(caller, { ...head, ...sent, now }, body)) === "true";
  return isActive ? JSON.parse(body) : { active: false };
}

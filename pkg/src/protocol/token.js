import { buildRequest } from "./address.js";
import { run } from "../core/wasm.js";
import { checkOptions, clientKinds, hasOption, pick } from "../core/check-options.js";
import { readWithRequest, readResponse, joinList } from "./response.js";

const TOKEN = "a token as parseTokenResponse gives it";

/**
 * Who asks for a token, where, and for what.
 *
 * @typedef {TokenOptions &
 *   (SecretCredentials | ClientAssertionCredentials | AssertionCredentials)} TokenRequestOptions
 */

/**
 * A client with a secret.
 *
 * @typedef {object} SecretCredentials
 * @property {string} clientId with ZITADEL the service user's login name, as it is (not encoded)
 * @property {string} clientSecret as it is (not encoded)
 * @property {"client_secret_basic" | "client_secret_post"} [clientAuth] where the credentials go:
 *   into the `authorization` header (the default) or into the body
 */

/**
 * A client with a key: `private_key_jwt` (RFC 7523 section 2.2).
 *
 * @typedef {object} ClientAssertionCredentials
 * @property {string} clientId
 * @property {string} clientAssertion what `completeAssertion` gave; each request takes a new one
 */

/**
 * A service user with a key: the grant `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523
 * section 2.1), ZITADEL's JWT profile.
 *
 * @typedef {object} AssertionCredentials
 * @property {string} assertion what `completeAssertion` gave; each request takes a new one
 */

/**
 * @typedef {object} TokenOptions
 * @property {string} tokenEndpoint https, or http on loopback; ZITADEL's is
 *   `{issuer}/oauth/v2/token`
 * @property {string | string[]} [scope] a list, or one string separated by spaces
 * @property {string | string[]} [resource] what the token is for, absolute URIs (RFC 8707)
 * @property {Record<string, string>} [params] parameters of the server's own, such as `audience`;
 *   managed ones cannot be overridden
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**: the
 *   secret and the token then cross the network in the clear; for closed networks such as Docker's
 *   only
 */

/**
 * An access token. It prints in full: do not log it.
 *
 * @typedef {object} Token
 * @property {string} accessToken
 * @property {"Bearer"} tokenType
 * @property {string | null} scope what the server says was granted; `null` where it does not say
 *   (ZITADEL never does)
 * @property {number} obtainedAt when the request was sent, ms since 1970
 * @property {number | null} expiresAt ms since 1970; `null` where it is not known
 */

/**
 * What is known of the exchange that a token response belongs to.
 *
 * @typedef {object} TokenResponseContext
 * @property {number} requestedAt `Date.now()` from just before the request was sent: lifetimes
 *   count from then
 * @property {number} [now] ms since 1970, by default the clock; what `Retry-After` counts from
 * @property {import("./http.js").RequestData} [request] what `buildTokenRequest` returned. With it,
 *   errors carry the server's own words, with whatever was secret in the request taken out; without
 *   it, only words known to be harmless
 */

/**
 * @typedef {object} ExpiryOptions
 * @property {number} [now] ms since 1970, by default the clock
 * @property {number} [leeway] ms, by default 30 s, or a tenth of the lifetime where that is less
 */

/**
 * The request for a token by client credentials (RFC 6749 section 4.4.2) or by an assertion (RFC
 * 7523 section 2.1).
 *
 * @param {TokenRequestOptions} options
 * @returns {import("./http.js").RequestData}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`
 */
export function buildTokenRequest(options) {
  const own = checkOptions("buildTokenRequest", options, {
    tokenEndpoint: "string!",
    ...(hasOption(options, "assertion") ? { assertion: "string!" } : clientKinds(options)),
    scope: "strings",
    resource: "strings",
    params: "record",
    insecureHttp: "boolean",
  });
  const [scope, resource] = [joinList(own.scope), joinList(own.resource)];
  const params = own.params && new URLSearchParams(own.params).toString();
  const given = { ...own, scope, resource, params, insecureHttp: own.insecureHttp || undefined };
  return buildRequest("the token endpoint", "buildTokenRequest", given);
}

/**
 * Reads the answer to a token request (RFC 6749 sections 5.1 and 5.2). Without `expires_in`, the
 * token ends with its own `exp` claim if it is a JWT.
 *
 * @param {import("./http.js").ResponseData} response
 * @param {TokenResponseContext} context
 * @returns {Token}
 * @throws {import("../core/errors.js").AuthError} every class: see the README's table
 */
export function parseTokenResponse(response, context) {
  const caller = "parseTokenResponse";
  const { body, ...head } = readResponse(caller, response);
  const { requestedAt, now, request } = checkOptions(caller, context, {
    requestedAt: "time!",
    now: "time",
    request: "request",
  });
  return JSON.parse(
    readWithRequest(request, (sent) => run(caller, { ...head, ...sent, requestedAt, now }, body)),
  );
}

/**
 * Whether a token ends within the leeway, or has ended. One whose end is not known never expires.
 *
 * @param {Pick<Token, "obtainedAt" | "expiresAt">} token
 * @param {ExpiryOptions} [options]
 * @returns {boolean}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function isExpired(token, options = {}) {
  const { obtainedAt, expiresAt } = checkToken("isExpired", token);
  const { now, leeway } = checkOptions("isExpired", options, { now: "time", leeway: "duration" });
  return JSON.parse(run("isExpired", { obtainedAt, expiresAt, now, leeway }));
}

/**
 * How long a token is still good.
 *
 * @param {Pick<Token, "obtainedAt" | "expiresAt">} token
 * @param {Pick<ExpiryOptions, "now">} [options]
 * @returns {number} ms; 0 after the end, `Infinity` where the end is not known
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function timeLeft(token, options = {}) {
  const { expiresAt } = checkToken("timeLeft", token);
  const { now } = checkOptions("timeLeft", options, { now: "time" });
  return Number(run("timeLeft", { expiresAt, now }) || Infinity);
}

/**
 * The value of the `authorization` header that carries a token (RFC 6750 section 2.1).
 *
 * @param {Pick<Token, "accessToken">} token
 * @returns {string} `Bearer …`
 * @throws {import("../core/errors.js").AuthError} `option_invalid`: no access token, or one that no
 *   header may carry
 */
export function authorizationHeader(token) {
  const { accessToken } = checkOptions(
    "authorizationHeader",
    pick("authorizationHeader", token, TOKEN, "accessToken"),
    { accessToken: "string!" },
  );
  return run("authorizationHeader", { accessToken });
}

/**
 * @param {string} caller
 * @param {Pick<Token, "obtainedAt" | "expiresAt">} token
 */
function checkToken(caller, token) {
  return checkOptions(caller, pick(caller, token, TOKEN, "obtainedAt", "expiresAt"), {
    obtainedAt: "time!",
    expiresAt: "timeOrNull!",
  });
}

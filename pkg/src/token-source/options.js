import { isClientKey } from "../client-auth/client-auth.js";
import {
  checkOptions,
  hasOption,
  invalidOption,
  isPlain,
  guardReads,
} from "../core/check-options.js";
import { keyText } from "../protocol/webcrypto.js";
import { joinList } from "../protocol/response.js";

/** How long a call may take unless told otherwise, ms. */
export const TIMEOUT = 20_000;

/** @typedef {import("../io/fetch.js").Fetch} Fetch */

/**
 * How a service user proves who it is: with a secret, with a key, or with an access token that it
 * has already.
 *
 * @typedef {SecretSourceOptions | KeySourceOptions | AccessTokenSourceOptions} TokenSourceOptions
 */

/**
 * A client id and a secret.
 *
 * @typedef {ServerOptions & SourceOptions & SecretSourceCredentials} SecretSourceOptions
 */

/**
 * @typedef {object} SecretSourceCredentials
 * @property {string} clientId with ZITADEL the service user's login name
 * @property {string | (() => string | Promise<string>)} clientSecret a function is asked once, and
 *   again when the server refuses the credentials: for secrets that rotate
 * @property {"client_secret_basic" | "client_secret_post"} [clientAuth] by default what the
 *   metadata permit, else `client_secret_basic`
 */

/**
 * A private key: ZITADEL's JWT profile, for which the key file of a service user is enough, or,
 * where there is a `clientId`, `private_key_jwt`.
 *
 * @typedef {ServerOptions & SourceOptions & KeySourceCredentials} KeySourceOptions
 */

/**
 * @typedef {object} KeySourceCredentials
 * @property {import("../protocol/import-key.js").KeyInput
 *   | (() =>
 *       | import("../protocol/import-key.js").KeyInput
 *       | Promise<import("../protocol/import-key.js").KeyInput>)} key
 *   a ZITADEL key file, PEM or a JWK; a function is asked once, and again when the server refuses the
 *   assertion or the key has expired: for keys that rotate
 * @property {string} [clientId] makes it client credentials with `private_key_jwt`
 * @property {"private_key_jwt"} [clientAuth] the same without a `clientId`, which is then that of
 *   an application's key file; and it overrides what the metadata say
 * @property {string} [userId] whose key it is, where the key does not say it and there is no
 *   `clientId`
 * @property {string} [keyId] how the server knows the key, where the key does not say it
 * @property {import("../protocol/import-key.js").SignatureAlgorithm} [algorithm] by default what
 *   the key says, else RS256, ES256 or EdDSA
 * @property {string} [assertionAudience] whom assertions are for, by default the issuer, else the
 *   token endpoint
 */

/**
 * A personal access token, or another that is given out elsewhere. Nothing is asked for, and it
 * goes only to `allowedOrigins`.
 *
 * @typedef {object} AccessTokenSourceOptions
 * @property {string} accessToken
 * @property {string[]} [allowedOrigins] where `fetch` may send the token, such as
 *   `https://api.example`
 * @property {Fetch} [fetch] instead of the runtime's
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**: the
 *   token then crosses the network in the clear
 * @property {(event: import("../io/events.js").SourceEvent) => void} [onEvent] is told nothing so
 *   far: nothing happens to such a token
 */

/**
 * Where tokens are asked for. Give `issuer`, whose metadata then tell the endpoint, or
 * `tokenEndpoint`.
 *
 * @typedef {object} ServerOptions
 * @property {string} [issuer] exactly as the server names itself; ZITADEL's is
 *   `https://<instance>`, without a slash at the end
 * @property {string} [tokenEndpoint] with it nothing is discovered
 */

/**
 * What a token is asked for, and how.
 *
 * @typedef {object} SourceOptions
 * @property {string | string[]} [scope] a list, or one string separated by spaces
 * @property {string | string[]} [resource] what the token is for, absolute URIs (RFC 8707)
 * @property {Record<string, string>} [params] parameters of the server's own, such as `audience`
 * @property {string[]} [allowedOrigins] where `fetch` may send the token, beside the origins of
 *   `issuer` and `tokenEndpoint`; such as `https://api.example`
 * @property {Fetch} [fetch] instead of the runtime's
 * @property {number} [timeout] ms that one call of `get` may take, by default 20 000
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**:
 *   credentials and tokens then cross the network in the clear; for closed networks such as
 *   Docker's only
 * @property {(event: import("../io/events.js").SourceEvent) => void} [onEvent] is told what
 *   happens; the one given last counts
 */

/**
 * All of them, checked: those of one way, and of the others none.
 *
 * @typedef {ServerOptions &
 *   SourceOptions &
 *   Partial<
 *     Omit<SecretSourceCredentials, "clientAuth"> &
 *       Omit<KeySourceCredentials, "clientAuth"> &
 *       AccessTokenSourceOptions
 *   > & { clientAuth?: import("../client-auth/client-auth.js").ClientAuth }} AnySourceOptions
 */

const SERVER = /** @type {const} */ ({ issuer: "string", tokenEndpoint: "string" });
const SECRET = /** @type {const} */ ({
  clientId: "string!",
  clientSecret: "secret!",
  clientAuth: "string",
});
const KEY = /** @type {const} */ ({
  key: "keyOrFunction!",
  clientId: "string",
  clientAuth: "string",
  userId: "string",
  keyId: "string",
  algorithm: "string",
  assertionAudience: "string",
});
const ASKED = /** @type {const} */ ({ scope: "strings", resource: "strings", params: "record" });
const USED = /** @type {const} */ ({ allowedOrigins: "strings", fetch: "function" });
const COMMON = /** @type {const} */ ({ insecureHttp: "boolean", onEvent: "function" });

/**
 * @param {TokenSourceOptions} options
 * @returns {AnySourceOptions}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function checkSourceOptions(options) {
  const given = /** @type {AnySourceOptions} */ (options);
  const asking = { ...ASKED, ...USED, timeout: /** @type {const} */ ("duration"), ...COMMON };
  if (hasOption(given, "accessToken"))
    return checkOptions("tokenSource with `accessToken`", given, {
      accessToken: "string!",
      ...USED,
      ...COMMON,
    });
  if (hasOption(given, "key")) {
    const own = checkOptions("tokenSource with `key`", given, { ...SERVER, ...KEY, ...asking });
    // Once and for all: what is read twice may differ.
    if (typeof own.key !== "function") own.key = keyText(own.key);
    return checkKey(own);
  }
  // Whoever gives none of them may have guessed a name.
  if (guardReads(() => isPlain(given)) && !hasOption(given, "clientSecret"))
    throw invalidOption(
      "none of `clientSecret`, `key` and `accessToken` is given",
      "give a client id and a secret, a private key, or an access token that is there already",
    );
  return checkOptions("tokenSource", given, { ...SERVER, ...SECRET, ...asking });
}

/** @param {AnySourceOptions} own */
function checkKey(own) {
  if (isClientKey(own) && own.userId !== undefined)
    throw invalidOption(
      "`userId` does not go with a client",
      "leave it out for `private_key_jwt`, and the client for the JWT profile",
    );
  if (own.clientAuth === undefined || own.clientAuth === "private_key_jwt") return own;
  throw invalidOption(
    "`clientAuth` does not fit a key",
    "with a key it can only be `private_key_jwt`",
  );
}

/**
 * What distinguishes sources, and what of it is compared by identity.
 *
 * @param {AnySourceOptions} own
 * @param {string[]} origins
 * @returns {[data: unknown[], functions: (Function | undefined)[]]}
 */
export function identityOf(
  { clientSecret, key, fetch, onEvent, scope, resource, params = {}, ...others },
  origins,
) {
  const isFunction = (/** @type {unknown} */ value) => typeof value === "function";
  const functions = /** @type {(Function | undefined)[]} */ (
    [clientSecret, key].map((value) => (isFunction(value) ? value : undefined))
  );
  const [secret, keyData] = [clientSecret, key].map((value) =>
    isFunction(value) ? undefined : value,
  );
  const named = Object.entries({
    timeout: TIMEOUT,
    insecureHttp: false,
    ...others,
    allowedOrigins: origins,
  }).sort();
  return [
    [named, secret, keyData, joinList(scope), joinList(resource), Object.entries(params).sort()],
    [...functions, fetch],
  ];
}

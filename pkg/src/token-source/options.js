// The options of a token source: types and checks.
import { isClientKey } from "../client-auth/client-auth.js";
import {
  checkOptions,
  guardReads,
  hasOption,
  invalidOption,
  isPlain,
} from "../core/check-options.js";
import { keyText } from "../protocol/webcrypto.js";
import { joinList } from "../protocol/response.js";

/** The default of `timeout`, ms. */
export const TIMEOUT = 20_000;

/** @typedef {import("../io/fetch.js").Fetch} Fetch */

/**
 * The options of `tokenSource`. A service user authenticates with a secret or a key, or has an
 * access token already.
 *
 * @typedef {SecretSourceOptions | KeySourceOptions | AccessTokenSourceOptions} TokenSourceOptions
 */

/**
 * The options of a source with a client id and a secret.
 *
 * @typedef {ServerOptions & SourceOptions & SecretSourceCredentials} SecretSourceOptions
 */

/**
 * @typedef {object} SecretSourceCredentials
 * @property {string} clientId with ZITADEL the service user's login name
 * @property {string | (() => string | Promise<string>)} clientSecret for a secret that rotates a
 *   function, which is called once, and again when the server refuses the credentials
 * @property {"client_secret_basic" | "client_secret_post"} [clientAuth] by default what the
 *   metadata permit, otherwise `client_secret_basic`
 */

/**
 * The options of a source with a private key. It uses ZITADEL's JWT profile, for which the key file
 * of a service user is enough; or, if there is a `clientId`, `private_key_jwt`.
 *
 * @typedef {ServerOptions & SourceOptions & KeySourceCredentials} KeySourceOptions
 */

/**
 * @typedef {object} KeySourceCredentials
 * @property {import("../protocol/import-key.js").KeyInput
 *   | (() =>
 *       | import("../protocol/import-key.js").KeyInput
 *       | Promise<import("../protocol/import-key.js").KeyInput>)} key
 *   a ZITADEL key file, a PEM or a JWK; for a key that rotates a function, which is called once, and
 *   again when the server refuses the assertion or the key has expired
 * @property {string} [clientId] selects client credentials with `private_key_jwt`
 * @property {"private_key_jwt"} [clientAuth] selects the same without a `clientId`, which is then
 *   taken from an application's key file; it also overrides the metadata
 * @property {string} [userId] the owner of the key, if the key does not name it and there is no
 *   `clientId`
 * @property {string} [keyId] the key's name at the server, if the key does not hold it
 * @property {import("../protocol/import-key.js").SignatureAlgorithm} [algorithm] by default what
 *   the key says, otherwise RS256, ES256 or EdDSA, by the type of the key
 * @property {string} [assertionAudience] the audience of assertions, by default the issuer,
 *   otherwise the token endpoint
 */

/**
 * The options of a source with a personal access token, or another token that was issued elsewhere.
 * The source sends no token request, and sends the token only to `allowedOrigins`.
 *
 * @typedef {object} AccessTokenSourceOptions
 * @property {string} accessToken
 * @property {string[]} [allowedOrigins] where `fetch` may send the token, such as
 *   `https://api.example`
 * @property {Fetch} [fetch] used instead of the runtime's
 * @property {boolean} [insecureHttp] permits http to hosts other than loopback. **Warning**: the
 *   token then crosses the network unencrypted
 * @property {(event: import("../io/events.js").SourceEvent) => void} [onEvent] gets no event at
 *   present, since nothing happens to such a token
 */

/**
 * The authorization server. Set `issuer`, whose metadata then name the endpoint, or
 * `tokenEndpoint`.
 *
 * @typedef {object} ServerOptions
 * @property {string} [issuer] exactly as the server names itself; ZITADEL's is
 *   `https://<instance>`, without a slash at the end
 * @property {string} [tokenEndpoint] with it, no metadata are requested
 */

/**
 * What a token is for, and how it is requested.
 *
 * @typedef {object} SourceOptions
 * @property {string | string[]} [scope] a list, or one string separated by spaces
 * @property {string | string[]} [resource] the APIs that the token is for, as absolute URIs (RFC
 *   8707 section 2)
 * @property {Record<string, string>} [params] additional parameters that the server defines, such
 *   as `audience`
 * @property {string[]} [allowedOrigins] where `fetch` may send the token in addition to the origins
 *   of `issuer` and `tokenEndpoint`, such as `https://api.example`
 * @property {Fetch} [fetch] used instead of the runtime's
 * @property {number} [timeout] ms that one call of `get` may take, by default 20 000
 * @property {boolean} [insecureHttp] permits http to hosts other than loopback. **Warning**:
 *   credentials and tokens then cross the network unencrypted; use it only in closed networks such
 *   as Docker's
 * @property {(event: import("../io/events.js").SourceEvent) => void} [onEvent] is called with what
 *   happens; of equal sources, only the last one given is called
 */

/**
 * The checked options: those of one kind of source, and none of the other kinds.
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
const COMMON = /** @type {const} */ ({
  allowedOrigins: "strings",
  fetch: "function",
  insecureHttp: "boolean",
  onEvent: "function",
});
const REQUEST = /** @type {const} */ ({
  scope: "strings",
  resource: "strings",
  params: "record",
  allowedOrigins: "strings",
  fetch: "function",
  timeout: "duration",
  insecureHttp: "boolean",
  onEvent: "function",
});

/**
 * Checks the options of `tokenSource` and returns a copy of them.
 *
 * @param {TokenSourceOptions} options
 * @returns {AnySourceOptions}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function checkSourceOptions(options) {
  const given = /** @type {AnySourceOptions} */ (options);
  if (hasOption(given, "accessToken")) {
    const kinds = /** @type {const} */ ({ accessToken: "string!", ...COMMON });
    return checkOptions("tokenSource with `accessToken`", given, kinds);
  }
  if (hasOption(given, "key")) return checkKeyOptions(given);

  // Without any of them, the caller may have guessed a name.
  if (guardReads(() => isPlain(given)) && !hasOption(given, "clientSecret")) {
    throw invalidOption(
      "none of `clientSecret`, `key` and `accessToken` is given",
      "give a client id and a secret, a private key, or an access token that is there already",
    );
  }
  return checkOptions("tokenSource", given, { ...SERVER, ...SECRET, ...REQUEST });
}

/** @param {AnySourceOptions} given */
function checkKeyOptions(given) {
  const kinds = { ...SERVER, ...KEY, ...REQUEST };
  const checked = checkOptions("tokenSource with `key`", given, kinds);
  // Serialized once, since a second read of an object may give another key.
  if (typeof checked.key !== "function") checked.key = keyText(checked.key);

  if (isClientKey(checked) && checked.userId !== undefined) {
    throw invalidOption(
      "`userId` does not go with a client",
      "leave it out for `private_key_jwt`, and the client for the JWT profile",
    );
  }
  if (checked.clientAuth !== undefined && checked.clientAuth !== "private_key_jwt") {
    throw invalidOption(
      "`clientAuth` does not fit a key",
      "with a key it can only be `private_key_jwt`",
    );
  }
  return checked;
}

/**
 * Returns what distinguishes sources: the data, and the functions, which are compared by identity.
 *
 * @param {AnySourceOptions} checked
 * @param {string[]} origins the values of `allowedOrigins`, sorted and unique
 * @returns {[data: unknown[], functions: (Function | undefined)[]]}
 */
export function sourceIdentity(checked, origins) {
  const { clientSecret, key, fetch, scope, resource, params = {}, ...others } = checked;
  delete others.onEvent;
  const named = Object.entries({
    timeout: TIMEOUT,
    insecureHttp: false,
    ...others,
    allowedOrigins: origins,
  });

  const data = [
    named.sort(),
    valueUnlessFunction(clientSecret),
    valueUnlessFunction(key),
    joinList(scope),
    joinList(resource),
    Object.entries(params).sort(),
  ];
  return [data, [functionOf(clientSecret), functionOf(key), fetch]];
}

/** @param {unknown} value */
function functionOf(value) {
  return typeof value === "function" ? value : undefined;
}

/** @param {unknown} value */
function valueUnlessFunction(value) {
  return typeof value === "function" ? undefined : value;
}

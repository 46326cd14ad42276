// JWT assertions (RFC 7523): build, sign elsewhere, complete.
import { run } from "../core/wasm.js";
import { checkOptions, guardReads, invalidOption, pick } from "../core/check-options.js";

/** The longest accepted signature, bytes: ten times the size of one by a 16,384-bit RSA key. */
const MAX_SIGNATURE = 20_480;

/**
 * The options of `prepareAssertion`.
 *
 * @typedef {object} AssertionOptions
 * @property {AssertionKey} key the result of `importKey`, or the description of a key that is kept
 *   elsewhere
 * @property {string} [subject] both issuer and subject of the assertion: the service user's id (JWT
 *   profile) or the client id (`private_key_jwt`). By default the one that the key file names
 * @property {string} audience the server's issuer, exactly as the server names itself; or its token
 *   endpoint, if it has no issuer
 * @property {number} [now] ms since 1970, by default the clock
 */

/**
 * The description of the key that signs an assertion.
 *
 * @typedef {object} AssertionKey
 * @property {import("./import-key.js").SignatureAlgorithm} algorithm
 * @property {string | null} [keyId] the key's name at the server
 * @property {string | null} [userId] the service user that the key file names
 * @property {string | null} [clientId] the application that the key file names
 * @property {number | null} [expiresAt] ms since 1970
 */

/**
 * Prepares a JWT that authenticates a client or a service user (RFC 7523 section 3). Sign the
 * result, and pass both to `completeAssertion`. The assertion is backdated by 10 s and valid for
 * five minutes. Each request needs a new one.
 *
 * @param {AssertionOptions} options
 * @returns {string} the signing input: the encoded header and claims
 * @throws {import("../core/errors.js").AuthError} `option_invalid`; `key_expired`
 */
export function prepareAssertion(options) {
  const caller = "prepareAssertion";
  const { key, subject, audience, now } = checkOptions(caller, options, {
    key: "object!",
    subject: "string",
    audience: "string!",
    now: "time",
  });
  const { algorithm, keyId, userId, clientId, expiresAt } = checkKey(caller, key);

  return run("prepareAssertion", {
    algorithm,
    keyId,
    subject: subject ?? userId ?? clientId,
    audience,
    keyExpiresAt: expiresAt,
    now,
  });
}

/**
 * @param {string} caller
 * @param {AssertionKey} key
 */
function checkKey(caller, key) {
  const names = /** @type {const} */ (["algorithm", "keyId", "userId", "clientId", "expiresAt"]);
  const given = pick(caller, key, "a key as importKey gives it", ...names);
  return checkOptions("the key of prepareAssertion", withoutNulls(given), {
    algorithm: "string!",
    keyId: "string",
    userId: "string",
    clientId: "string",
    expiresAt: "time",
  });
}

/**
 * Combines the result of `prepareAssertion` and its signature into an assertion.
 *
 * @param {string} signingInput
 * @param {Uint8Array | ArrayBuffer} signature for ES256 r and s, 32 bytes each, not DER
 * @returns {string} a JWT
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function completeAssertion(signingInput, signature) {
  const checked = checkOptions(
    "completeAssertion",
    { signingInput, signature },
    { signingInput: "string!", signature: "bytes!" },
  );
  const bytes = guardReads(() => new Uint8Array(checked.signature));
  if (bytes.length > MAX_SIGNATURE) {
    throw invalidOption(
      "`signature` is longer than any signature",
      "pass the bytes that the key gave for `signingInput`",
    );
  }

  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return run("completeAssertion", { signingInput, signature: btoa(binary) });
}

/**
 * @template {object} T
 * @param {T} object
 * @returns {{ [K in keyof T]: NonNullable<T[K]> }}
 */
function withoutNulls(object) {
  return /** @type {any} */ (
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
  );
}

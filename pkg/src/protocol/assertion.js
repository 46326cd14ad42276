import { run } from "../core/wasm.js";
import { checkOptions, invalidOption, pick, guardReads } from "../core/check-options.js";

/**
 * The longest signature that is looked at, bytes: one of an RSA key of 16,384 bits takes a tenth of
 * it.
 */
const LONGEST = 20_480;

/**
 * Who asserts what, and with which key.
 *
 * @typedef {object} AssertionOptions
 * @property {AssertionKey} key what `importKey` gave, or what is known of a key that is kept
 *   elsewhere
 * @property {string} [subject] issuer and subject in one: the service user's id (JWT profile) or
 *   the client id (`private_key_jwt`); by default whom the key file names
 * @property {string} audience whom it is for: the server's issuer, exactly as it names itself;
 *   where there is none its token endpoint
 * @property {number} [now] ms since 1970, by default the clock
 */

/**
 * What an assertion says of the key that signs it.
 *
 * @typedef {object} AssertionKey
 * @property {import("./import-key.js").SignatureAlgorithm} algorithm
 * @property {string | null} [keyId]
 * @property {string | null} [userId]
 * @property {string | null} [clientId]
 * @property {number | null} [expiresAt]
 */

/**
 * What is to be signed: header and claims of a JWT (RFC 7523 section 3). It is dated back 10 s and
 * good for five minutes; each request takes a new one.
 *
 * @param {AssertionOptions} options
 * @returns {string}
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
  const { algorithm, keyId, userId, clientId, expiresAt } = checkOptions(
    "the key of prepareAssertion",
    withoutNulls(
      pick(
        caller,
        key,
        "a key as importKey gives it",
        "algorithm",
        "keyId",
        "userId",
        "clientId",
        "expiresAt",
      ),
    ),
    {
      algorithm: "string!",
      keyId: "string",
      userId: "string",
      clientId: "string",
      expiresAt: "time",
    },
  );
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
 * The assertion: what `prepareAssertion` gave, and its signature.
 *
 * @param {string} signingInput
 * @param {Uint8Array | ArrayBuffer} signature the bytes; for ES256 r and s, 32 each, not DER
 * @returns {string} a JWT
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function completeAssertion(signingInput, signature) {
  const own = checkOptions(
    "completeAssertion",
    { signingInput, signature },
    { signingInput: "string!", signature: "bytes!" },
  );
  const bytes = guardReads(() => new Uint8Array(own.signature));
  if (bytes.length > LONGEST)
    throw invalidOption(
      "`signature` is longer than any signature",
      "pass the bytes that the key gave for `signingInput`",
    );
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return run("completeAssertion", { signingInput, signature: btoa(text) });
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

// Imports a private key.
import { checkOptions } from "../core/check-options.js";
import { keyText, readKey, toSigningKey } from "./webcrypto.js";

/**
 * A signature algorithm by its JOSE name: `RS256` or `PS256` for an RSA key, `ES256` for a key on
 * the curve P-256, `EdDSA` or its newer name `Ed25519` for an Ed25519 key.
 *
 * @typedef {"RS256" | "PS256" | "ES256" | "EdDSA" | "Ed25519"} SignatureAlgorithm
 */

/**
 * A private key: a PEM (PKCS#8, PKCS#1 or SEC1), a JWK or a ZITADEL key file, as a string; the
 * latter two also as an object.
 *
 * @typedef {string
 *   | { kty?: string }
 *   | { kty: string; [name: string]: unknown }
 *   | { type: string; key: string; [name: string]: unknown }} KeyInput
 */

/**
 * A key that signs. The private key itself cannot be read from it.
 *
 * @typedef {object} SigningKey
 * @property {SignatureAlgorithm} algorithm
 * @property {string | null} keyId the key's name at the server: the `keyId` of a key file or the
 *   `kid` of a JWK
 * @property {string | null} userId the owner of a service user's key file
 * @property {string | null} clientId the owner of an application's key file
 * @property {number | null} expiresAt the end of a key file, ms since 1970
 * @property {(text: string) => Promise<Uint8Array>} sign signs with WebCrypto
 */

/**
 * Reads a private key and imports it into WebCrypto as a key that cannot be extracted.
 *
 * @param {KeyInput} key
 * @param {object} [options]
 * @param {string} [options.keyId] the key's name at the server, if the key does not hold it
 * @param {SignatureAlgorithm} [options.algorithm] by default what the key says, otherwise RS256,
 *   ES256 or EdDSA, by the type of the key
 * @returns {Promise<SigningKey>}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, whose message says what the
 *   value is instead of a private key for signing
 */
export async function importKey(key, options = {}) {
  const checked = checkOptions("importKey", { key }, { key: "key!" });
  const { keyId, algorithm } = checkOptions("importKey", options, {
    keyId: "string",
    algorithm: "string",
  });
  return toSigningKey(readKey(keyText(checked.key), { keyId, algorithm }));
}

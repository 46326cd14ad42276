import { checkOptions } from "../core/check-options.js";
import { intoWebCrypto, keyText, readKey } from "./webcrypto.js";

/**
 * What to sign with, by its JOSE name: `RS256` or `PS256` for an RSA key, `ES256` for one on the
 * curve P-256, `EdDSA` or, the newer name of the same, `Ed25519` for an Ed25519 key.
 *
 * @typedef {"RS256" | "PS256" | "ES256" | "EdDSA" | "Ed25519"} SignatureAlgorithm
 */

/**
 * A private key: the text of a PEM (PKCS#8, PKCS#1, SEC1), of a JWK or of a ZITADEL key file, or
 * one of the latter two as an object.
 *
 * @typedef {string
 *   | { kty?: string }
 *   | { kty: string; [name: string]: unknown }
 *   | { type: string; key: string; [name: string]: unknown }} KeyInput
 */

/**
 * A key that signs. Nothing of the key itself can be read from it.
 *
 * @typedef {object} SigningKey
 * @property {SignatureAlgorithm} algorithm
 * @property {string | null} keyId its name at the server: the `keyId` of a key file, the `kid` of a
 *   JWK
 * @property {string | null} userId of a service user's key file: whom it belongs to
 * @property {string | null} clientId of an application's key file
 * @property {number | null} expiresAt of a key file: ms since 1970
 * @property {(text: string) => Promise<Uint8Array>} sign with WebCrypto
 */

/**
 * Reads a private key and imports it into WebCrypto, so that it cannot be read again.
 *
 * @param {KeyInput} key
 * @param {object} [options]
 * @param {string} [options.keyId] how the server knows the key, where the key does not say it
 * @param {SignatureAlgorithm} [options.algorithm] by default what the key says, else RS256, ES256
 *   or EdDSA
 * @returns {Promise<SigningKey>}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`: what it is instead of a private
 *   key that signs here
 */
export async function importKey(key, options = {}) {
  const given = checkOptions("importKey", { key }, { key: "key!" }).key;
  const { keyId, algorithm } = checkOptions("importKey", options, {
    keyId: "string",
    algorithm: "string",
  });
  return intoWebCrypto(readKey(keyText(given), { keyId, algorithm }));
}

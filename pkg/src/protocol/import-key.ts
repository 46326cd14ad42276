// Imports a private key.
import { checkOptions } from "../core/check-options.js";
import { keyText, readKey, toSigningKey } from "./webcrypto.js";

/**
 * A signature algorithm by its JOSE name: `RS256` or `PS256` for an RSA key, `ES256` for a key on
 * the curve P-256, `EdDSA` or its newer name `Ed25519` for an Ed25519 key.
 */
export type SignatureAlgorithm = "RS256" | "PS256" | "ES256" | "EdDSA" | "Ed25519";

/**
 * A private key: a PEM (PKCS#8, PKCS#1 or SEC1), a JWK or a ZITADEL key file, as a string; the
 * latter two also as an object.
 */
export type KeyInput =
  | string
  | { kty?: string }
  | { kty: string; [name: string]: unknown }
  | { type: string; key: string; [name: string]: unknown };

/** A key that signs. The private key itself cannot be read from it. */
export interface SigningKey {
  algorithm: SignatureAlgorithm;
  /** the key's name at the server: the `keyId` of a key file or the `kid` of a JWK */
  keyId: string | null;
  /** the owner of a service user's key file */
  userId: string | null;
  /** the owner of an application's key file */
  clientId: string | null;
  /** the end of a key file, ms since 1970 */
  expiresAt: number | null;
  /** signs with WebCrypto */
  sign: (text: string) => Promise<Uint8Array>;
}

/**
 * Reads a private key and imports it into WebCrypto as a key that cannot be extracted.
 *
 * @param options.keyId the key's name at the server, if the key does not hold it
 * @param options.algorithm by default what the key says, otherwise RS256, ES256 or EdDSA, by the
 *   type of the key
 * @throws {AuthError} `option_invalid`, whose message says what the value is instead of a private
 *   key for signing
 */
export async function importKey(
  key: KeyInput,
  options: { keyId?: string; algorithm?: SignatureAlgorithm } = {},
): Promise<SigningKey> {
  const checked = checkOptions("importKey", { key }, { key: "key!" });
  const { keyId, algorithm } = checkOptions("importKey", options, {
    keyId: "string",
    algorithm: "string",
  });
  return toSigningKey(readKey(keyText(checked.key), { keyId, algorithm }));
}

// Imports a private key.
import type { CheckedImportKeyOptions, ImportKeyOptions } from "../core/calls.js";
import { importKeyOptionsKinds } from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import type { KeyInput, SignatureAlgorithm } from "../core/types.js";
import { readKey, toSigningKey } from "./webcrypto.js";

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
 * @throws {AuthError} `option_invalid`, whose message says what the value is instead of a private
 *   key for signing
 */
export async function importKey(
  key: KeyInput,
  options: ImportKeyOptions = {},
): Promise<SigningKey> {
  const checked = checkKey({ key });
  const { keyId, algorithm } = checkOptions(options);
  return toSigningKey(readKey(checked.key, { keyId, algorithm, owner: undefined }));
}

const checkKey = checkerOf<{ key: string }>("importKey", { key: "key!" });
const checkOptions = checkerOf<CheckedImportKeyOptions>("importKey", importKeyOptionsKinds);

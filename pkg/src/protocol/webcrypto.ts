// Private keys in WebCrypto.
import type { SigningKey } from "./import-key.js";
import * as core from "../core/calls.js";
import type { KeyFields } from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import { causeOf, misuse } from "../core/error-constructors.js";
import type { SignatureAlgorithm } from "../core/types.js";

/** The parameters of WebCrypto for each algorithm, for the import and for signing. */
const WEBCRYPTO: Record<
  SignatureAlgorithm,
  { name: string; hash?: string; namedCurve?: string; saltLength?: number }
> = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
  Ed25519: { name: "Ed25519" },
};

const checkSigned = checkerOf<{ text: string }>("sign", { text: "text!" });

/**
 * Reads a private key.
 *
 * @param key as `keyText` gives it
 * @throws {AuthError} `option_invalid`
 */
export function readKey(key: string, options: ReadKeyOptions): KeyFields {
  return core.readKey({ key, ...options });
}

export interface ReadKeyOptions {
  keyId: string | undefined;
  algorithm: string | undefined;
  /** whether a key file has to be a service user's or an application's */
  owner: "userId" | "clientId" | undefined;
}

/** Imports a key into WebCrypto. */
export async function toSigningKey(read: KeyFields): Promise<SigningKey> {
  const algorithm = read.algorithm as SignatureAlgorithm;
  const parameters = WEBCRYPTO[algorithm];
  const key = await useWebCrypto(() =>
    crypto.subtle.importKey("pkcs8", bytesOf(read.pkcs8), parameters, false, ["sign"]),
  );

  const sign = async (text: string) => {
    checkSigned({ text });
    const bytes = new TextEncoder().encode(text);
    const signature = await useWebCrypto(() => crypto.subtle.sign(parameters, key, bytes));
    return new Uint8Array(signature);
  };

  return Object.freeze({
    algorithm,
    keyId: read.keyId ?? null,
    userId: read.userId ?? null,
    clientId: read.clientId ?? null,
    expiresAt: read.expiresAt ?? null,
    sign,
  });
}

/** Runs a call of WebCrypto, whose errors become an AuthError. */
async function useWebCrypto<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    const hint =
      "its numbers may not belong together: take it again from where it was made. " +
      "Older runtimes lack Ed25519; pages need https or localhost";
    const message = "the runtime does not sign with this key";
    throw misuse("option_invalid", message, hint, causeOf(thrown));
  }
}

function bytesOf(base64: string) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// Private keys in WebCrypto.
import type { SignatureAlgorithm, SigningKey } from "./import-key.js";
import { run } from "../core/wasm.js";
import { causeOf, misuse } from "../core/error-constructors.js";
import { checkOptions, guardReads, invalidOption, isPlain, isText } from "../core/check-options.js";
export type { SignatureAlgorithm } from "./import-key.js";

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

/** The most members of a key that is an object: ten times as many as a key has. */
const MAX_MEMBERS = 100;

/** The most characters of a key: ten times as many as a key has. */
const MAX_LENGTH = 65_536;

/**
 * Serializes a key. Equal objects give the same text.
 *
 * @returns `undefined` if the value cannot be a key
 */
export function keyText(key: unknown): string | undefined {
  return guardReads(() => {
    if (isPlain(key)) return serializeKey(key);
    return isText(key) ? (key as string) : undefined;
  });
}

function serializeKey(key: Record<string, unknown>) {
  const members = Object.entries(key);
  if (members.length > MAX_MEMBERS) throw tooLong();
  members.sort(([a], [b]) => (a < b ? -1 : 1));

  let length = 0;
  // Counts during the serialization, since the whole text may not fit into memory.
  const count = (name: string, value: unknown) => {
    length += 1 + name.length + (typeof value === "string" ? value.length : 0);
    if (length > MAX_LENGTH) throw tooLong();
    return value;
  };
  // The own `toJSON` hides one that a polluted prototype may have. BigInts and cycles throw.
  return JSON.stringify({ ...Object.fromEntries(members), toJSON: undefined }, count);
}

/**
 * A key as the core reads it. `pkcs8` is the private key in base64, `expiresAt` is in ms since
 * 1970.
 */
export type ReadKey = {
  pkcs8: string;
  algorithm: SignatureAlgorithm;
  keyId?: string | null;
  userId?: string | null;
  clientId?: string | null;
  expiresAt?: number | null;
};

/**
 * @param options `holder`: whether the key file has to be a service user's or an application's
 * @throws {AuthError} `option_invalid`
 */
export function readKey(
  key: string | undefined = "",
  options: { keyId?: string; algorithm?: string; holder?: "userId" | "clientId" },
): ReadKey {
  if (key.length > MAX_LENGTH) throw tooLong();
  // Without a prototype: a polluted one must not add an owner.
  return { __proto__: null, ...JSON.parse(run("readKey", { key, ...options })) };
}

function tooLong() {
  return invalidOption(
    "the key is longer than any key",
    "pass one key: a key file, a JWK or a PEM",
  );
}

/** Imports a key into WebCrypto. */
export async function toSigningKey({
  pkcs8,
  algorithm,
  keyId = null,
  userId = null,
  clientId = null,
  expiresAt = null,
}: ReadKey): Promise<SigningKey> {
  const parameters = WEBCRYPTO[algorithm];
  const key = await useWebCrypto(() =>
    crypto.subtle.importKey("pkcs8", bytesOf(pkcs8), parameters, false, ["sign"]),
  );

  const sign = async (text: string) => {
    checkOptions("sign", { text }, { text: "string!" });
    const bytes = new TextEncoder().encode(text);
    const signature = await useWebCrypto(() => crypto.subtle.sign(parameters, key, bytes));
    return new Uint8Array(signature);
  };

  return Object.freeze({ algorithm, keyId, userId, clientId, expiresAt, sign });
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

import { run } from "./core.js";
import { misuse } from "./faults.js";
import { isPlain, isText, reading } from "./options.js";
import { causeOf } from "./transport.js";

/** @typedef {import("./keys.js").SignatureAlgorithm} SignatureAlgorithm */

/**
 * How WebCrypto calls them, for the import and for signing.
 * @type {Record<SignatureAlgorithm, { name: string, hash?: string, namedCurve?: string, saltLength?: number }>}
 */
const WEBCRYPTO = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
  Ed25519: { name: "Ed25519" },
};

/**
 * The text of a key, the same for equal objects; `undefined` for what can be none.
 * @param {unknown} key
 */
export function keyText(key) {
  if (!isPlain(key)) return isText(key) ? /** @type {string} */ (key) : undefined;
  // A `toJSON` of its own, since a polluted prototype could have one. BigInts and circles throw.
  return reading(() => JSON.stringify({ toJSON: undefined, ...Object.fromEntries(Object.entries(key).sort()) }));
}

/**
 * What the core makes of a key. `pkcs8` is the key itself, in base64.
 * @typedef {{ pkcs8: string, algorithm: SignatureAlgorithm, keyId?: string, userId?: string, clientId?: string, expiresAt?: number }} ReadKey
 */

/**
 * @param {string | undefined} key
 * @param {{ keyId?: string, algorithm?: string, holder?: "userId" | "clientId" }} options `holder`: whose key file is wanted
 * @returns {ReadKey}
 * @throws {import("./errors.js").AuthError} `option_invalid`
 */
export function readKey(key, options) {
  return JSON.parse(run("readKey", { key, ...options }));
}

/** @param {ReadKey} read @returns {Promise<import("./keys.js").SigningKey>} */
export async function imported({ pkcs8, algorithm, ...read }) {
  const how = WEBCRYPTO[algorithm];
  const key = await byWebCrypto(() => crypto.subtle.importKey("pkcs8", bytesOf(pkcs8), how, false, ["sign"]));
  const sign = (/** @type {string} */ text) => byWebCrypto(async () => new Uint8Array(await crypto.subtle.sign(how, key, new TextEncoder().encode(text))));
  const { keyId = null, userId = null, clientId = null, expiresAt = null } = /** @type {Partial<import("./keys.js").SigningKey>} */ (read);
  return Object.freeze({ algorithm, keyId, userId, clientId, expiresAt, sign });
}

/**
 * @template T
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
async function byWebCrypto(run) {
  try {
    return await run();
  } catch (thrown) {
    const hint = "its numbers may not belong together: take it again from where it was made. Older runtimes lack Ed25519; pages need https or localhost";
    throw misuse("option_invalid", "the runtime does not sign with this key", hint, causeOf(thrown));
  }
}

/** @param {string} base64 */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

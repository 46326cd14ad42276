import { run } from "../core/wasm.js";
import { causeOf, misuse } from "../core/error-constructors.js";
import { checkOptions, invalidOption, isPlain, isText, guardReads } from "../core/check-options.js";

/** @typedef {import("./import-key.js").SignatureAlgorithm} SignatureAlgorithm */

/**
 * How WebCrypto calls them, for the import and for signing.
 *
 * @type {Record<
 *   SignatureAlgorithm,
 *   { name: string; hash?: string; namedCurve?: string; saltLength?: number }
 * >}
 */
const WEBCRYPTO = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
  Ed25519: { name: "Ed25519" },
};

/** Ten times as much as a key takes: of members, and of characters. */
const [MOST_MEMBERS, LONGEST] = [100, 65_536];

/**
 * The text of a key, the same for equal objects; `undefined` for what can be none.
 *
 * @param {unknown} key
 */
export function keyText(key) {
  return guardReads(() => {
    if (!isPlain(key)) return isText(key) ? /** @type {string} */ (key) : undefined;
    const members = Object.entries(key);
    if (members.length > MOST_MEMBERS) throw tooLong();
    const some = members.sort(([a], [b]) => (a < b ? -1 : 1));
    let length = 0;
    // Counted as it goes: there may not be room for the whole.
    const counted = (/** @type {string} */ name, /** @type {unknown} */ value) => {
      length += 1 + name.length + (typeof value === "string" ? value.length : 0);
      if (length > LONGEST) throw tooLong();
      return value;
    };
    // A `toJSON` of its own, since a polluted prototype could have one. BigInts and circles throw.
    return JSON.stringify({ ...Object.fromEntries(some), toJSON: undefined }, counted);
  });
}

/**
 * What the core makes of a key. `pkcs8` is the key itself, in base64.
 *
 * @typedef {{
 *   pkcs8: string;
 *   algorithm: SignatureAlgorithm;
 *   keyId?: string | null;
 *   userId?: string | null;
 *   clientId?: string | null;
 *   expiresAt?: number | null;
 * }} ReadKey
 */

/**
 * @param {string | undefined} key
 * @param {{ keyId?: string; algorithm?: string; holder?: "userId" | "clientId" }} options
 *   `holder`: whose key file is wanted
 * @returns {ReadKey}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function readKey(key = "", options) {
  if (key.length > LONGEST) throw tooLong();
  // A polluted prototype must not add an owner.
  return { __proto__: null, ...JSON.parse(run("readKey", { key, ...options })) };
}

function tooLong() {
  return invalidOption(
    "the key is longer than any key",
    "pass one key: a key file, a JWK or a PEM",
  );
}

/**
 * @param {ReadKey} read
 * @returns {Promise<import("./import-key.js").SigningKey>}
 */
export async function intoWebCrypto({
  pkcs8,
  algorithm,
  keyId = null,
  userId = null,
  clientId = null,
  expiresAt = null,
}) {
  const how = WEBCRYPTO[algorithm];
  const key = await byWebCrypto(() =>
    crypto.subtle.importKey("pkcs8", bytesOf(pkcs8), how, false, ["sign"]),
  );
  const sign = async (/** @type {string} */ text) => {
    checkOptions("sign", { text }, { text: "string!" });
    return byWebCrypto(
      async () =>
        new Uint8Array(await crypto.subtle.sign(how, key, new TextEncoder().encode(text))),
    );
  };
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
    const hint =
      "its numbers may not belong together: take it again from where it was made. Older runtimes lack Ed25519; pages need https or localhost";
    throw misuse(
      "option_invalid",
      "the runtime does not sign with this key",
      hint,
      causeOf(thrown),
    );
  }
}

/** @param {string} base64 */
export function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

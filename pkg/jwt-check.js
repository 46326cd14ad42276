import { run } from "./core.js";
import { causeOf, misuse, rejected, unavailable } from "./faults.js";
import { bytesOf } from "./webcrypto.js";

/** @typedef {import("./key-set.js").VerifyingKey} VerifyingKey */
/** @typedef {import("./keep-fresh.js").KeepFresh<import("./key-set.js").KeySet>} Keys */
/** @typedef {{ algorithm: string, keyId?: string }} Header what of a JWT's header counts, as the core judged it */

/** Without a `kid` each key that fits is tried, up to a number that nobody can make costly. */
const MOST_CANDIDATES = 8;

/** How WebCrypto calls the algorithms, by the first two letters of their names. @type {Record<string, string>} */
const FAMILIES = { RS: "RSASSA-PKCS1-v1_5", PS: "RSA-PSS", ES: "ECDSA" };

/**
 * What the core reads of a JWT's header.
 * @param {string} token
 * @returns {Header | undefined} `undefined` for an opaque token
 * @throws {import("./errors.js").AuthError} `token_invalid`
 */
export function readToken(token) {
  const header = run("readToken", {}, token);
  // A polluted prototype must not add a `kid`.
  return header === "" ? undefined : Object.setPrototypeOf(JSON.parse(header), null);
}

/**
 * Verifies the signature of a JWT whose header the core took, then has the core judge its claims.
 * @param {string} token
 * @param {Header} header
 * @param {Keys} keys
 * @param {{ issuer: string, audience: string[], leeway: number, timeout: number, signal: AbortSignal | undefined }} options
 * @returns {Promise<{ payload: string, key: string }>} the claims' text, and the text of the key
 * @throws {import("./errors.js").AuthError}
 */
export async function checkJwt(token, header, keys, { issuer, audience, leeway, timeout, signal }) {
  // What a token says of itself is believed only once its signature is verified; but one that would be refused for it needs no key.
  const judged = () => run("checkClaims", { issuer, audience: audience.join(" "), leeway, now: Date.now() }, token);
  const candidates = await candidatesFor(header, keys, judged, timeout, signal);
  const end = token.lastIndexOf(".");
  const input = new TextEncoder().encode(token.slice(0, end));
  const signature = bytesOf(token.slice(end + 1).replaceAll("-", "+").replaceAll("_", "/"));
  /** @type {unknown} */
  let thrown;
  for (const key of candidates) {
    try {
      if (!(await verifies(key, header.algorithm, signature, input))) continue;
    } catch (error) {
      // Another key may be of use.
      thrown = error;
      continue;
    }
    return { payload: judged(), key: key.text };
  }
  if (thrown) {
    const hint = "let the issuer sign by RS256 or ES256, which all runtimes have; pages need https or localhost";
    throw misuse("option_invalid", "the runtime does not verify by the issuer's key", hint, causeOf(thrown));
  }
  throw rejected("token_invalid", "the token's signature is not of the issuer's key", "the token was changed or made up: whoever calls must get one from the issuer and send it as it came");
}

/** @type {(header: Header, keys: Keys, judged: () => void, timeout: number, signal: AbortSignal | undefined) => Promise<VerifyingKey[]>} */
async function candidatesFor({ algorithm, keyId }, keys, judged, timeout, signal) {
  let { keys: all } = keys.current() ?? (await keys.get(timeout, signal));
  for (let isNewer = false; ; ) {
    const named = all.filter((key) => keyId === undefined || key.keyId === keyId);
    const fitting = named.filter((key) => key.algorithms.includes(algorithm));
    if (fitting.length > 0) return fitting.slice(0, MOST_CANDIDATES);
    if (keyId !== undefined && named.length > 0) {
      throw rejected("token_invalid", "the token's `alg` is not one of the key that it names", "the token was changed or made up: whoever calls must get one from the issuer and send it as it came");
    }
    if (isNewer) {
      throw rejected("token_invalid", "the token is signed by a key that the issuer does not have", "whoever calls must get a token from this issuer");
    }
    judged();
    // The keys may have changed since they were asked for.
    const found = await keys.newer(timeout, signal);
    if (!found.value) {
      const hint = "the issuer is asked for its keys once in a while only: see `retryAt`. If it stays, whoever calls must get a token from this issuer";
      throw unavailable("key_unknown", "the token is signed by a key that the issuer did not have a moment ago", hint, undefined, found.retryAt);
    }
    [all, isNewer] = [found.value.keys, found.isNewer];
  }
}

/** @type {WeakMap<VerifyingKey, Map<string, CryptoKey>>} */
const imported = new WeakMap();

/** @type {(key: VerifyingKey, algorithm: string, signature: BufferSource, input: BufferSource) => Promise<boolean>} */
async function verifies(key, algorithm, signature, input) {
  const how = webCrypto(algorithm);
  const byAlgorithm = imported.get(key) ?? new Map();
  imported.set(key, byAlgorithm);
  // The key, not a promise of it: on workerd a promise belongs to the request that made it.
  const cryptoKey = byAlgorithm.get(algorithm) ?? (await crypto.subtle.importKey("jwk", key.jwk, how, false, ["verify"]));
  byAlgorithm.set(algorithm, cryptoKey);
  return crypto.subtle.verify(how, cryptoKey, signature, input);
}

/** @param {string} algorithm */
function webCrypto(algorithm) {
  const [name, bits] = [FAMILIES[algorithm.slice(0, 2)], Number(algorithm.slice(2))];
  if (!name) return { name: "Ed25519" };
  return { name, hash: `SHA-${bits}`, namedCurve: `P-${bits === 512 ? 521 : bits}`, saltLength: bits / 8 };
}

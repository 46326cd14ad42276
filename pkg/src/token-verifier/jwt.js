import { run } from "../core/wasm.js";
import { causeOf, misuse, rejected, unavailable } from "../core/error-constructors.js";

/** @typedef {import("./jwks.js").VerifyingKey} VerifyingKey */
/** @typedef {import("../cache/refreshing-cache.js").RefreshingCache<import("./jwks.js").KeySet>} Keys */
/** @typedef {{ issuer: string; audience: string[]; leeway: number }} Rules what claims are judged by */
/**
 * What the core took of a JWT, whose signature is still to be verified.
 *
 * @typedef {object} UnverifiedJwt
 * @property {string} algorithm
 * @property {string | undefined} keyId
 * @property {true | undefined} isAtJwt
 * @property {Uint8Array<ArrayBuffer>} input what is signed
 * @property {Uint8Array<ArrayBuffer>} signature
 * @property {Uint8Array<ArrayBuffer>} claims as they are in the token
 */

/** Without a `kid` each key that fits is tried, up to a number that nobody can make costly. */
const MOST_CANDIDATES = 8;

/** Between the parts of a JWT. */
const DOT = 46;

/**
 * How WebCrypto calls the algorithms, by the first two letters of their names.
 *
 * @type {Record<string, string>}
 */
const FAMILIES = { RS: "RSASSA-PKCS1-v1_5", PS: "RSA-PSS", ES: "ECDSA" };

/**
 * Refuses a token that shows that it is of another kind, before anybody is asked about it or for
 * keys. Nothing else of it is believed.
 *
 * @param {string} token
 * @param {"at+jwt"} [typ] that the header of a JWT must have
 * @throws {import("../core/errors.js").AuthError} `token_invalid`
 */
export function refuseOtherKinds(token, typ) {
  run("refuseOtherKinds", { typ }, token);
}

/**
 * What the core reads of a token before it is verified.
 *
 * @param {Uint8Array<ArrayBuffer>} bytes the token's, in which the signature is decoded where it
 *   stands
 * @param {"at+jwt"} [typ] that the header of a JWT must have
 * @returns {UnverifiedJwt | undefined} `undefined` for an opaque token
 * @throws {import("../core/errors.js").AuthError} `token_invalid`
 */
export function readToken(bytes, typ) {
  const [dot, last] = [bytes.indexOf(DOT), bytes.lastIndexOf(DOT)];
  const read = run("readJwt", { typ }, bytes);
  if (read === "") return undefined;
  const end = `${read} `.indexOf(" ");
  return {
    algorithm: read.slice(1, end),
    keyId: end < read.length ? read.slice(end + 1) : undefined,
    isAtJwt: read.startsWith("+") || undefined,
    input: bytes.subarray(0, last),
    signature: bytes.subarray(last + 1, last + 1 + Math.floor(((bytes.length - last - 1) * 3) / 4)),
    claims: bytes.subarray(dot + 1, last),
  };
}

/**
 * What the core says of a JWT's claims. They are believed only once the signature is verified.
 *
 * @type {(jwt: UnverifiedJwt, rules: Rules) => string} their text
 * @throws {import("../core/errors.js").AuthError}
 */
export function judgeClaims({ claims, isAtJwt }, { issuer, audience, leeway }) {
  return run(
    "judgeClaims",
    { isAtJwt, issuer, audience: audience.join(" "), leeway, now: Date.now() },
    claims,
  );
}

/**
 * Verifies the signature of a JWT.
 *
 * @param {UnverifiedJwt} jwt
 * @param {VerifyingKey[]} fitting at least one
 * @returns {Promise<string>} the text of the key that it is by
 * @throws {import("../core/errors.js").AuthError}
 */
export async function verifySignature({ algorithm, input, signature }, fitting) {
  /** @type {unknown} */
  let thrown;
  for (const key of fitting) {
    try {
      const verifier = imported.get(key)?.get(algorithm) ?? (await importKey(key, algorithm));
      if (await crypto.subtle.verify(verifier.how, verifier.key, signature, input)) return key.text;
    } catch (error) {
      // Another key may be of use.
      thrown = error;
    }
  }
  if (thrown) {
    const hint =
      "let the issuer sign by RS256 or ES256, which all runtimes have; pages need https or localhost";
    throw misuse(
      "option_invalid",
      "the runtime does not verify by the issuer's key",
      hint,
      causeOf(thrown),
    );
  }
  throw rejected(
    "token_invalid",
    "the token's signature is not of the issuer's key",
    "the token was changed or made up: whoever calls must get one from the issuer and send it as it came",
  );
}

/**
 * The keys that may have signed it.
 *
 * @type {(jwt: UnverifiedJwt, set: import("./jwks.js").KeySet) => VerifyingKey[]}
 */
export function fittingKeys({ algorithm, keyId }, { keys }) {
  const named = keyId === undefined ? keys : keys.filter((key) => key.keyId === keyId);
  const fitting = named
    .filter((key) => key.algorithms.includes(algorithm))
    .slice(0, MOST_CANDIDATES);
  if (keyId !== undefined && named.length > 0 && fitting.length === 0) {
    throw rejected(
      "token_invalid",
      "the token's `alg` is not one of the key that it names",
      "the token was changed or made up: whoever calls must get one from the issuer and send it as it came",
    );
  }
  return fitting;
}

/**
 * As `fittingKeys`, of an issuer that is asked for its keys where there are none that fit.
 *
 * @type {(
 *   jwt: UnverifiedJwt,
 *   rules: Rules,
 *   keys: Keys,
 *   timeout: number,
 *   signal: AbortSignal | undefined,
 * ) => Promise<VerifyingKey[]>}
 */
export async function findKeys(jwt, rules, keys, timeout, signal) {
  const fitting = fittingKeys(jwt, keys.current() ?? (await keys.get(timeout, signal)));
  if (fitting.length > 0) return fitting;
  for (;;) {
    // One that would be refused for what it says needs no key.
    judgeClaims(jwt, rules);
    // The keys may have changed since they were asked for.
    const found = await keys.newer(timeout, signal);
    if (!found.value) {
      const hint =
        "the issuer is asked for its keys once in a while only: see `retryAt`. If it stays, whoever calls must get a token from this issuer";
      throw unavailable(
        "key_unknown",
        "the token is signed by a key that the issuer did not have a moment ago",
        hint,
        undefined,
        found.retryAt,
      );
    }
    const fitting = fittingKeys(jwt, found.value);
    if (fitting.length > 0) return fitting;
    if (found.isNewer) {
      throw rejected(
        "token_invalid",
        "the token is signed by a key that the issuer does not have",
        "whoever calls must get a token from this issuer",
      );
    }
  }
}

/**
 * What WebCrypto verifies with, by algorithm. The key, not a promise of it: on workerd a promise
 * belongs to the request that made it.
 *
 * @type {WeakMap<
 *   VerifyingKey,
 *   Map<string, { how: ReturnType<typeof webCrypto>; key: CryptoKey }>
 * >}
 */
const imported = new WeakMap();

/**
 * @param {VerifyingKey} key
 * @param {string} algorithm
 */
async function importKey(key, algorithm) {
  const how = webCrypto(algorithm);
  const verifier = {
    how,
    key: await crypto.subtle.importKey("jwk", key.jwk, how, false, ["verify"]),
  };
  imported.set(key, (imported.get(key) ?? new Map()).set(algorithm, verifier));
  return verifier;
}

/** @param {string} algorithm */
function webCrypto(algorithm) {
  const [name, bits] = [FAMILIES[algorithm.slice(0, 2)], Number(algorithm.slice(2))];
  if (!name) return { name: "Ed25519" };
  return {
    name,
    hash: `SHA-${bits}`,
    namedCurve: `P-${bits === 512 ? 521 : bits}`,
    saltLength: bits / 8,
  };
}

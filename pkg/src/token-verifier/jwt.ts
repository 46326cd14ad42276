// Reads a JWT, finds its key, verifies its signature.
import type { RefreshingCache } from "../cache/refreshing-cache.js";
import type { KeySet, VerifyingKey } from "./jwks.js";
import { run } from "../core/wasm.js";
import { causeOf, misuse, rejected, unavailable } from "../core/error-constructors.js";

export type KeySetCache = RefreshingCache<KeySet>;

/** What the claims of a JWT are checked against. */
export interface ClaimRules {
  issuer: string;
  /** accepted audiences */
  audience: string[];
  /** ms */
  leeway: number;
}

/** A JWT whose signature is not verified yet. */
export interface UnverifiedJwt {
  algorithm: string;
  keyId: string | undefined;
  isAtJwt: true | undefined;
  /** what is signed */
  input: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
  /** as they are in the token */
  claims: Uint8Array<ArrayBuffer>;
}

/** How many keys are tried for a JWT without `kid`. It limits the cost of one token. */
const MAX_CANDIDATES = 8;

/** The byte between the parts of a JWT. */
const DOT = 46;

const CHANGED_HINT =
  "the token was changed or made up: whoever calls must get one from the issuer and send it " +
  "as it came";

/** WebCrypto's names of the algorithms by the first two letters of their JOSE names. */
const WEBCRYPTO_NAMES: Record<string, string> = {
  RS: "RSASSA-PKCS1-v1_5",
  PS: "RSA-PSS",
  ES: "ECDSA",
};

/**
 * Refuses a token that is marked as another kind of token, before any request for keys or for its
 * introspection. Nothing else of the unverified token is trusted.
 *
 * @param typ the `typ` that the header of a JWT must have
 * @throws {AuthError} `token_invalid`
 */
export function refuseOtherKinds(token: string, typ?: "at+jwt") {
  run("refuseOtherKinds", { typ }, token);
}

/**
 * Reads a token before it is verified.
 *
 * @param bytes the token; the core decodes its signature in place
 * @param typ the `typ` that the header of a JWT must have
 * @returns `undefined` for an opaque token
 * @throws {AuthError} `token_invalid`
 */
export function readToken(
  bytes: Uint8Array<ArrayBuffer>,
  typ?: "at+jwt",
): UnverifiedJwt | undefined {
  const firstDot = bytes.indexOf(DOT);
  const lastDot = bytes.lastIndexOf(DOT);
  const read = run("readJwt", { typ }, bytes);
  if (read === "") return undefined;

  // The core returns a mark for `at+jwt`, the algorithm and, after a space, the key id.
  const end = `${read} `.indexOf(" ");
  const signatureStart = lastDot + 1;
  const signatureLength = Math.floor(((bytes.length - signatureStart) * 3) / 4);
  return {
    algorithm: read.slice(1, end),
    keyId: end < read.length ? read.slice(end + 1) : undefined,
    isAtJwt: read.startsWith("+") || undefined,
    input: bytes.subarray(0, lastDot),
    signature: bytes.subarray(signatureStart, signatureStart + signatureLength),
    claims: bytes.subarray(firstDot + 1, lastDot),
  };
}

/**
 * Checks the claims of a JWT. They may be trusted only after the signature is verified too.
 *
 * @throws {AuthError}
 */
export function checkClaims(
  { claims, isAtJwt }: UnverifiedJwt,
  { issuer, audience, leeway }: ClaimRules,
): string {
  const rules = { issuer, audience: audience.join(" "), leeway, now: Date.now() };
  return run("judgeClaims", { isAtJwt, ...rules }, claims);
}

/**
 * Verifies the signature of a JWT.
 *
 * @param fitting at least one
 * @returns the text of the key that signed the JWT
 * @throws {AuthError}
 */
export async function verifySignature(
  { algorithm, input, signature }: UnverifiedJwt,
  fitting: VerifyingKey[],
): Promise<string> {
  let thrown: unknown;
  for (const key of fitting) {
    try {
      const verifier = imported.get(key)?.get(algorithm) ?? (await importKey(key, algorithm));
      const { parameters, cryptoKey } = verifier;
      if (await crypto.subtle.verify(parameters, cryptoKey, signature, input)) return key.text;
    } catch (error) {
      // Goes on, since another key may fit.
      thrown = error;
    }
  }

  if (thrown) {
    const message = "the runtime does not verify by the issuer's key";
    const hint =
      "let the issuer sign by RS256 or ES256, which all runtimes have; " +
      "pages need https or localhost";
    throw misuse("option_invalid", message, hint, causeOf(thrown));
  }
  throw rejected("token_invalid", "the token's signature is not of the issuer's key", CHANGED_HINT);
}

/** Returns the keys of a set that may have signed a JWT. */
export function fittingKeys({ algorithm, keyId }: UnverifiedJwt, { keys }: KeySet): VerifyingKey[] {
  const named = keyId === undefined ? keys : keys.filter((key) => key.keyId === keyId);
  const fitting = named
    .filter((key) => key.algorithms.includes(algorithm))
    .slice(0, MAX_CANDIDATES);
  if (keyId !== undefined && named.length > 0 && fitting.length === 0) {
    const message = "the token's `alg` is not one of the key that it names";
    throw rejected("token_invalid", message, CHANGED_HINT);
  }
  return fitting;
}

/**
 * Returns the issuer's keys that may have signed a JWT. If none fits, it requests the key set
 * again.
 */
export async function findKeys(
  jwt: UnverifiedJwt,
  rules: ClaimRules,
  keys: KeySetCache,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<VerifyingKey[]> {
  const fitting = fittingKeys(jwt, keys.current() ?? (await keys.get(timeout, signal)));
  if (fitting.length > 0) return fitting;

  for (;;) {
    // Claims that would be refused anyway need no request for keys.
    checkClaims(jwt, rules);

    // The issuer may have changed its keys since the last request.
    const found = await keys.newer(timeout, signal);
    if (!found.value) throw keyUnknown(found.retryAt);

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

/** @param retryAt ms since 1970 */
function keyUnknown(retryAt: number) {
  const message = "the token is signed by a key that the issuer did not have a moment ago";
  const hint =
    "the issuer is asked for its keys once in a while only: see `retryAt`. " +
    "If it stays, whoever calls must get a token from this issuer";
  return unavailable("key_unknown", message, hint, undefined, retryAt);
}

export interface Verifier {
  parameters: ReturnType<typeof webCryptoParameters>;
  cryptoKey: CryptoKey;
}

/**
 * The imported keys by algorithm. It holds keys, not promises: on workerd a promise belongs to the
 * request that made it.
 */
const imported: WeakMap<VerifyingKey, Map<string, Verifier>> = new WeakMap();

async function importKey(key: VerifyingKey, algorithm: string) {
  const parameters = webCryptoParameters(algorithm);
  const cryptoKey = await crypto.subtle.importKey("jwk", key.jwk, parameters, false, ["verify"]);
  const verifier = { parameters, cryptoKey };

  const byAlgorithm = imported.get(key) ?? new Map();
  byAlgorithm.set(algorithm, verifier);
  imported.set(key, byAlgorithm);
  return verifier;
}

function webCryptoParameters(algorithm: string) {
  const name = WEBCRYPTO_NAMES[algorithm.slice(0, 2)];
  if (!name) return { name: "Ed25519" };

  const bits = Number(algorithm.slice(2));
  return {
    name,
    hash: `SHA-${bits}`,
    namedCurve: `P-${bits === 512 ? 521 : bits}`,
    saltLength: bits / 8,
  };
}

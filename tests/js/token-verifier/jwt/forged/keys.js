// @ts-check
// Whose tokens are forged: an issuer's keys of every kind, and a stranger's. "CANARY" stands
// wherever a token has room for it.
import { START } from "../../../support/clock.js";
import { base64url, jwt, makeKey } from "../../../support/keys/jwt.js";
import { claimsOf } from "../../../support/fixtures/token-verifier.js";

/** @typedef {import("../../../support/keys/jwt.js").Key} Key */
/** @typedef {import("edge-credentials").ErrorCode} ErrorCode */
/**
 * @typedef {{ name: string; token: string; expected: "good" | ErrorCode }} Case `expected`: within
 *   half a minute after the keys were asked for
 */

const rsa = makeKey("RS256", "CANARY-rsa");
const ed = makeKey("EdDSA", "CANARY-ed");

export const KEYS = {
  es256: makeKey("ES256", "CANARY-es256"),
  other: makeKey("ES256", "CANARY-other"),
  es384: makeKey("ES384", "CANARY-es384"),
  es512: makeKey("ES512", "CANARY-es512"),
  rsa: { ...rsa, jwk: { ...rsa.jwk, alg: undefined } },
  /** The same, as an issuer writes it that signs by RS256 alone. */
  rs256: { ...rsa, kid: "CANARY-rs256", jwk: { ...rsa.jwk, kid: "CANARY-rs256" } },
  ed: { ...ed, jwk: { ...ed.jwk, alg: undefined } },
  edDsa: { ...ed, kid: "CANARY-eddsa", jwk: { ...ed.jwk, kid: "CANARY-eddsa" } },
};

/** What the issuer gives out. */
export const KEY_SET = {
  keys: Object.values(KEYS).map(
    ({ jwk }) => /** @type {Record<string, unknown>} */ (JSON.parse(JSON.stringify(jwk))),
  ),
};

/** Nobody's but the forger's. */
export const STRANGER = makeKey("ES256", "CANARY-stranger");

/**
 * What tokens may be signed by, with the issuer's key for it, and how long its signatures are.
 *
 * @type {[string, Key, number][]}
 */
export const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map(
    (alg) => /** @type {[string, Key, number]} */ ([alg, { ...KEYS.rsa, alg }, 256]),
  ),
  ["ES256", KEYS.es256, 64],
  ["ES384", KEYS.es384, 96],
  ["ES512", KEYS.es512, 132],
  ["EdDSA", KEYS.ed, 64],
  ["Ed25519", { ...KEYS.ed, alg: "Ed25519" }, 64],
];

/** The second at which all of them are forged. */
export const NOW = START / 1000;

/**
 * Claims of a good token, which tell themselves wherever they are shown.
 *
 * @param {Record<string, unknown>} [changes]
 */
export function claims(changes) {
  return claimsOf(
    { sub: "CANARY-subject", client_id: "CANARY-client", jti: "CANARY-jti", ...changes },
    START,
  );
}

/**
 * @param {Key} key
 * @param {Record<string, unknown>} [changes]
 */
export function header(key, changes) {
  return { alg: key.alg, kid: key.kid, typ: "JWT", ...changes };
}

/**
 * An object as JSON, where one member is replaced by, or is beside, whatever text.
 *
 * @type {(object: Record<string, unknown>, name: string, text: string) => string}
 */
export function withText(object, name, text) {
  const { [name]: _, ...rest } = object;
  return `{${JSON.stringify(name)}:${text},${JSON.stringify(rest).slice(1)}`;
}

/**
 * A good token, or one whose claims or header are others.
 *
 * @type {(
 *   changes?: Record<string, unknown> | string,
 *   headerChanges?: Record<string, unknown> | string,
 *   key?: Key,
 * ) => string}
 */
export function token(changes, headerChanges, key = KEYS.es256) {
  return jwt(
    key,
    typeof changes === "string" ? changes : claims(changes),
    typeof headerChanges === "string" ? headerChanges : header(key, headerChanges),
  );
}

/**
 * Of a token, another signature.
 *
 * @type {(token: string, signature: Uint8Array | string) => string}
 */
export function resigned(token, signature) {
  const signed = token.slice(0, token.lastIndexOf("."));
  return `${signed}.${typeof signature === "string" ? signature : base64url(signature)}`;
}

/** @param {string} token */
export function signatureOf(token) {
  return Buffer.from(token.slice(token.lastIndexOf(".") + 1), "base64url");
}

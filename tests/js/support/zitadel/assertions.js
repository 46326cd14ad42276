// @ts-check
// How ZITADEL judges an assertion (zitadel/oidc, `VerifyJWTAssertion`), for the JWT profile and for
// `private_key_jwt` alike.
import { constants, verify } from "node:crypto";
import { serverNow } from "./clock.js";

/** @typedef {import("node:crypto").KeyObject} KeyObject */
/** @typedef {Record<string, unknown>} Members */
/** @typedef {{ header: Members; claims: Members; signed: Buffer; signature: Buffer }} Assertion */

const HOUR = 3600;
const OFFSET = 1; // What ZITADEL's clock and another may differ by, s.

/**
 * RS256, PS256 and ES256 are what zitadel/oidc takes, of which ZITADEL has keys only for the first
 * two. EdDSA is here so that one server can hold every kind of key.
 *
 * @type {Record<string, { type: string; hash: string | null; how: object }>}
 */
const ALGORITHMS = {
  RS256: { type: "rsa", hash: "sha256", how: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    type: "rsa",
    hash: "sha256",
    how: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  },
  ES256: { type: "ec", hash: "sha256", how: { dsaEncoding: "ieee-p1363" } },
  EdDSA: { type: "ed25519", hash: null, how: {} },
};

/**
 * Takes a JWT apart; undefined for what is none. Nothing of it is verified.
 *
 * @param {string} text
 * @returns {Assertion | undefined}
 */
export function readAssertion(text) {
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/
    .exec(text)
    ?.slice(1)
    .map((part) => Buffer.from(part, "base64url"));
  if (!parts) return undefined;
  try {
    const [header, claims] = parts
      .slice(0, 2)
      .map((part) => Object(JSON.parse(part.toString("utf8"))));
    return {
      header,
      claims,
      signed: Buffer.from(text.slice(0, text.lastIndexOf("."))),
      signature: parts[2],
    };
  } catch {
    return undefined;
  }
}

/**
 * @type {(
 *   assertion: Assertion,
 *   expected: { issuer: string; publicKey: KeyObject },
 * ) => boolean}
 */
export function isGood({ header, claims, signed, signature }, { issuer, publicKey }) {
  const { iss, sub, aud } = claims;
  return (
    iss === sub &&
    [aud].flat().includes(issuer) &&
    isInTime(claims) &&
    isSigned(String(header.alg), signed, publicKey, signature)
  );
}

/** @param {Members} claims */
function isInTime({ iat, exp }) {
  const now = serverNow() / 1000;
  if (typeof iat !== "number" || typeof exp !== "number") return false;
  // Go's `Round(time.Second)`: a claim has whole seconds.
  if (iat > Math.round(now + OFFSET) || iat < Math.round(now - HOUR)) return false;
  return exp > now + OFFSET && exp <= now + HOUR;
}

/** @type {(name: string, signed: Buffer, key: KeyObject, signature: Buffer) => boolean} */
function isSigned(name, signed, key, signature) {
  const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
  if (!algorithm || algorithm.type !== key.asymmetricKeyType) return false;
  return verify(algorithm.hash, signed, { key, ...algorithm.how }, signature);
}

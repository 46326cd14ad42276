// @ts-check
// Keys of an issuer's, and JWTs signed by them, right or not.
import { createHash, randomUUID, sign } from "node:crypto";
import { generateKey } from "../../../../www/server/generate-key.js";

/**
 * @typedef {{
 *   kid: string;
 *   alg: string;
 *   privateKey: import("node:crypto").KeyObject;
 *   jwk: Record<string, unknown>;
 * }} Key
 */

/** @type {Record<string, () => import("node:crypto").KeyObject>} */
const MAKERS = {
  RS: () => generateKey("rsa", { modulusLength: 2048 }),
  ES256: () => generateKey("ec", { namedCurve: "P-256" }),
  ES384: () => generateKey("ec", { namedCurve: "P-384" }),
  ES512: () => generateKey("ec", { namedCurve: "P-521" }),
  Ed: () => generateKey("ed25519"),
};

/**
 * A key of an issuer's.
 *
 * @param {string} alg such as `RS256`
 * @param {string} [kid]
 * @returns {Key}
 */
export function makeKey(
  alg = "ES256",
  kid = createHash("sha256").update(randomUUID()).digest("hex").slice(0, 18),
) {
  const make = MAKERS[alg] ?? MAKERS[alg.slice(0, 2) === "PS" ? "RS" : alg.slice(0, 2)];
  const privateKey = make();
  const { d, p, q, dp, dq, qi, ...jwk } = /** @type {Record<string, unknown>} */ (
    privateKey.export({ format: "jwk" })
  );
  return { kid, alg, privateKey, jwk: { ...jwk, kid, alg, use: "sig" } };
}

/**
 * A JWT of these claims, or of whatever text takes their place.
 *
 * @param {Key} key
 * @param {Record<string, unknown> | string} claims
 * @param {Record<string, unknown> | string} [header]
 */
export function jwt(key, claims, header = { alg: key.alg, kid: key.kid, typ: "JWT" }) {
  const input = [header, claims]
    .map((part) => base64url(typeof part === "string" ? part : JSON.stringify(part)))
    .join(".");
  return `${input}.${base64url(signature(key, input))}`;
}

/** @param {string | Uint8Array} content */
export function base64url(content) {
  return Buffer.from(content).toString("base64url");
}

/**
 * @param {Key} key
 * @param {string} input
 */
export function signature({ alg, privateKey }, input) {
  const hash = alg.startsWith("Ed") ? null : `sha${alg.slice(2)}`;
  const how = alg.startsWith("PS")
    ? { padding: 6, saltLength: Number(alg.slice(2)) / 8 }
    : { dsaEncoding: /** @type {const} */ ("ieee-p1363") };
  return sign(hash, Buffer.from(input), { key: privateKey, ...how });
}

/**
 * A private key, PEM.
 *
 * @param {"ed25519" | "rsa" | "ec"} [type]
 * @param {object} [options]
 * @param {"pkcs1" | "pkcs8" | "sec1"} [encoding]
 */
export function makePem(type = "ed25519", options, encoding = "pkcs8") {
  const privateKey = generateKey(type, options);
  return String(privateKey.export({ type: encoding, format: "pem" }));
}

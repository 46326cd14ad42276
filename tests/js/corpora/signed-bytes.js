// @ts-check
// Vectors sign bytes that are no JWT. So a token carries the vector's signature, key and algorithm, and
// WebCrypto is given the vector's bytes in place of the token's. All else is the verifier's own: which
// key, which algorithm, which length, which encoding.
import { tokenVerifier } from "edge-credentials";
import { base64url } from "../support/keys/jwt.js";

const ISSUER = "https://idp.example";
const own = crypto.subtle.verify.bind(crypto.subtle);

/** What WebCrypto verifies instead, and how often it was asked. */
const seam = { bytes: /** @type {Uint8Array | undefined} */ (undefined), calls: 0, passed: 0 };

crypto.subtle.verify = async (/** @type {Parameters<typeof own>} */ ...given) => {
  const [parameters, key, signature, data] = given;
  seam.calls += 1;
  const isPassed = await own(
    parameters,
    key,
    signature,
    /** @type {BufferSource} */ (seam.bytes ?? data),
  );
  if (isPassed) seam.passed += 1;
  return isPassed;
};

/**
 * A verifier with these keys; nothing, where none of them is fit.
 *
 * @param {Record<string, unknown>[]} keys
 */
export function verifierOf(keys) {
  try {
    return tokenVerifier({ issuer: ISSUER, audience: "api", jwks: /** @type {any} */ ({ keys }) });
  } catch (error) {
    if (/** @type {any} */ (error).code === "option_invalid") return undefined;
    throw error;
  }
}

/** A token of these bytes' signature. @type {(alg: string, signature: Uint8Array) => string} */
export function tokenOf(alg, signature) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = { iss: ISSUER, aud: "api", exp, n: (counter += 1) };
  const parts = [{ alg }, claims].map((part) => base64url(JSON.stringify(part)));
  return [...parts, base64url(signature)].join(".");
}

/** No two tokens are alike, so that none is remembered. */
let counter = 0;

/**
 * What a verifier says of a token, with these bytes as what was signed.
 *
 * @param {{ verify: (token: string) => Promise<unknown> }} verifier
 * @param {string} token
 * @param {Uint8Array} [bytes]
 * @returns {Promise<{ error: any; asked: boolean; passed: boolean }>} `asked`: whether WebCrypto
 *   was; `passed`: whether it said yes
 */
export async function judge(verifier, token, bytes) {
  const { calls, passed } = seam;
  seam.bytes = bytes;
  const error = await verifier.verify(token).then(
    () => undefined,
    (thrown) => thrown,
  );
  seam.bytes = undefined;
  return { error, asked: seam.calls > calls, passed: seam.passed > passed };
}

// @ts-check
// The tokens that an API is brought, good and bad, and who takes which.
import { randomUUID } from "node:crypto";
import { Stop } from "../../scripts/run.js";
import { jwt, makeKey } from "../../tests/js/support/keys/jwt.js";
import { AUDIENCE, CLIENT, ISSUER, ourVerifier, SUBJECT } from "./verifiers.js";

export { makeKey } from "../../tests/js/support/keys/jwt.js";

/** @typedef {import("../../tests/js/support/keys/jwt.js").Key} Key */

/** Those that are measured. */
export const ALGORITHMS = /** @type {const} */ (["RS256", "PS256", "ES256", "EdDSA"]);

/** @typedef {(typeof ALGORITHMS)[number]} Algorithm */

/** As long as ZITADEL's. */
export const OPAQUE = "kPz3".repeat(26);

/** How refusals are called, ours and jose's. */
const REFUSALS = /^(token_invalid|token_expired|audience_refused|ERR_JW[ST]_\w+)$/;

/**
 * A token for the API, unlike any other.
 *
 * @type {(key: Key, changes?: Record<string, unknown>, typ?: string) => string}
 */
export function makeToken(key, changes, typ = "at+jwt") {
  const at = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER,
    sub: SUBJECT,
    aud: [CLIENT.clientId, AUDIENCE],
    exp: at + 43_199,
    iat: at,
    nbf: at,
    client_id: "edge-worker",
    jti: randomUUID(),
    ...changes,
  };
  return jwt(key, claims, { alg: key.alg, kid: key.kid, typ });
}

/**
 * Our verifier, with the issuer's keys in its hands.
 *
 * @param {Key} key
 */
export async function readyVerifier(key) {
  const verifier = ourVerifier(key.jwk);
  await verifier.verify(makeToken(key));
  return verifier;
}

/**
 * Whether a verifier takes the issuer's tokens, and refuses all that it is to look at: the
 * signature, the issuer, the audience, the type, the times.
 *
 * @param {string} name
 * @param {import("./verifiers.js").VerifyToken} verify
 * @param {Key} key
 */
export async function checkVerifier(name, verify, key) {
  const jti = randomUUID();
  if ((await verify(makeToken(key, { jti }))).jti !== jti)
    throw new Stop(`${name} gave other claims than the token's`);
  const [header, , signature] = makeToken(key).split(".");
  const bad = {
    "of another key": makeToken({ ...makeKey(key.alg), kid: key.kid }),
    changed: [header, makeToken(key).split(".")[1], signature].join("."),
    "of another issuer": makeToken(key, { iss: "https://other.example" }),
    "for another API": makeToken(key, { aud: ["another"] }),
    "of another type": makeToken(key, {}, "logout+jwt"),
    "that has ended": makeToken(key, { exp: 1_000_000_000 }),
  };
  for (const [what, token] of Object.entries(bad)) {
    const outcome = await verify(token).then(
      () => "it was taken",
      ({ code }) => String(code),
    );
    if (!REFUSALS.test(outcome))
      throw new Stop(`${name} did not refuse a token ${what}: ${outcome}`);
  }
}

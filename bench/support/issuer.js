// @ts-check
// An issuer that is a function: it signs the tokens that an API is brought, gives out its keys, and
// says of opaque tokens that they are good.
import { randomUUID } from "node:crypto";
import { tokenVerifier } from "edge-credentials";
import { createLocalJWKSet, jwtVerify } from "jose";
import { Stop } from "../../scripts/run.js";
import { jwt, makeKey } from "../../tests/js/support/jwt.js";

export { makeKey } from "../../tests/js/support/jwt.js";

/** @typedef {import("../../tests/js/support/jwt.js").Key} Key */

const ISSUER = "https://idp.example";
const AUDIENCE = "317905284016571148";
const CLIENT = { clientId: "317905284016440075", clientSecret: "8Hb2kLq0PZr5sTn7vWx1yAc3dEf4gJh6" };
const JOSE_CHECKS = { issuer: ISSUER, audience: AUDIENCE, typ: "at+jwt" };
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
    sub: "317905284016374539",
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
export async function ourVerifier(key) {
  let asked = 0;
  // Of each key's own, since equal options would give the last verifier.
  const jwksUri = `${ISSUER}/keys/${key.kid}`;
  /** @type {(url: string) => Promise<Response>} */
  const fetch = async (url) => {
    asked += 1;
    const active = {
      active: true,
      iss: ISSUER,
      sub: "317905284016374539",
      aud: [CLIENT.clientId, AUDIENCE],
      exp: Math.floor(Date.now() / 1000) + 43_199,
      token_type: "Bearer",
      scope: "openid",
      client_id: "edge-worker",
    };
    const body = url === jwksUri ? { keys: [key.jwk] } : active;
    return new Response(JSON.stringify(body), {
      headers: { "content-type": "application/json", "cache-control": "max-age=3600" },
    });
  };
  const verifier = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    introspection: CLIENT,
    jwksUri,
    introspectionEndpoint: `${ISSUER}/introspect`,
    fetch,
  });
  await verifier.verify(makeToken(key));
  return { verify: verifier.verify, asked: () => asked };
}

/**
 * jose's, with the same checks.
 *
 * @param {Key} key
 * @returns {(token: string) => Promise<Record<string, unknown>>}
 */
export function joseVerifier(key) {
  const keys = createLocalJWKSet({ keys: [/** @type {import("jose").JWK} */ (key.jwk)] });
  return async (token) => (await jwtVerify(token, keys, JOSE_CHECKS)).payload;
}

/**
 * Whether a verifier takes the issuer's tokens, and refuses all that it is to look at: the
 * signature, the issuer, the audience, the type, the times.
 *
 * @param {string} name
 * @param {(token: string) => Promise<Record<string, unknown>>} verify
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

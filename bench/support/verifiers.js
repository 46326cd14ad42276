// @ts-check
// Our verifier and jose's, with the same checks, for Node and for Workers.
import { tokenVerifier } from "edge-credentials";
import { createLocalJWKSet, jwtVerify } from "jose";

export const ISSUER = "https://idp.example";
export const AUDIENCE = "317905284016571148";
export const SUBJECT = "317905284016374539";
export const CLIENT = {
  clientId: "317905284016440075",
  clientSecret: "8Hb2kLq0PZr5sTn7vWx1yAc3dEf4gJh6",
};
const JOSE_CHECKS = { issuer: ISSUER, audience: AUDIENCE, typ: "at+jwt" };

/** @typedef {{ kid?: unknown } & Record<string, unknown>} PublicKey a JWK */
/** @typedef {(token: string) => Promise<Record<string, unknown>>} VerifyToken */

/**
 * Ours. The issuer is a function: it gives out its key, and says of opaque tokens that they are
 * good.
 *
 * @param {PublicKey} jwk
 */
export function ourVerifier(jwk) {
  let asked = 0;
  // Of each key's own, since equal options would give the last verifier.
  const jwksUri = `${ISSUER}/keys/${jwk.kid}`;
  /** @type {(url: string) => Promise<Response>} */
  const fetch = async (url) => {
    asked += 1;
    const active = {
      active: true,
      iss: ISSUER,
      sub: SUBJECT,
      aud: [CLIENT.clientId, AUDIENCE],
      exp: Math.floor(Date.now() / 1000) + 43_199,
      token_type: "Bearer",
      scope: "openid",
      client_id: "edge-worker",
    };
    const body = url === jwksUri ? { keys: [jwk] } : active;
    return new Response(JSON.stringify(body), {
      headers: { "content-type": "application/json", "cache-control": "max-age=3600" },
    });
  };
  const { verify } = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    introspection: CLIENT,
    jwksUri,
    introspectionEndpoint: `${ISSUER}/introspect`,
    fetch,
  });
  return { verify, asked: () => asked };
}

/**
 * @param {PublicKey} jwk
 * @returns {VerifyToken}
 */
export function joseVerifier(jwk) {
  const keys = createLocalJWKSet({ keys: [/** @type {import("jose").JWK} */ (jwk)] });
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, JOSE_CHECKS);
    return payload;
  };
}

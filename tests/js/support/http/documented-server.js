// @ts-check
// Answers for a server whose addresses are on the internet: in place of `fetch`.
import assert from "node:assert/strict";
import { jwt, makeKey } from "../keys/jwt.js";

const key = makeKey("RS256");

/** A token with these claims, of today. @param {Record<string, unknown>} claims */
export function tokenOf(claims) {
  const now = Math.floor(Date.now() / 1000);
  const typ = "typ" in claims || claims.gty ? "JWT" : undefined;
  const times = { iat: now, nbf: now, exp: now + 300 };
  return jwt(key, { ...claims, ...times }, { alg: key.alg, kid: key.kid, ...(typ && { typ }) });
}

/**
 * Returns the requests for tokens.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ metadata: string; token?: string; claims?: object; introspection?: string }} answers
 */
export function answerAs(t, { metadata, token, claims, introspection }) {
  const { token_endpoint, jwks_uri } = JSON.parse(metadata);
  /** @type {{ form: Record<string, string>; headers: Headers }[]} */
  const requests = [];
  t.mock.method(globalThis, "fetch", async (/** @type {string} */ url, /** @type {any} */ init) => {
    if (url.includes("/.well-known/openid-configuration")) return new Response(metadata);
    if (url === jwks_uri) return Response.json({ keys: [key.jwk] });
    if (url.endsWith("/introspect")) return new Response(introspection);
    assert.equal(url, token_endpoint);
    requests.push({
      form: Object.fromEntries(new URLSearchParams(init.body)),
      headers: new Headers(init.headers),
    });
    const usual = '{"access_token":"<jwt>","token_type":"Bearer","expires_in":3600}';
    const jwt = tokenOf(/** @type {Record<string, unknown>} */ (claims));
    return new Response((token ?? usual).replace("<jwt>", jwt));
  });
  return requests;
}

/** @type {(issuer: string, token: string, keys: string) => string} its metadata */
export const documented = (issuer, token_endpoint, jwks_uri) =>
  JSON.stringify({ issuer, token_endpoint, jwks_uri });

// A source and a verifier whose answers are given.
import { AuthError, tokenVerifier } from "edge-credentials";
import type { Claims, Token, TokenSource, TokenVerifier } from "edge-credentials";
import { deepFreeze } from "../core/deep-freeze.js";

let verifiers = 0;

/**
 * **For tests.** Makes a source that always has the same token, or always fails. Its `fetch` adds
 * the token to requests to any address, and sends them by the global `fetch`.
 *
 * @param token the text of the token, or what every call throws
 */
export function stubSource(token: string | AuthError): TokenSource {
  const get = async (): Promise<Token> => {
    if (typeof token !== "string") throw token;
    const unknown = { scope: null, extra: {}, obtainedAt: 0, expiresAt: null };
    return { accessToken: token, tokenType: "Bearer", ...unknown };
  };
  const authorization = async () => `Bearer ${(await get()).accessToken}`;
  return Object.freeze({
    get,
    authorization,
    async fetch(input: string | URL | Request, init?: RequestInit) {
      const request = new Request(input, init);
      request.headers.set("authorization", await authorization());
      return globalThis.fetch(request);
    },
    invalidate() {},
  });
}

/**
 * **For tests.** Makes a verifier that takes every token for one with these claims, or always
 * refuses. A request without a token is refused, and so are tokens whose claims lack what a call
 * requires, such as a role: by the rules of a real verifier, whose `challenge` answers them.
 *
 * @param claims what `verify` returns, or what it throws
 */
export function stubVerifier(claims: Claims | AuthError): TokenVerifier {
  verifiers += 1;
  const issuer = `https://stub-${verifiers}.example`;
  const copy = claims instanceof AuthError ? claims : deepFreeze(structuredClone(claims));
  const aud = copy instanceof AuthError ? issuer : (copy.aud ?? issuer);
  const { verify, challenge, issuers } = tokenVerifier({
    issuer,
    audience: aud,
    accept: "opaque",
    introspection: { clientId: "stub", clientSecret: "stub" },
    introspectionEndpoint: `${issuer}/introspect`,
    fetch: async () => Response.json({ ...copy, aud, active: true }),
  });
  return Object.freeze({
    async verify(...given: Parameters<typeof verify>) {
      if (copy instanceof AuthError) throw copy;
      await verify(...given);
      return copy;
    },
    challenge,
    issuers,
  });
}

// @ts-check
// A Worker that calls an API as a service user. Bindings: ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL (see wrangler.toml).
import {
  AuthError, authorizationHeader, buildMetadataRequest, buildTokenRequest, isExpired, parseMetadataResponse, parseTokenResponse, zitadel,
} from "edge-credentials";

/** @typedef {{ ISSUER: string, CLIENT_ID: string, CLIENT_SECRET: string, API_URL: string, SCOPE?: string }} Env */

// Shared by all requests, and therefore a value, never a promise: the runtime cancels the I/O of a request whose client
// goes away, and every later request that awaited its promise would hang.
/** @type {import("edge-credentials").Token | undefined} */
let kept;

export default {
  /** @type {(request: Request, env: Env) => Promise<Response>} */
  async fetch(request, env) {
    if (new URL(request.url).pathname !== "/") return new Response("not found\n", { status: 404 });
    try {
      const token = kept && !isExpired(kept) ? kept : (kept = await getToken(env));
      const { status, body } = await send("API_URL", { url: env.API_URL, headers: { authorization: authorizationHeader(token) } });
      if (status === 401 && kept === token) kept = undefined; // Revoked, perhaps: the next request gets another one.
      const { tokenType, scope, obtainedAt, expiresAt } = token;
      return Response.json({ token: { tokenType, scope, obtainedAt, expiresAt }, api: { status, body: fromJson(body) } });
    } catch (error) {
      if (error instanceof AuthError || error instanceof Unreachable) return explain(error);
      throw error;
    }
  },
};

/** @param {Env} env */
async function getToken({ ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, SCOPE }) {
  const scope = SCOPE ?? ["openid", "profile", zitadel.scopes.api()];
  const { tokenEndpoint } = await discover(issuer);
  const request = buildTokenRequest({ tokenEndpoint: tokenEndpoint ?? "", clientId, clientSecret, scope });
  const requestedAt = Date.now();
  return parseTokenResponse(await send("the token endpoint", request), { requestedAt, request });
}

/** OpenID Connect's path first, which ZITADEL has, then RFC 8414's. @param {string} issuer */
async function discover(issuer) {
  const answer = await send("ISSUER", buildMetadataRequest({ issuer }));
  try {
    return parseMetadataResponse(answer, { issuer });
  } catch (error) {
    if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
    const request = buildMetadataRequest({ issuer, wellKnown: "oauth-authorization-server" });
    return parseMetadataResponse(await send("ISSUER", request), { issuer });
  }
}

/** @type {(name: string, request: RequestInit & { url: string }) => Promise<{ status: number, headers: Headers, body: string }>} */
async function send(name, { url, ...init }) {
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(10_000) });
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch {
    throw new Unreachable(`${name} cannot be reached`); // The runtime's own words may quote the request.
  }
}

class Unreachable extends Error {
  code = "unreachable";
  class = "unavailable";
  hint = "check that it is up and that the binding holds its address";
  retryAt = undefined;
}

/** @param {AuthError | Unreachable} error */
function explain({ code, class: whose, message, hint, retryAt }) {
  const status = whose === "unavailable" ? 503 : ["misuse", "internal"].includes(whose) ? 500 : 502;
  const headers = new Headers();
  if (status === 503) headers.set("retry-after", String(retryAt ? Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) : 1));
  return Response.json({ code, class: whose, message, hint }, { status, headers });
}

/** @param {string} body */
function fromJson(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

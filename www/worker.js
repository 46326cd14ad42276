// @ts-check
// A Worker that calls an API as a service user, and is an API itself, at /protected. Bindings:
// ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL, and for the API AUDIENCE, PROJECT_ID, API_CLIENT_ID,
// API_CLIENT_SECRET (see wrangler.toml).
import { env } from "cloudflare:workers";
import { AuthError, tokenSource, tokenVerifier, zitadel } from "edge-credentials";

/**
 * @typedef {{
 *   ISSUER: string;
 *   CLIENT_ID: string;
 *   CLIENT_SECRET: string;
 *   API_URL: string;
 *   SCOPE?: string;
 * }} Env
 */
/**
 * @typedef {{
 *   AUDIENCE?: string;
 *   PROJECT_ID?: string;
 *   API_CLIENT_ID?: string;
 *   API_CLIENT_SECRET?: string;
 * }} ApiEnv
 */

const {
  ISSUER,
  CLIENT_ID,
  CLIENT_SECRET,
  API_URL,
  SCOPE,
  AUDIENCE,
  PROJECT_ID,
  API_CLIENT_ID = "",
  API_CLIENT_SECRET,
} = /** @type {Env & ApiEnv} */ (env);
const onEvent = (/** @type {import("edge-credentials").SourceEvent} */ event) =>
  console.log(JSON.stringify(event));

// At module level: all requests of the isolate share the token, and nothing is asked for before
// somebody needs it.
const source = tokenSource({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  scope: SCOPE ?? ["openid", "profile", zitadel.scopes.api()],
  allowedOrigins: API_URL ? [new URL(API_URL).origin] : [],
  onEvent,
});

// Without credentials of the API's own, opaque tokens are refused.
const introspection = API_CLIENT_SECRET
  ? { introspection: { clientId: API_CLIENT_ID, clientSecret: API_CLIENT_SECRET } }
  : {};
// The role authorises. With ZITADEL neither the audience nor a scope does: any service user can ask
// for both.
const role = PROJECT_ID ? { projectId: PROJECT_ID, role: "writer" } : {};
const verifier = AUDIENCE
  ? tokenVerifier({ issuer: ISSUER, audience: AUDIENCE, ...role, ...introspection, onEvent })
  : undefined;

export default {
  /** @type {(request: Request) => Promise<Response>} */
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return callApi();
    if (pathname === "/protected" && verifier) return beApi(request, verifier);
    return new Response("not found\n", { status: 404 });
  },
};

async function callApi() {
  try {
    const response = await source.fetch(API_URL, { signal: AbortSignal.timeout(30_000) });
    const { tokenType, scope, obtainedAt, expiresAt } = await source.get();
    return Response.json({
      token: { tokenType, scope, obtainedAt, expiresAt },
      api: { status: response.status, body: fromJson(await response.text()) },
    });
  } catch (error) {
    if (error instanceof AuthError) return explain(error);
    throw error;
  }
}

/**
 * @type {(
 *   request: Request,
 *   verifier: import("edge-credentials").TokenVerifier,
 * ) => Promise<Response>}
 */
async function beApi(request, { verify, challenge }) {
  try {
    const claims = await verify(request);
    // `sub` identifies the caller. `client_id` does not: with ZITADEL it is a user name, which
    // organizations share.
    const roles = PROJECT_ID ? Object.keys(zitadel.roles(claims, PROJECT_ID)) : [];
    return Response.json(
      { sub: claims.sub, roles, exp: claims.exp },
      { headers: { "cache-control": "no-store" } },
    );
  } catch (error) {
    // Whoever calls is told what is wrong with its token, and nothing else.
    const response = challenge(error);
    if (response.status >= 500) console.error(error);
    return response;
  }
}

/** @param {AuthError} error */
function explain({ code, category, message, hint, error, errorDescription, cause, retryAt }) {
  const body = { code, category, message, hint, error, errorDescription, cause };
  if (category === "misuse" || category === "internal") return Response.json(body, { status: 500 });
  if (category !== "unavailable") return Response.json(body, { status: 502 });

  const seconds = retryAt ? Math.ceil((retryAt - Date.now()) / 1000) : 1;
  const headers = { "retry-after": String(Math.max(1, seconds)) };
  return Response.json(body, { status: 503, headers });
}

/** @param {string} body */
function fromJson(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

// @ts-check
// A Worker that calls an API as a service user. Bindings: ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL (see wrangler.toml).
import { env } from "cloudflare:workers";
import { AuthError, tokenSource, zitadel } from "edge-credentials";

/** @typedef {{ ISSUER: string, CLIENT_ID: string, CLIENT_SECRET: string, API_URL: string, SCOPE?: string }} Env */

const { ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL, SCOPE } = /** @type {Env} */ (env);

// At module level: all requests of the isolate share the token, and nothing is asked for before somebody needs it.
const source = tokenSource({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  scope: SCOPE ?? ["openid", "profile", zitadel.scopes.api()],
  allowedOrigins: API_URL ? [new URL(API_URL).origin] : [],
  onEvent: (event) => console.log(JSON.stringify(event)),
});

export default {
  /** @type {(request: Request) => Promise<Response>} */
  async fetch(request) {
    if (new URL(request.url).pathname !== "/") return new Response("not found\n", { status: 404 });
    try {
      const response = await source.fetch(API_URL, { signal: AbortSignal.timeout(30_000) });
      const { tokenType, scope, obtainedAt, expiresAt } = await source.get();
      return Response.json({ token: { tokenType, scope, obtainedAt, expiresAt }, api: { status: response.status, body: fromJson(await response.text()) } });
    } catch (error) {
      if (error instanceof AuthError) return explain(error);
      throw error;
    }
  },
};

/** @param {AuthError} error */
function explain({ code, class: whose, message, hint, error, errorDescription, cause, retryAt }) {
  const status = whose === "unavailable" ? 503 : ["misuse", "internal"].includes(whose) ? 500 : 502;
  const headers = new Headers();
  if (status === 503) headers.set("retry-after", String(retryAt ? Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) : 1));
  return Response.json({ code, class: whose, message, hint, error, errorDescription, cause }, { status, headers });
}

/** @param {string} body */
function fromJson(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

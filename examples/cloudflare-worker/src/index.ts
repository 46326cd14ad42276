// A Worker that calls an API as a service user, at /, and is an API itself, at /things.
import { env } from "cloudflare:workers";
import { AuthError, tokenSource, tokenVerifier, zitadel } from "edge-credentials";
import type { SourceEvent } from "edge-credentials";

interface Settings {
  ISSUER: string;
  CLIENT_ID: string;
  CLIENT_SECRET: string;
  API_URL: string;
  PROJECT_ID: string;
  API_CLIENT_ID: string;
  API_CLIENT_SECRET: string;
}

const settings = env as unknown as Settings;
const { ISSUER: issuer, API_URL, PROJECT_ID: projectId } = settings;

const onEvent = (event: SourceEvent) => console.log(JSON.stringify(event));

// At module level: all requests of the isolate share the token.
const source = tokenSource({
  issuer,
  clientId: settings.CLIENT_ID,
  clientSecret: settings.CLIENT_SECRET,
  // For ZITADEL's own APIs, which the demo has one of, and for this Worker's project.
  scope: [
    "openid",
    zitadel.scopes.api(),
    zitadel.scopes.audience(projectId),
    zitadel.scopes.roles(),
  ],
  allowedOrigins: [new URL(API_URL).origin],
  onEvent,
});

const verifier = tokenVerifier({
  issuer,
  audience: projectId,
  projectId,
  // The role authorises. With ZITADEL neither the audience nor a scope does.
  role: "writer",
  introspection: {
    clientId: settings.API_CLIENT_ID,
    clientSecret: settings.API_CLIENT_SECRET,
  },
  onEvent,
});

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return callApi();
    if (pathname === "/things") return listThings(request);
    return new Response("not found\n", { status: 404 });
  },
};

async function callApi(): Promise<Response> {
  try {
    return await source.fetch(API_URL);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    console.error(error.code, error.message, error.hint);
    return new Response("the API cannot be called now\n", { status: 503 });
  }
}

async function listThings(request: Request): Promise<Response> {
  try {
    // `sub` identifies the caller; `client_id` does not.
    const { sub } = await verifier.verify(request);
    return Response.json({ things: ["a", "b"], caller: sub });
  } catch (error) {
    return verifier.challenge(error);
  }
}

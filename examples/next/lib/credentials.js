// The source and the verifier. It is for the server alone: import it from no client component.
import { tokenSource, tokenVerifier, zitadel } from "edge-credentials";

/** Called in a request, since the build has no settings. Equal options give the same source. */
export function source() {
  const { ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL } = process.env;
  return tokenSource({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    // For ZITADEL's own APIs, which the demo has one of.
    scope: ["openid", zitadel.scopes.api()],
    allowedOrigins: [new URL(API_URL).origin],
  });
}

export function verifier() {
  const { ISSUER, PROJECT_ID, API_CLIENT_ID, API_CLIENT_SECRET } = process.env;
  return tokenVerifier({
    issuer: ISSUER,
    audience: PROJECT_ID,
    projectId: PROJECT_ID,
    // The role authorises. With ZITADEL neither the audience nor a scope does.
    role: "writer",
    introspection: { clientId: API_CLIENT_ID, clientSecret: API_CLIENT_SECRET },
  });
}

// The source and the verifier. Nitro puts what is here into the server alone.
import { tokenSource, tokenVerifier, zitadel } from "edge-credentials";
import type { H3Event } from "h3";

/** Equal options give the same source, so that all requests share its token. */
export function sourceOf(event: H3Event) {
  const { issuer, clientId, clientSecret, apiUrl } = useRuntimeConfig(event);
  return tokenSource({
    issuer,
    clientId,
    clientSecret,
    // For ZITADEL's own APIs, which the demo has one of.
    scope: ["openid", zitadel.scopes.api()],
    allowedOrigins: [new URL(apiUrl).origin],
  });
}

export function verifierOf(event: H3Event) {
  const { issuer, projectId, apiClientId, apiClientSecret } = useRuntimeConfig(event);
  return tokenVerifier({
    issuer,
    // Nuxt makes a number of a text that is short and looks like one.
    audience: String(projectId),
    projectId: String(projectId),
    // The role authorises. With ZITADEL neither the audience nor a scope does.
    role: "writer",
    introspection: { clientId: String(apiClientId), clientSecret: apiClientSecret },
  });
}

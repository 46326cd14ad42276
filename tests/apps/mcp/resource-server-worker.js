// A Worker whose host is `OAuthResourceServer` of `@cloudflare/workers-oauth-provider`: it takes the
// gate as its validator, and does the rest by itself.
import { env } from "cloudflare:workers";
import { OAuthResourceServer } from "@cloudflare/workers-oauth-provider";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { tokenVerifier, zitadel } from "edge-credentials";
import { mcpGate } from "edge-credentials/mcp";

const {
  ISSUER: issuer,
  PROJECT_ID: projectId,
  API_CLIENT_ID: clientId,
  API_CLIENT_SECRET: clientSecret,
} = env;
const verifier = tokenVerifier({
  issuer,
  audience: projectId,
  projectId,
  role: "writer",
  introspection: { clientId, clientSecret },
  ...(env.INTROSPECTION && { introspectionEndpoint: env.INTROSPECTION }),
});
const scopes = ["openid", zitadel.scopes.audience(projectId), zitadel.scopes.roles()];
const gate = mcpGate(verifier, { resource: env.RESOURCE, scopes });
const { resource, authorization_servers } = gate.metadata;

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: "test", version: "1.0.0" });
  server.registerTool("whoami", { description: "Says who calls" }, () => ({
    content: [{ type: "text", text: JSON.stringify(authInfo) }],
  }));
  return server;
});

export default new OAuthResourceServer({
  // It refuses `scopes_supported` beside `requiredScopes`.
  resourceMetadata: { resource, authorization_servers },
  requiredScopes: scopes,
  validateToken: () => gate.validateToken,
  handler: {
    async fetch(request, _, { props, auth }) {
      const { clientId, scope, userId, audience, expiresAt } = auth;
      const extra = { userId, audience, expiresAt, sub: props.claims.sub };
      const inner = new Request(request);
      inner.headers.delete("authorization");
      return handler.fetch(inner, { authInfo: { token: "", clientId, scopes: scope, extra } });
    },
  },
});

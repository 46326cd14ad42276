// A Worker whose server is made by Cloudflare's `agents`.
import { env } from "cloudflare:workers";
import { createMcpHandler } from "agents/mcp/server";
import { McpServer } from "@modelcontextprotocol/server";
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
});
const gate = mcpGate(verifier, {
  resource: env.RESOURCE,
  scopes: ["openid", zitadel.scopes.audience(projectId), zitadel.scopes.roles()],
});
const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: "test", version: "1.0.0" });
  server.registerTool("whoami", { description: "Says who calls" }, () => ({
    content: [{ type: "text", text: `You are ${authInfo?.extra?.claims.sub}` }],
  }));
  return server;
});

export default {
  async fetch(request) {
    const caller = await gate(request);
    return caller instanceof Response ? caller : handler.fetch(request, { authInfo: caller });
  },
};

// An MCP server that lets service users with a role in.
import { env } from "cloudflare:workers";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { tokenVerifier, zitadel } from "edge-credentials";
import { mcpGate } from "edge-credentials/mcp";

interface Settings {
  RESOURCE: string;
  ISSUER: string;
  PROJECT_ID: string;
  API_CLIENT_ID: string;
  API_CLIENT_SECRET: string;
}

const settings = env as unknown as Settings;
const { ISSUER: issuer, PROJECT_ID: projectId, RESOURCE: resource } = settings;

const verifier = tokenVerifier({
  issuer,
  // ZITADEL's tokens are for a project, whatever `resource` a client names.
  audience: projectId,
  projectId,
  // The role authorises. With ZITADEL neither the audience nor a scope does.
  role: "writer",
  introspection: {
    clientId: settings.API_CLIENT_ID,
    clientSecret: settings.API_CLIENT_SECRET,
  },
});

const gate = mcpGate(verifier, {
  resource,
  // Clients copy these, so that their tokens are for the project and name its roles.
  scopes: ["openid", zitadel.scopes.audience(projectId), zitadel.scopes.roles()],
});

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: "example", version: "1.0.0" });
  server.registerTool("whoami", { description: "Says who calls" }, () => {
    const claims = authInfo?.extra?.claims as { sub?: string } | undefined;
    return { content: [{ type: "text", text: `You are ${claims?.sub}` }] };
  });
  return server;
});

export default {
  async fetch(request: Request): Promise<Response> {
    const caller = await gate(request);
    if (caller instanceof Response) return caller;
    // Tools see the request's headers: the caller's token stays outside.
    const inner = new Request(request);
    inner.headers.delete("authorization");
    return handler.fetch(inner, { authInfo: caller });
  },
};

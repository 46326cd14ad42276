// Calls the tool of an MCP server as a service user.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { AuthError, tokenSource, zitadel } from "edge-credentials";
import { mcpAuth } from "edge-credentials/mcp";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PROJECT_ID, MCP_URL } = process.env;

const source = tokenSource({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  // The server's project, and the roles in it.
  scope: ["openid", zitadel.scopes.audience(PROJECT_ID), zitadel.scopes.roles()],
});

const url = new URL(MCP_URL);
const client = new Client({ name: "example-agent", version: "1.0.0" });

try {
  // No token goes there before the server's metadata name this issuer.
  const authProvider = mcpAuth(source, { url });
  await client.connect(new StreamableHTTPClientTransport(url, { authProvider }));
  const { content } = await client.callTool({ name: "whoami" });
  console.log(content[0].text);
} catch (error) {
  if (!(error instanceof AuthError)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint}`);
  process.exitCode = 1;
} finally {
  await client.close();
}

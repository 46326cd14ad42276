// Both ends have the SDKs' shapes.
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { AuthProvider } from "@modelcontextprotocol/client";
import type { OAuthTokenVerifier as Verifier1 } from "@modelcontextprotocol/sdk/server/auth/provider.js";
import {
  createMcpHandler,
  McpServer,
  OAuthError,
  OAuthErrorCode,
} from "@modelcontextprotocol/server";
import type { AuthInfo, OAuthTokenVerifier } from "@modelcontextprotocol/server";
import { tokenSource, tokenVerifier } from "edge-credentials";
import { mcpAuth, mcpGate } from "edge-credentials/mcp";

const client = { issuer: "https://id.example", clientId: "a", clientSecret: "b" };
const url = new URL("https://mcp.example/mcp");
const authProvider: AuthProvider = mcpAuth(tokenSource(client), { url });
mcpAuth(({ resource, scope }) => tokenSource({ ...client, resource, scope }), { url });
export const transport = new StreamableHTTPClientTransport(url, { authProvider });

const verifier = tokenVerifier({ issuer: "https://id.example", audience: url.href });
const gate = mcpGate(verifier, {
  resource: url,
  sdkError: (code, message) =>
    new OAuthError(
      code === "invalid_token" ? OAuthErrorCode.InvalidToken : OAuthErrorCode.InsufficientScope,
      message,
    ),
});
export const verifiers: [OAuthTokenVerifier, Pick<Verifier1, "verifyAccessToken">] = [gate, gate];
const handler = createMcpHandler(() => new McpServer({ name: "a", version: "1.0.0" }));
export async function serve(request: Request): Promise<Response> {
  const caller: AuthInfo | Response = await gate(request);
  if (caller instanceof Response) return caller;
  return handler.fetch(request, { authInfo: caller });
}

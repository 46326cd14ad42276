// A Worker that is an agent: all requests of the isolate share what its module made.
import { env } from "cloudflare:workers";
import { tokenSource } from "edge-credentials";
import { mcpAuth } from "edge-credentials/mcp";

const {
  ISSUER: issuer,
  CLIENT_ID: clientId,
  CLIENT_SECRET: clientSecret,
  SCOPE: scope,
  MCP_URL: url,
} = env;
const auth = mcpAuth(tokenSource({ issuer, clientId, clientSecret, scope }), { url });

const CALL = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "whoami", arguments: {} },
});

export default {
  async fetch() {
    try {
      const headers = {
        authorization: `Bearer ${await auth.token()}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      };
      const { status } = await fetch(url, { method: "POST", headers, body: CALL });
      return new Response(String(status));
    } catch (error) {
      return new Response(`${error.code} ${error.message}`, { status: 500 });
    }
  },
};

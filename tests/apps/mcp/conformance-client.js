// The client that `@modelcontextprotocol/conformance` starts. What its scenarios leave open, a person
// who sets up an agent knows: the issuer. So it is asked for here by hand.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { tokenSource } from "edge-credentials";
import { mcpAuth } from "edge-credentials/mcp";

const url = new URL(process.argv[2]);
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");
const well = `${url.origin}/.well-known/oauth-protected-resource${url.pathname}`;
const { authorization_servers } = await (await fetch(well)).json();

const credentials =
  context.private_key_pem === undefined
    ? { clientSecret: context.client_secret ?? "none" }
    : {
        key: context.private_key_pem,
        clientAuth: "private_key_jwt",
        algorithm: context.signing_algorithm,
        keyId: "conformance",
      };
const source = tokenSource({
  issuer: authorization_servers[0],
  clientId: context.client_id ?? "none",
  resource: url.href,
  ...credentials,
});

const client = new Client({ name: "conformance", version: "1.0.0" });
const authProvider = mcpAuth(source, { url });
await client.connect(new StreamableHTTPClientTransport(url, { authProvider }));
await client.listTools();
await client.callTool({ name: "test-tool", arguments: {} });
await client.close();

// Agents with the official clients: of version 2, and of version 1.
import {
  Client,
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as Transport1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

export { tokenSource } from "edge-credentials";
export { mcpAuth } from "edge-credentials/mcp";
export { ClientCredentialsProvider, PrivateKeyJwtProvider };

/** Connects, calls the tool that says who calls, and leaves. */
export async function whoami(url, options, calls = 1) {
  return use(
    new Client({ name: "agent", version: "1.0.0" }),
    new StreamableHTTPClientTransport(new URL(url), options),
    calls,
  );
}

export async function whoami1(url, options) {
  return use(
    new Client1({ name: "agent", version: "1.0.0" }),
    new Transport1(new URL(url), options),
    1,
  );
}

async function use(client, transport, calls) {
  try {
    await client.connect(transport);
    let said;
    for (let call = 0; call < calls; call += 1) {
      const { content } = await client.callTool({ name: "whoami", arguments: {} });
      said = content[0].text;
    }
    return said;
  } finally {
    await client.close();
  }
}

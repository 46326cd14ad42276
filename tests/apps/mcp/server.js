// An MCP server in Node, with a gate and a count of what it answered.
import { createServer } from "node:http";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { tokenVerifier } from "edge-credentials";
import { mcpGate } from "edge-credentials/mcp";

/** Makes the handler of a server with one tool, which says who calls. */
export function handlerOf() {
  return createMcpHandler(({ authInfo }) => {
    const server = new McpServer({ name: "test", version: "1.0.0" });
    server.registerTool("whoami", { description: "Says who calls" }, () => ({
      content: [{ type: "text", text: String(authInfo?.extra?.claims.sub) }],
    }));
    return server;
  });
}

/** Listens on loopback, and makes the gate when its own address is known. */
export async function startServer({ verifier: options, scopes, requirements, resource }) {
  const handler = handlerOf();
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${server.address().port}/mcp`;
  // By RFC 8707 a token is for the address, unless the options name another audience.
  const verifier = tokenVerifier({ audience: url, ...options });
  const gate = mcpGate(verifier, { resource: resource ?? url, scopes });
  const state = {
    url,
    gate,
    refused: new Set(),
    answers: [],
    requirements,
    stop,
    pause: undefined,
  };

  async function answer(request) {
    const [, token = ""] = request.headers.get("authorization")?.split(" ") ?? [];
    if (state.refused.has(token)) {
      const told = `Bearer error="invalid_token", resource_metadata="${gate.metadataUrl}"`;
      return new Response(null, { status: 401, headers: { "www-authenticate": told } });
    }
    const caller = await gate(request, state.requirements);
    return caller instanceof Response ? caller : handler.fetch(request, { authInfo: caller });
  }

  server.on("request", async (request, response) => {
    const body = await textOf(request);
    const whole = new Request(new URL(request.url, url), {
      method: request.method,
      headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ...(body && { body }),
    });
    if (state.pause && request.url.includes("/.well-known/")) await state.pause();
    const result = await answer(whole);
    state.answers.push({ path: request.url, status: result.status });
    response.writeHead(result.status, Object.fromEntries(result.headers));
    if (result.body) for await (const chunk of result.body) response.write(chunk);
    response.end();
  });

  async function stop() {
    server.close();
    server.closeAllConnections();
  }
  return state;
}

async function textOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

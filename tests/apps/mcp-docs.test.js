// @ts-check
// The blocks of docs/recipes/mcp.md, run as they stand, with the official packages.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { startProvider } from "../../www/server/provider.js";
import { fakeIssuer } from "../../pkg/dist/esm/testing.js";
import { readDocs } from "../js/support/docs.js";
import { close, listen } from "../js/support/http/listen.js";

const folder = join(apps, "mcp");
const recipe = readDocs("docs/recipes/mcp.md", {}, folder);
after(recipe.remove);
const { startServer } = await import(pathToFileURL(join(folder, "server.js")).href);

const provider = await startProvider({ ignoresResource: true });
after(provider.stop);

/** An issuer over HTTP: the blocks reach it by the runtime's `fetch`. */
const http = createServer();
const { origin: ISSUER } = await listen(http);
after(() => close(http));
const issuer = fakeIssuer({ issuer: ISSUER });
http.on("request", async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { method, url = "", headers } = request;
  const answer = await issuer.fetch(ISSUER + url, {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
    ...(body && { body }),
  });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
});

const RESOURCE = "https://mcp.example/mcp";
const CLIENT = { ISSUER, CLIENT_ID: issuer.clientId, CLIENT_SECRET: issuer.clientSecret, RESOURCE };

const AGENTS = [
  "An agent without `mcpAuth`",
  "An agent that asks the server first",
  "An agent that requests the scopes that the server names",
];
const SERVERS = [
  "A server",
  "A server with ZITADEL",
  "A server with Hono, and step-up",
  "A server behind the SDK's middleware",
];

test("each section with code is run here", () => {
  assert.deepEqual(recipe.headings, [...AGENTS, ...SERVERS]);
});

const { projectId, apiClient } = provider;
const ZITADEL = {
  ISSUER: provider.issuer,
  CLIENT_ID: provider.clientId,
  CLIENT_SECRET: provider.clientSecret,
  SCOPE: `openid urn:zitadel:iam:org:project:id:${projectId}:aud urn:zitadel:iam:org:projects:roles`,
};

for (const heading of AGENTS.slice(0, 2)) {
  test(heading, async (t) => {
    const { issuer } = provider;
    const verifier = {
      issuer,
      audience: projectId,
      projectId,
      role: "writer",
      introspection: apiClient,
    };
    const server = await startServer({ verifier });
    t.after(server.stop);
    const { client } = await recipe.run(heading, { ...ZITADEL, MCP_URL: server.url });
    const { content } = await client.callTool({ name: "whoami", arguments: {} });
    assert.equal(content[0].text, provider.clientId);
    await client.close();
  });
}

test(AGENTS[2], async (t) => {
  const verifier = { issuer: ISSUER };
  const server = await startServer({ verifier, scopes: "tools:read unexpected" });
  t.after(server.stop);
  const { callTool } = await recipe.run(AGENTS[2], { ...CLIENT, MCP_URL: server.url });
  server.requirements = { scope: "tools:write" };
  const { content } = await callTool({ name: "whoami", arguments: {} });
  assert.equal(content[0].text, issuer.clientId);

  // A 403 that no step-up cures: one more try, then it is the caller's.
  server.requirements = { scope: "unexpected" };
  server.answers.length = 0;
  await assert.rejects(callTool({ name: "whoami", arguments: {} }), {
    name: "InsufficientScopeError",
  });
  const statuses = server.answers.map((/** @type {any} */ { status }) => status);
  assert.deepEqual(statuses, [403, 403]);
  const asked = issuer.requests.filter(({ url }) => url.endsWith("/token"));
  assert.deepEqual(
    asked.map(({ form }) => form.scope),
    ["tools:read", "tools:read tools:write"],
  );
});

/** @type {(path: string, token?: string) => Request} */
const post = (path, token) =>
  new Request(`https://mcp.example${path}`, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "whoami", arguments: {} },
    }),
  });
const METADATA = "/.well-known/oauth-protected-resource/mcp";
const token = (/** @type {object} */ more) => issuer.sign({ aud: RESOURCE, sub: "7", ...more });

test(SERVERS[0], async () => {
  const { default: server } = await recipe.run(SERVERS[0], CLIENT);
  const metadata = await (await server.fetch(new Request(`https://mcp.example${METADATA}`))).json();
  assert.deepEqual(metadata.authorization_servers, [ISSUER]);
  const refused = await server.fetch(post("/mcp"));
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate"), /scope="tools:read", resource_metadata=/);
  const answer = await server.fetch(post("/mcp", await token({})));
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"text":"7"/);
});

test(SERVERS[1], async () => {
  const { gate } = await recipe.run(SERVERS[1], {
    ISSUER: provider.issuer,
    RESOURCE,
    PROJECT_ID: projectId,
    API_CLIENT_ID: apiClient.clientId,
    API_CLIENT_SECRET: apiClient.clientSecret,
  });
  assert.equal(gate.metadata.scopes_supported.join(" "), ZITADEL.SCOPE);
  const refused = await gate(post("/mcp"));
  assert.ok(refused.headers.get("www-authenticate").includes(`scope="${ZITADEL.SCOPE}"`));
});

test(SERVERS[2], async () => {
  const { app } = await recipe.run(SERVERS[2], CLIENT);
  const read = await token({ scope: "tools:read", client_id: "agent" });
  assert.equal((await app.request(METADATA)).status, 200);
  assert.equal((await app.request(post("/mcp"))).status, 401);
  assert.equal(await (await app.request(post("/mcp", read))).json(), "agent");
  const refused = await app.request(post("/mcp/admin", read));
  assert.equal(refused.status, 403);
  assert.match(refused.headers.get("www-authenticate"), /scope="tools:read tools:write"/);
  const write = await token({ scope: "tools:read tools:write" });
  assert.equal((await app.request(post("/mcp/admin", write))).status, 200);
});

test(SERVERS[3], async () => {
  const { middleware } = await recipe.run(SERVERS[3], CLIENT);
  const { clientId } = await middleware(post("/mcp", await token({ client_id: "agent" })));
  assert.equal(clientId, "agent");
  const refused = await middleware(post("/mcp", "abc"));
  assert.equal(refused.status, 401);
  const other = await middleware(post("/mcp", await token({ aud: "https://mcp.example/other" })));
  assert.equal(other.status, 401);
});

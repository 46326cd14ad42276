// @ts-check
// The examples that install a framework, as a person runs them: copied out, with the packed package.
// Those that need Node alone run in tests/js/examples.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { tokenSource, zitadel } from "../../pkg/dist/esm/inline.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { startProvider } from "../../www/server/provider.js";
import { copyExample } from "../js/support/packed/example.js";
import { installPackage } from "../js/support/packed/installed-package.js";
import { freePort } from "../js/support/http/listen.js";

const { tarball, remove } = installPackage();
after(remove);
const provider = await startProvider();
after(provider.stop);
const { issuer: ISSUER, apiUrl: API_URL, projectId, clientId } = provider;

/** @type {(scope: string[]) => Promise<string>} the header of a token with this scope */
function authorization(scope) {
  const { issuer, clientId, clientSecret } = provider;
  return tokenSource({ issuer, clientId, clientSecret, scope }).authorization();
}

const WRITER = ["openid", zitadel.scopes.audience(projectId), zitadel.scopes.roles()];

/** Asks an API as a writer, as somebody without a role, and without a token. */
async function assertProtected(/** @type {string} */ url) {
  const writer = await fetch(url, { headers: { authorization: await authorization(WRITER) } });
  assert.deepEqual(
    [writer.status, await writer.json()],
    [200, { things: ["a", "b"], caller: clientId }],
  );
  const other = await authorization(["openid", zitadel.scopes.audience(projectId)]);
  assert.equal((await fetch(url, { headers: { authorization: other } })).status, 403);
  const nobody = await fetch(url);
  assert.deepEqual([nobody.status, nobody.headers.get("www-authenticate")], [401, "Bearer"]);
}

/**
 * @param {import("node:test").TestContext} t
 * @param {string} name
 */
async function installed(t, name) {
  const example = copyExample(name, tarball);
  t.after(example.remove);
  const { code, output } = await example.install();
  assert.equal(code, 0, output);
  return example;
}

for (const name of ["hono-api", "express-api"]) {
  test(name, async (t) => {
    const example = await installed(t, name);
    const PORT = String(await freePort());
    const env = { ISSUER, PORT };
    const server = example.run("start", { env });
    t.after(server.stop);
    await server.says(/listening on http:\/\/127\.0\.0\.1:\d+\n/);
    await assertProtected(`http://127.0.0.1:${PORT}/things`);
    const { code, output } = await example.run("call", { env }).ended;
    assert.equal(code, 0, output);
    assert.match(
      output,
      /^\/things: 200 .*edge-worker@demo\.localhost.*\n\/admin: 403 \nwithout a token: 401 Bearer$/m,
    );
  });
}

test("cloudflare-worker", async (t) => {
  const example = await installed(t, "cloudflare-worker");
  const node = nodeProgram(22);
  const types = await example.run("types", { node }).ended;
  assert.equal(types.code, 0, types.output);

  const PORT = await freePort();
  const args = [`--port=${PORT}`, "--ip=127.0.0.1"];
  for (const [name, value] of Object.entries({ ISSUER, API_URL }))
    args.push("--var", `${name}:${value}`);
  const server = example.run("start", { node, env: QUIET, args });
  t.after(server.stop);
  await server.says(/Ready on http:\/\/\S+/);
  assert.ok(existsSync(join(example.path, ".dev.vars")), "the demo's secrets are copied");
  const response = await fetch(`http://127.0.0.1:${PORT}/`);
  const { user } = /** @type {{ user: { userName: string } }} */ (await response.json());
  assert.deepEqual([response.status, user.userName], [200, clientId]);
  await assertProtected(`http://127.0.0.1:${PORT}/things`);
});

test("durable-object-broker", async (t) => {
  const example = await installed(t, "durable-object-broker");
  const PORT = await freePort();
  const args = [`--port=${PORT}`, "--ip=127.0.0.1"];
  for (const [name, value] of Object.entries({ ISSUER, API_URL }))
    args.push("--var", `${name}:${value}`);
  const server = example.run("start", { node: nodeProgram(22), env: QUIET, args });
  t.after(server.stop);
  await server.says(/Ready on http:\/\/\S+/);

  const before = provider.tokenRequests;
  for (let times = 0; times < 3; times += 1) {
    const response = await fetch(`http://127.0.0.1:${PORT}/`);
    const { user } = /** @type {{ user: { userName: string } }} */ (await response.json());
    assert.deepEqual([response.status, user.userName], [200, clientId]);
  }
  assert.equal(provider.tokenRequests - before, 1);
});

test("mcp-server, and mcp-agent that calls it", async (t) => {
  const example = await installed(t, "mcp-server");
  const node = nodeProgram(22);
  const types = await example.run("types", { node }).ended;
  assert.equal(types.code, 0, types.output);

  const PORT = await freePort();
  const MCP_URL = `http://127.0.0.1:${PORT}/mcp`;
  const args = [`--port=${PORT}`, "--ip=127.0.0.1"];
  for (const [name, value] of Object.entries({ ISSUER, RESOURCE: MCP_URL }))
    args.push("--var", `${name}:${value}`);
  const server = example.run("start", { node, env: QUIET, args });
  t.after(server.stop);
  await server.says(/Ready on http:\/\/\S+/);

  const agent = await installed(t, "mcp-agent");
  const good = await agent.run("start", { env: { ISSUER, MCP_URL } }).ended;
  assert.equal(good.code, 0, good.output);
  assert.match(good.output, new RegExp(`^You are ${clientId}$`, "m"));
  const wrong = await agent.run("start", { env: { ISSUER, MCP_URL: `${MCP_URL}/other` } }).ended;
  assert.equal(wrong.code, 1, wrong.output);
  assert.match(wrong.output, /^endpoint_not_found: /m);
});

for (const [name, settings] of /** @type {const} */ ([
  ["next", { ISSUER, API_URL }],
  ["nuxt", { NUXT_ISSUER: ISSUER, NUXT_API_URL: API_URL }],
])) {
  test(name, async (t) => {
    const example = await installed(t, name);
    const PORT = String(await freePort());
    const node = nodeProgram(22);
    const server = example.run("start", { node, env: { ...QUIET, ...settings, PORT } });
    t.after(server.stop);
    await server.says(new RegExp(`http://127\\.0\\.0\\.1:${PORT}`));
    const url = `http://127.0.0.1:${PORT}`;
    const page = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    assert.match(await page.text(), new RegExp(`200, I am ${clientId}`));
    await assertProtected(`${url}/things`);

    await server.stop();
    const built = await example.run("build", { node, env: QUIET }).ended;
    assert.equal(built.code, 0, built.output);
  });
}

/** Nobody is called, and nothing asks. */
const QUIET = {
  CI: "true",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  NEXT_TELEMETRY_DISABLED: "1",
  NUXT_TELEMETRY_DISABLED: "1",
};

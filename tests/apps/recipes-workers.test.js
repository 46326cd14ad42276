// @ts-check
// The blocks of docs/recipes/workers.md by `wrangler dev`, with the packed package.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { startProvider } from "../../www/server/provider.js";
import { blocksOf } from "../js/support/docs.js";
import { close, freePort, listen } from "../js/support/http/listen.js";
import { until } from "../js/support/until.js";
import { start, versionOf } from "./child.js";

const sections = blocksOf("docs/recipes/workers.md");
const provider = await startProvider();
after(provider.stop);

/** @type {{ path: string; authorization: string | undefined; body: string }[]} */
const calls = [];
/** How often the API fails before it takes a shipment. */
let failures = 1;
const api = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { url: path = "", headers } = request;
  calls.push({ path, authorization: headers.authorization, body });
  if (path === "/orders") response.end(JSON.stringify([{ id: 1 }, { id: 2 }]));
  else response.writeHead(path === "/shipments" && failures-- > 0 ? 500 : 200).end();
});
const { origin: API_URL } = await listen(api);
after(() => close(api));

/**
 * @param {import("node:test").TestContext} t
 * @param {string} title of the section
 * @param {Record<string, string>} env
 */
async function develop(t, title, env) {
  const folder = `recipes/${title.replaceAll(/\W/g, "-")}`;
  const configs = [];
  for (const { name, code } of sections.get(title) ?? []) {
    const file = join(apps, folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
    if (!name.endsWith(".toml")) continue;
    configs.push(`--config=${folder}/${name}`);
    const variables = Object.entries(env).map((variable) => `${variable.join("=")}\n`);
    writeFileSync(join(dirname(file), ".dev.vars"), variables.join(""));
  }

  const PORT = String(await freePort());
  const args = ["node_modules/wrangler/bin/wrangler.js", "dev", ...configs, "--test-scheduled"];
  const server = start(nodeProgram(22), [...args, "--port", PORT, "--ip=127.0.0.1"], {
    signal: "SIGTERM",
  });
  t.after(server.stop);
  await server.says(/Ready on http:\/\/\S+/);
  calls.length = 0;
  return { url: `http://127.0.0.1:${PORT}`, output: server.output };
}

const client = {
  ISSUER: provider.issuer,
  CLIENT_ID: provider.clientId,
  CLIENT_SECRET: `'${provider.clientSecret}'`,
};

test("each section with code is run here", () => {
  const titles = ["Cron Triggers and Queues", "Service bindings", "Durable Objects"];
  assert.deepEqual([...sections.keys()], titles);
});

test(`wrangler ${versionOf("wrangler")}: Cron Triggers and Queues`, async (t) => {
  const { url } = await develop(t, "Cron Triggers and Queues", { ...client, API_URL });
  const before = provider.tokenRequests;
  assert.equal((await fetch(`${url}/cdn-cgi/handler/scheduled`)).status, 200);
  // Of the two shipments one failed, and was retried.
  await until(() => calls.length === 4, "two shipments, one of them twice");
  const [first, ...shipments] = calls;
  assert.equal(first.path, "/orders");
  assert.deepEqual(shipments.map(({ body }) => body).toSorted(), [
    '{"id":1}',
    '{"id":1}',
    '{"id":2}',
  ]);
  assert.match(String(first.authorization), /^Bearer ./);
  assert.equal(new Set(calls.map(({ authorization }) => authorization)).size, 1);
  assert.equal(provider.tokenRequests - before, 1);
});

test("service bindings", async (t) => {
  const { jwtClientId: CLIENT_ID, projectId: PROJECT_ID } = provider;
  const { url } = await develop(t, "Service bindings", { ...client, CLIENT_ID, PROJECT_ID });
  assert.deepEqual(await (await fetch(url)).json(), { caller: CLIENT_ID });
});

test("Durable Objects", async (t) => {
  const { url } = await develop(t, "Durable Objects", { ...client, API_URL });
  const before = provider.tokenRequests;
  await Promise.all(Array.from({ length: 3 }, () => fetch(url)));
  assert.equal(calls.length, 3);
  assert.match(String(calls[0].authorization), /^Bearer ./);
  assert.equal(provider.tokenRequests - before, 1);
});

test("Durable Objects: the object gets no token", async (t) => {
  const CLIENT_SECRET = "wrong";
  const env = { ...client, CLIENT_SECRET, API_URL };
  const { url, output } = await develop(t, "Durable Objects", env);
  assert.equal((await fetch(url)).status, 500);
  const log = () => output.stdout + output.stderr;
  await until(() => /the token endpoint cannot be reached/.test(log()), "what the caller gets");
  assert.match(log(), /the server refused the client id or the client secret/);
  assert.deepEqual(calls, []);
});

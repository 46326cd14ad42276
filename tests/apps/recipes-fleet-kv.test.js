// @ts-check
// The Worker of docs/recipes/fleet.md for Workers KV, and `storeSuite` over `kvStore`, in `wrangler dev`:
// its namespace persists and refuses an `expirationTtl` under 60 s. tests/js/cloudflare/kv.test.js has
// the limits that it has not.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { sharedStore } from "../../pkg/dist/esm/store.js";
import { storeSuite } from "../../pkg/dist/esm/testing.js";
import { startProvider } from "../../www/server/provider.js";
import { blocksOf } from "../js/support/docs.js";
import { startWrangler } from "./wrangler-dev.js";

const folder = join(apps, "fleet-kv");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const blocks = blocksOf("docs/recipes/fleet.md", ["js", "toml"]).get("Workers KV") ?? [];
/** @param {string} name */
const codeOf = (name) => blocks.find((block) => block.name === name)?.code ?? assert.fail(name);

const provider = await startProvider();
after(provider.stop);

test("a Worker that starts anew has the token that the last one put into KV", async (t) => {
  const { issuer, clientId, clientSecret, apiUrl } = provider;
  const vars = { ISSUER: issuer, CLIENT_ID: clientId, API_URL: apiUrl };
  writeFileSync(join(folder, "wrangler.toml"), codeOf("wrangler.toml"));
  writeFileSync(join(folder, "worker.js"), codeOf("worker.js"));
  writeFileSync(join(folder, ".dev.vars"), `CLIENT_SECRET=${clientSecret}\n`);
  const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const before = provider.tokenRequests;
  for (let start = 0; start < 2; start += 1) {
    const dev = await startWrangler({ cwd: folder, args });
    t.after(dev.stop);
    const response = await fetch(dev.url);
    assert.equal(response.status, 200, await response.clone().text());
    await dev.stop();
  }
  assert.equal(provider.tokenRequests - before, 1);
});

test("`kvStore` passes the suite of a store", async (t) => {
  const suite = storeSuite(() => sharedStore({ get() {}, set() {} })).map(({ name }) => name);
  const main = join(folder, "suite.js");
  writeFileSync(main, SUITE);
  const dev = await startWrangler({ cwd: folder, args: [main] });
  t.after(dev.stop);
  const results = [];
  for (const [n] of suite.entries()) {
    const response = await fetch(`${dev.url}?n=${n}`);
    results.push(await response.text());
  }
  assert.deepEqual(results, suite);
});

const SUITE = `
import { kvStore } from "edge-credentials/cloudflare";
import { storeSuite } from "edge-credentials/testing";

export default {
  async fetch(request, env) {
    const n = Number(new URL(request.url).searchParams.get("n"));
    const { name, run } = storeSuite(() => kvStore(env.TOKENS))[n];
    return new Response(await run().then(() => name, (error) => name + ": " + error));
  },
};
`;

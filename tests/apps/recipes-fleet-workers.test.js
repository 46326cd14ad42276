// @ts-check
// The Workers of docs/recipes/fleet.md with their configuration, and `storeSuite` over `kvStore`, in
// `wrangler dev`. Its namespace of KV persists and refuses an `expirationTtl` under 60 s.
// tests/js/cloudflare/kv.test.js has the limits that it has not.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { sharedStore } from "../../pkg/dist/esm/store.js";
import { storeSuite } from "../../pkg/dist/esm/testing.js";
import { startProvider } from "../../www/server/provider.js";
import { blocksOf } from "../js/support/docs.js";
import { startWrangler } from "./wrangler-dev.js";

const folder = join(apps, "fleet-workers");
rmSync(folder, { recursive: true, force: true });

const sections = blocksOf("docs/recipes/fleet.md", ["js", "toml"]);

/** Writes a Worker's files, and gives their folder. @param {string} heading */
function written(heading) {
  const target = join(folder, heading.replaceAll(" ", "-"));
  for (const { name, code } of sections.get(heading) ?? assert.fail(heading)) {
    const file = join(target, String(name));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  writeFileSync(join(target, ".dev.vars"), `CLIENT_SECRET=${provider.clientSecret}\n`);
  return target;
}

const provider = await startProvider();
after(provider.stop);

const { issuer, clientId, apiUrl } = provider;
const vars = { ISSUER: issuer, CLIENT_ID: clientId, API_URL: apiUrl };
const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);

for (const heading of ["Workers KV", "A broker"])
  test(`${heading}: a Worker that starts anew has the token that the last one put there`, async (t) => {
    const cwd = written(heading);
    const before = provider.tokenRequests;
    for (let start = 0; start < 2; start += 1) {
      const dev = await startWrangler({ cwd, args });
      t.after(dev.stop);
      const response = await fetch(dev.url);
      assert.equal(response.status, 200, await response.clone().text());
      await dev.stop();
    }
    assert.equal(provider.tokenRequests - before, 1);
  });

test("a broker in another Worker: the caller has no secret", async (t) => {
  const cwd = written("A broker");
  // The first one is served.
  const configs = ["-c", "caller/wrangler.toml", "-c", "wrangler.toml"];
  writeFileSync(
    join(cwd, "wrangler.toml"),
    readFileSync(join(cwd, "wrangler.toml"), "utf8")
      .replace("https://acme.zitadel.cloud", issuer)
      .replace("orders-worker", clientId),
  );
  const dev = await startWrangler({ cwd, args: [...configs, "--var", `API_URL:${apiUrl}`] });
  t.after(dev.stop);
  const response = await fetch(dev.url);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(JSON.parse(text).user.userName, clientId);
});

test("`kvStore` passes the suite of a store", async (t) => {
  const suite = storeSuite(() => sharedStore({ get() {}, set() {} })).map(({ name }) => name);
  const cwd = written("Workers KV");
  writeFileSync(join(cwd, "suite.js"), SUITE);
  const dev = await startWrangler({ cwd, args: ["suite.js"] });
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

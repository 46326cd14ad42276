// @ts-check
// The Worker of www/ as Cloudflare's own tool bundles it with the packed package, in Cloudflare's
// own runtime.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { startWorkerd } from "../../scripts/workerd/workerd.js";
import { startProvider } from "../../www/server/provider.js";
import { run, versionOf } from "./child.js";
import { startWrangler } from "./wrangler-dev.js";

const FOLDER = join(apps, "wrangler");
const OUT = join(FOLDER, "out");

const WRANGLER_TOML = 'name = "mistake"\nmain = "worker.js"\ncompatibility_date = "2026-04-01"\n';
const MISTAKE = `import { tokenSource } from "edge-credentials";
const source = tokenSource({ issuer: "https://idp.example", clientID: "a", clientSecret: "b" });
export default { fetch: () => source.fetch("https://api.example") };
`;

const provider = await startProvider();
after(provider.stop);

test(`wrangler ${versionOf("wrangler")} bundles the Worker without a warning`, async () => {
  const args = [
    "node_modules/wrangler/bin/wrangler.js",
    "deploy",
    "--dry-run",
    `--outdir=${OUT}`,
    "--config=wrangler/wrangler.toml",
  ];
  const { code, stdout, stderr } = await run(nodeProgram(22), args);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /--dry-run: exiting now/);
  assert.doesNotMatch(stdout + stderr, /warning|error/i);
});

test("an error at module level is shown with its code and its hint", async (t) => {
  const folder = join(apps, "wrangler-mistake");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "wrangler.toml"), WRANGLER_TOML);
  writeFileSync(join(folder, "worker.js"), MISTAKE);
  const dev = await startWrangler({ cwd: folder, until: /did you mean/ });
  t.after(dev.stop);
  assert.match(
    dev.said(),
    /`clientID` is no option of tokenSource \(option_invalid\): did you mean `clientId`\?/,
  );
});

test("the bundle runs, and has the module as a file", async (t) => {
  const wasm = readdirSync(OUT).filter((name) => name.endsWith(".wasm"));
  assert.equal(wasm.length, 1, "the module is uploaded once, as a file");
  const {
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    apiUrl: API_URL,
  } = provider;
  const worker = await startWorkerd({
    modules: [
      { name: "worker.js", path: join(OUT, "worker.js"), type: "esModule" },
      { name: wasm[0], path: join(OUT, wasm[0]), type: "wasm" },
    ],
    bindings: { ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL },
    compatibilityDate: /^compatibility_date = "([\d-]+)"/m.exec(
      readFileSync(join(FOLDER, "wrangler.toml"), "utf8"),
    )?.[1],
  });
  t.after(worker.stop);
  const response = await fetch(worker.url);
  const { api } = /** @type {{ api: { body: { user: { userName: string } } } }} */ (
    await response.json()
  );
  assert.deepEqual([response.status, api.body.user.userName], [200, CLIENT_ID]);
});

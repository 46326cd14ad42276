// @ts-check
// The Worker of www/ as Cloudflare's own tool bundles it, in Cloudflare's own runtime.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../scripts/run.js";
import { nodeProgram } from "../../scripts/nodes.js";
import { startWorkerd } from "../../scripts/workerd.js";

test("wrangler bundles the Worker without a warning, and the bundle runs", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-wrangler-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));

  const outdir = join(folder, "bundle");
  const output = wrangler(folder, "deploy", "--dry-run", "--outdir", outdir, "--config", "www/wrangler.toml");
  assert.match(output, /--dry-run: exiting now/);
  assert.doesNotMatch(output, /warning|error/i);

  const wasm = readdirSync(outdir).filter((name) => name.endsWith(".wasm"));
  assert.equal(wasm.length, 1, "the module is uploaded once, as a file");
  const worker = await startWorkerd({
    modules: [
      { name: "worker.js", path: join(outdir, "worker.js"), type: "esModule" },
      { name: wasm[0], path: join(outdir, wasm[0]), type: "wasm" },
    ],
    bindings: { ISSUER: "http://127.0.0.1:1", CLIENT_ID: "id", CLIENT_SECRET: "secret", API_URL: "http://127.0.0.1:1/x" },
    compatibilityDate: /^compatibility_date = "([\d-]+)"/m.exec(readFileSync(join(root, "www/wrangler.toml"), "utf8"))?.[1],
  });
  t.after(worker.stop);

  const response = await fetch(worker.url);
  const { code, class: whose } = /** @type {{ code: string, class: string }} */ (await response.json());
  assert.deepEqual({ status: response.status, code, whose }, { status: 503, code: "network_failed", whose: "unavailable" });
});

/** @type {(home: string, ...args: string[]) => string} */
function wrangler(home, ...args) {
  // Its settings and logs go to a folder of their own, its reports and update checks nowhere.
  const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false", WRANGLER_HIDE_BANNER: "true" };
  const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, CI: "true", NO_COLOR: "1", ...quiet };
  const command = ["node_modules/wrangler/bin/wrangler.js", ...args];
  const { status, stdout, stderr, error } = spawnSync(nodeProgram(22), command, { cwd: root, env, encoding: "utf8" });
  if (error) throw new Error("wrangler needs a newer Node: run `node scripts/setup.js --tests`", { cause: error });
  assert.equal(status, 0, stdout + stderr);
  return stdout + stderr;
}

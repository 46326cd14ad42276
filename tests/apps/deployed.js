// @ts-check
// A Worker as wrangler bundles it, in Cloudflare's own runtime.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { startWorkerd } from "../../scripts/workerd/workerd.js";
import { run } from "./child.js";

/**
 * Bundles a Worker as `wrangler deploy` does, and runs it.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} app its folder inside of target/apps
 * @param {string} config wrangler's, inside of that
 * @param {Record<string, string>} bindings
 * @returns {Promise<string>} its address
 */
export async function startDeployed(t, app, config, bindings) {
  const wrangler = join(apps, "node_modules/wrangler/bin/wrangler.js");
  const out = join(apps, "out", app);
  const args = ["deploy", "--dry-run", `--outdir=${out}`, `--config=${config}`];
  const { code, stdout, stderr } = await run(nodeProgram(22), [wrangler, ...args], { cwd: app });
  assert.equal(code, 0, stdout + stderr);

  const files = readdirSync(out, { recursive: true, encoding: "utf8" });
  const names = files.filter((name) => /\.(m?js|wasm)$/.test(name));
  assert.equal(names.filter((name) => name.endsWith(".wasm")).length, 1, files.join("\n"));
  // The entry is the only file of code at the top.
  const isEntry = (/** @type {string} */ name) => /^[^/]+\.m?js$/.test(name);
  const modules = names
    .sort((a, b) => Number(isEntry(b)) - Number(isEntry(a)))
    .map((name) => ({
      name,
      path: join(out, name),
      type: /** @type {"wasm" | "esModule"} */ (name.endsWith(".wasm") ? "wasm" : "esModule"),
    }));
  const compatibilityFlags = ["nodejs_compat"];
  const worker = await startWorkerd({ modules, bindings, compatibilityFlags });
  t.after(worker.stop);
  return worker.url;
}

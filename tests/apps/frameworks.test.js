// @ts-check
// The packed package in frameworks: built with as little as their own guides tell, and answering.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { startWorkerd } from "../../scripts/workerd/workerd.js";
import { run, start, versionOf } from "./child.js";
import { EXPECTED, startServer } from "./server.js";

const SETTINGS = JSON.stringify(await startServer());
const MODULES = join(apps, "frameworks/node_modules");
// What builds does not see them: a route is imported there without its environment.
const env = { SETTINGS };

/** @type {(app: string, ...command: string[]) => Promise<void>} */
async function build(app, program, ...args) {
  const { code, stdout, stderr } = await run(nodeProgram(22), [join(MODULES, program), ...args], {
    cwd: join("frameworks", app),
    env: { ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" },
    timeout: 300_000,
  });
  assert.equal(code, 0, stdout + stderr);
}

/**
 * Bundles a Worker as `wrangler deploy` does, and runs it.
 *
 * @type {(t: import("node:test").TestContext, app: string, config: string) => Promise<string>}
 */
async function startWorker(t, app, config) {
  const wrangler = join(apps, "node_modules/wrangler/bin/wrangler.js");
  const out = join(apps, "out", app);
  const args = ["deploy", "--dry-run", `--outdir=${out}`, `--config=${config}`];
  const cwd = join("frameworks", app);
  const { code, stdout, stderr } = await run(nodeProgram(22), [wrangler, ...args], { cwd });
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
  const worker = await startWorkerd({ modules, bindings: { SETTINGS }, compatibilityFlags });
  t.after(worker.stop);
  return worker.url;
}

/** @type {(url: string) => Promise<void>} */
async function assertAnswers(url) {
  // SvelteKit asks a cache otherwise, which only Cloudflare has.
  const response = await fetch(url, { headers: { "cache-control": "no-cache" } });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.deepEqual(JSON.parse(text), EXPECTED);
}

/** @type {(name: string) => string} */
const version = (name) => versionOf(name, "frameworks");

test(`Astro ${version("astro")} on Cloudflare's adapter`, async (t) => {
  await build("astro", "astro/bin/astro.mjs", "build");
  const url = await startWorker(t, "astro", "dist/server/wrangler.json");
  await assertAnswers(`${url}/token`);
});

test(`SvelteKit ${version("@sveltejs/kit")} on Cloudflare's adapter`, async (t) => {
  await build("sveltekit", "vite/bin/vite.js", "build");
  await assertAnswers(`${await startWorker(t, "sveltekit", "wrangler.jsonc")}/token`);
});

for (const [app, program, route] of [
  ["nitro", "nitropack/dist/cli/index.mjs", "token"],
  ["nuxt", "nuxt/bin/nuxt.mjs", "api/token"],
]) {
  const name = `${app} ${version(app === "nitro" ? "nitropack" : app)}`;

  test(`${name} for Node`, async (t) => {
    await build(app, program, "build", "--preset=node-server");
    const server = start(nodeProgram(22), [`frameworks/${app}/.output/server/index.mjs`], {
      env: { ...env, HOST: "127.0.0.1", PORT: "0" },
    });
    t.after(server.stop);
    await assertAnswers(`${await server.says(/http:\/\/[\w.]+:\d+/)}/${route}`);
  });

  test(`${name} for Cloudflare, with the module as a file`, async (t) => {
    await build(app, program, "build", "--preset=cloudflare-module");
    const url = await startWorker(t, app, "wrangler.jsonc");
    await assertAnswers(`${url}/${route}`);
  });

  test(`${name} for Vercel's edge builds, with the module as a file`, async () => {
    await build(app, program, "build", "--preset=vercel-edge");
  });
}

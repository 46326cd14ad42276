// @ts-check
// The packed package in frameworks: built with as little as their own guides tell, and answering.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, start, versionOf } from "./child.js";
import { startDeployed } from "./deployed.js";
import { EXPECTED, startServer } from "./server.js";

const settings = await startServer();
const MODULES = join(apps, "frameworks/node_modules");
// What builds does not see them: a route is imported there without its environment.
const env = {
  SETTINGS: JSON.stringify(settings),
  ISSUER: settings.issuer,
  CLIENT_ID: settings.clientId,
  CLIENT_SECRET: settings.clientSecret,
};

/** @type {(t: import("node:test").TestContext, app: string, config: string) => Promise<string>} */
const startWorker = (t, app, config) => startDeployed(t, `frameworks/${app}`, config, env);

/** @type {(app: string, program: string, env?: Record<string, string>) => Promise<void>} */
async function build(app, program, env = {}) {
  const { code, stdout, stderr } = await run(nodeProgram(22), [join(MODULES, program), "build"], {
    cwd: join("frameworks", app),
    env: { ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1", ...env },
    timeout: 300_000,
  });
  assert.equal(code, 0, stdout + stderr);
}

/**
 * @type {(url: string) => Promise<void>} of the routes, which are what docs/recipes/frameworks.md
 *   shows
 */
async function assertAnswers(url) {
  assert.deepEqual(await ask(`${url}/token`), EXPECTED);
  const { expiresAt } = await ask(`${url}/expiry`);
  assert.ok(expiresAt > Date.now(), expiresAt);
}

async function ask(/** @type {string} */ url) {
  // SvelteKit asks a cache otherwise, which only Cloudflare has.
  const response = await fetch(url, { headers: { "cache-control": "no-cache" } });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

/** @type {(name: string) => string} */
const version = (name) => versionOf(name, "frameworks");

test(`Astro ${version("astro")} on Cloudflare's adapter`, async (t) => {
  await build("astro", "astro/bin/astro.mjs");
  const url = await startWorker(t, "astro", "dist/server/wrangler.json");
  await assertAnswers(url);
});

test(`SvelteKit ${version("@sveltejs/kit")} on Cloudflare's adapter`, async (t) => {
  await build("sveltekit", "vite/bin/vite.js");
  await assertAnswers(await startWorker(t, "sveltekit", "wrangler.jsonc"));
});

for (const [app, program, base] of [
  ["nitro", "nitropack/dist/cli/index.mjs", ""],
  ["nuxt", "nuxt/bin/nuxt.mjs", "/api"],
]) {
  const name = `${app} ${version(app === "nitro" ? "nitropack" : app)}`;
  const buildFor = (/** @type {string} */ preset) => build(app, program, { NITRO_PRESET: preset });

  test(`${name} for Node`, async (t) => {
    await buildFor("node-server");
    const server = start(nodeProgram(22), [`frameworks/${app}/.output/server/index.mjs`], {
      env: { ...env, HOST: "127.0.0.1", PORT: "0" },
    });
    t.after(server.stop);
    await assertAnswers(`${await server.says(/http:\/\/[\w.]+:\d+/)}${base}`);
  });

  test(`${name} for Cloudflare, with the module as a file`, async (t) => {
    await buildFor("cloudflare-module");
    const url = await startWorker(t, app, "wrangler.jsonc");
    await assertAnswers(`${url}${base}`);
  });

  test(`${name} for Vercel's edge builds, with the module as a file`, async () => {
    await buildFor("vercel-edge");
    const functions = join(apps, "frameworks", app, ".vercel/output/functions");
    const files = readdirSync(functions, { recursive: true, encoding: "utf8" });
    assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1, files.join("\n"));
  });
}

// @ts-check
// The packed package in frameworks: built with as little as their own guides tell, and answering.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, start, versionOf } from "./child.js";
import { startDeployed } from "./deployed.js";
import { EXPECTED, startServer } from "./server.js";

const SETTINGS = JSON.stringify(await startServer());
const MODULES = join(apps, "frameworks/node_modules");
// What builds does not see them: a route is imported there without its environment.
const env = { SETTINGS };

/** @type {(t: import("node:test").TestContext, app: string, config: string) => Promise<string>} */
const startWorker = (t, app, config) => startDeployed(t, `frameworks/${app}`, config, env);

/** @type {(app: string, ...command: string[]) => Promise<void>} */
async function build(app, program, ...args) {
  const { code, stdout, stderr } = await run(nodeProgram(22), [join(MODULES, program), ...args], {
    cwd: join("frameworks", app),
    env: { ASTRO_TELEMETRY_DISABLED: "1", NUXT_TELEMETRY_DISABLED: "1" },
    timeout: 300_000,
  });
  assert.equal(code, 0, stdout + stderr);
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

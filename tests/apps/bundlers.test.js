// @ts-check
// The packed package in the bundlers that people use, none of them told anything about it: built
// without a warning, and run.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { root } from "../../scripts/run.js";
import { startWorkerd } from "../../scripts/workerd/workerd.js";
import { run, start, versionOf } from "./child.js";
import { openPage, serve } from "./chromium.js";
import { EXPECTED, startServer } from "./server.js";

const settings = await startServer();
const SETTINGS = JSON.stringify(settings);
const ESBUILD = "node_modules/esbuild/bin/esbuild";

test(`esbuild ${versionOf("esbuild")} bundles for Node`, async () => {
  await quietly(
    ESBUILD,
    "node/main.js",
    "--bundle",
    "--format=esm",
    "--platform=node",
    "--outfile=out/esbuild-node/main.mjs",
    "--log-level=warning",
  );
  const { stdout, stderr } = await run(nodeProgram(20), ["out/esbuild-node/main.mjs"], {
    env: { SETTINGS },
  });
  assert.deepEqual({ said: JSON.parse(stdout), stderr }, { said: EXPECTED, stderr: "" });
});

test("esbuild bundles a Worker, told what docs/runtimes.md says", async (t) => {
  const page = readFileSync(join(root, "docs/runtimes.md"), "utf8").replaceAll(/\s+/g, " ");
  const [, told] =
    /`esbuild worker\.js (--bundle [^`]+)`/.exec(page) ?? assert.fail("the page does not say how");
  const flags = told
    .replaceAll("'", "")
    .replace("--outdir=out", "--outdir=out/esbuild-worker")
    .split(" ");
  await quietly(ESBUILD, "worker/worker.js", ...flags, "--log-level=warning");

  const [wasm, ...others] = readdirSync(join(apps, "out/esbuild-worker")).filter(
    (name) => name !== "worker.js",
  );
  assert.deepEqual(others, []);
  assert.match(wasm, /^edge_credentials_bg-\w+\.wasm$/);
  const path = (/** @type {string} */ name) => join(apps, "out/esbuild-worker", name);
  /** @type {import("../../scripts/workerd/workerd.js").WorkerModule[]} */
  const modules = [
    { name: "worker.js", type: "esModule", path: path("worker.js") },
    { name: wasm, type: "wasm", path: path(wasm) },
  ];
  const worker = await startWorkerd({ modules, bindings: { SETTINGS } });
  t.after(worker.stop);
  assert.deepEqual(await (await fetch(worker.url)).json(), EXPECTED);
});

test("esbuild bundles for browsers", async (t) => {
  await quietly(
    ESBUILD,
    "page/main.js",
    "--bundle",
    "--minify",
    "--outfile=out/esbuild-page/main.js",
    "--log-level=warning",
  );
  await check(t, "esbuild-page");
});

test(`Vite ${versionOf("vite")} builds`, async (t) => {
  const { stdout } = await quietly(
    "node_modules/vite/bin/vite.js",
    "build",
    "page",
    "--outDir",
    "../out/vite",
    "--emptyOutDir",
  );
  assert.doesNotMatch(stdout, /warn/i);
  const { result, messages } = await openPage(await serve(t, join(apps, "out/vite")), settings);
  assert.deepEqual({ result, messages }, { result: EXPECTED, messages: [] });
});

test(`Vite ${versionOf("vite")} serves in development`, async (t) => {
  const server = start(nodeProgram(20), [
    "node_modules/vite/bin/vite.js",
    "page",
    "--host=127.0.0.1",
    "--port=0",
  ]);
  t.after(server.stop);
  const url = await server.says(/http:\/\/127\.0\.0\.1:\d+\//);
  const { result, messages } = await openPage(url, settings);
  assert.deepEqual({ result, messages }, { result: EXPECTED, messages: [] });
  assert.equal(server.output.stderr, "");
  assert.doesNotMatch(server.output.stdout, /warn|error/i);
});

test(`webpack ${versionOf("webpack")} builds`, async (t) => {
  const webpack = createRequire(join(apps, "package.json"))("webpack");
  const output = { path: join(apps, "out/webpack"), filename: "main.js" };
  const options = { mode: "production", context: apps, entry: "./page/main.js", output };
  // Its advice on size counts bytes before compression; packaging/size.test.js has the budget.
  const compiler = webpack({ ...options, performance: { hints: false } });
  const stats = await promisify(compiler.run).call(compiler);
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual({ errors, warnings }, { errors: [], warnings: [] });
  await check(t, "webpack");
});

test(`Rollup ${versionOf("rollup")} with its plugin node-resolve builds`, async (t) => {
  const args = [
    "page/main.js",
    "--format=es",
    "--dir=out/rollup",
    "--plugin=@rollup/plugin-node-resolve",
    "--silent",
    "--failAfterWarnings",
  ];
  await quietly("node_modules/rollup/dist/bin/rollup", ...args);
  await check(t, "rollup");
});

/**
 * Runs a tool of Node's, which must have nothing to complain of.
 *
 * @param {string[]} command
 */
async function quietly(...command) {
  const outcome = await run(nodeProgram(20), command);
  const { code, stdout, stderr } = outcome;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, stdout);
  return outcome;
}

/** @type {(t: import("node:test").TestContext, name: string) => Promise<void>} */
async function check(t, name) {
  const folder = join(apps, "out", name);
  mkdirSync(folder, { recursive: true });
  cpSync(join(apps, "page/index.html"), join(folder, "index.html"));
  const { result, messages } = await openPage(await serve(t, folder), settings);
  assert.deepEqual({ result, messages }, { result: EXPECTED, messages: [] });
}

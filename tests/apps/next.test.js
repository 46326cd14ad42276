// @ts-check
// The packed package in Next, which mixes code for the edge and for Node: a route handler of each,
// and pages.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram, NODES } from "../../scripts/setup/nodes.js";
import { run, start, versionOf } from "./child.js";
import {
  assertAction,
  assertDynamic,
  assertFresh,
  assertRevalidated,
  startTokens,
} from "./next-pages.js";
import { EXPECTED, startServer } from "./server.js";

const NEXT = "node_modules/next/dist/bin/next";
const START = [NEXT, "start", "next", "--hostname=127.0.0.1", "--port=0"];
// Next says these of edge routes.
const OF_NEXT = [
  /The Edge Runtime is deprecated/,
  /Using edge runtime on a page currently disables static generation/,
  // And these of a middleware, as older versions call it.
  /The "middleware" file convention is deprecated/,
  /To migrate automatically, run:|middleware-to-proxy/,
];

const env = { SETTINGS: JSON.stringify(await startServer()) };
const tokens = await startTokens();
const pagesEnv = { SETTINGS: JSON.stringify(tokens.settings) };

test(`Next ${versionOf("next")} builds without a warning about the package`, async () => {
  const { code, stdout, stderr } = await run(nodeProgram(20), [NEXT, "build", "next"], {
    env: pagesEnv,
  });
  const lines = stderr.split("\n").filter(Boolean);
  const said = lines.filter((line) => !OF_NEXT.some((known) => known.test(line)));
  assert.deepEqual({ code, said }, { code: 0, said: [] }, stdout + stderr);
  assert.doesNotMatch(stdout, /warn/i);
});

test("its edge code has the module as a file", () => {
  const files = readdirSync(join(apps, "next/.next/server/edge"), {
    recursive: true,
    encoding: "utf8",
  });
  assert.equal(files.filter((name) => name.endsWith(".wasm")).length, 1, files.join("\n"));
});

test("its routes work, on the edge and in Node", async (t) => {
  const server = start(nodeProgram(20), START, { env });
  t.after(server.stop);
  const url = await server.says(/http:\/\/127\.0\.0\.1:\d+/);
  const get = async (/** @type {string} */ route) => (await fetch(`${url}/${route}`)).json();
  const [edge, node] = await Promise.all([get("edge"), get("node")]);
  assert.deepEqual(edge, { ...EXPECTED, runtime: "edge-runtime" }, server.output.stderr);
  assert.deepEqual(node, { ...EXPECTED, runtime: `v${NODES[20]}` }, server.output.stderr);
  assert.equal(server.output.stderr, "");
});

test("a page that shows a token is dynamic, and shows none of the build's", async (t) => {
  assertDynamic("next");
  const built = tokens.given();
  const server = start(nodeProgram(20), START, { env: tokens.env });
  t.after(server.stop);
  const url = await server.says(/http:\/\/127\.0\.0\.1:\d+/);
  await assertFresh(url, built);
  await assertRevalidated(url, tokens);
  await assertAction(url, built);
  assert.equal(server.output.stderr, "");
});

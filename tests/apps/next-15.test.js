// @ts-check
// The packed package in Next 15, which keeps no answer that it is not told to keep.
import assert from "node:assert/strict";
import test from "node:test";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, start, versionOf } from "./child.js";
import { assertAction, assertDynamic, assertFresh, startTokens } from "./next-pages.js";

const NEXT = "next-15/node_modules/next/dist/bin/next";

const tokens = await startTokens();
// It takes the lockfile of newer npms for incomplete, and says so.
const env = { SETTINGS: JSON.stringify(tokens.settings), NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };

const version = versionOf("next", "next-15");
test(`Next ${version} builds pages that ask for a token, and makes them dynamic`, async () => {
  const { code, stdout, stderr } = await run(nodeProgram(20), [NEXT, "build", "next-15"], { env });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, stdout);
  assertDynamic("next-15");
});

test("they show none of the build's", async (t) => {
  const built = tokens.given();
  const args = [NEXT, "start", "next-15", "--hostname=127.0.0.1", "--port=0"];
  const server = start(nodeProgram(20), args, { env: { ...env, ...tokens.env } });
  t.after(server.stop);
  const url = await server.says(/http:\/\/127\.0\.0\.1:\d+/);
  await assertFresh(url, built);
  await assertAction(url, built);
  assert.equal(server.output.stderr, "");
});

// @ts-check
// The packed package in an older Next, which has an app of its own.
import assert from "node:assert/strict";
import test from "node:test";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, start, versionOf } from "./child.js";
import {
  assertAction,
  assertDynamic,
  assertFresh,
  assertRevalidated,
  startTokens,
} from "./next-pages.js";

/** Next says it of each edge route. */
const OF_EDGE = /Using edge runtime on a page currently disables static generation/;

/** @param {string} app its folder, such as `next-14` */
export async function testNext(app) {
  const next = `${app}/node_modules/next/dist/bin/next`;
  const tokens = await startTokens();
  // It takes the lockfile of newer npms for incomplete, and says so.
  const env = { SETTINGS: JSON.stringify(tokens.settings), NEXT_IGNORE_INCORRECT_LOCKFILE: "1" };

  const version = versionOf("next", app);
  test(`Next ${version} builds pages that ask for a token, and makes them dynamic`, async () => {
    const { code, stdout, stderr } = await run(nodeProgram(20), [next, "build", app], { env });
    const said = stderr.split("\n").filter((line) => line && !OF_EDGE.test(line));
    assert.deepEqual({ code, said }, { code: 0, said: [] }, stdout);
    assertDynamic(app);
  });

  test("they show none of the build's", async (t) => {
    const built = tokens.given();
    const args = [next, "start", app, "--hostname=127.0.0.1", "--port=0"];
    const server = start(nodeProgram(20), args, { env: { ...env, ...tokens.env } });
    t.after(server.stop);
    const url = await server.says(/http:\/\/127\.0\.0\.1:\d+/);
    await assertFresh(url, built);
    await assertRevalidated(url, tokens);
    await assertAction(url, built);
    assert.equal(server.output.stderr, "");
  });
}

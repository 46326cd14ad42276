// @ts-check
// The packed package in Next 16 with `cacheComponents`: what awaits `connection()` is made for each
// request, as what asks by a plain `fetch` is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, start, versionOf } from "./child.js";
import { LIFETIME, numberOf, startTokens } from "./next-pages.js";

const NEXT = "node_modules/next/dist/bin/next";
const PAGES = ["connection", "plain"];

const tokens = await startTokens();

test(`Next ${versionOf("next")} builds with cacheComponents`, async () => {
  const args = [NEXT, "build", "next-cache"];
  const { code, stdout, stderr } = await run(nodeProgram(20), args, {
    env: { SETTINGS: JSON.stringify(tokens.settings) },
  });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /Cache Components enabled/);
  // Both wait in the same way: the build makes the page around the token, and asks for none.
  for (const page of PAGES) {
    const html = readFileSync(join(apps, `next-cache/.next/server/app/${page}.html`), "utf8");
    assert.match(html, /<i>waiting<\/i>/, page);
    assert.doesNotMatch(html, /token-\d/, page);
  }
});

test("each request shows a token that is good", async (t) => {
  const built = tokens.given();
  const args = [NEXT, "start", "next-cache", "--hostname=127.0.0.1", "--port=0"];
  const server = start(nodeProgram(20), args, { env: tokens.env });
  t.after(server.stop);
  const url = await server.says(/http:\/\/127\.0\.0\.1:\d+/);
  let last = built;
  for (let round = 0; round < 2; round += 1) {
    const numbers = await Promise.all([...PAGES, "route"].map((way) => numberOf(url, way)));
    assert.ok(
      numbers.every((number) => number > last),
      `tokens ${numbers}, and ${last} was given before`,
    );
    last = Math.max(...numbers);
    await wait(LIFETIME * 1_000);
  }
  assert.equal(server.output.stderr, "");
});

// @ts-check
// `npm test` itself: a part that fails is said, and ends it with 1.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { root } from "../../../scripts/run.js";
import { runWithin } from "../../../scripts/run-within.js";
import { ranTests } from "../../../scripts/test.js";

test("a part that fails", (t) => {
  const { status, stdout } = testWith(
    t,
    'if [ "$1" = test ]; then echo badly tested; exit 1; fi',
    "rust",
  );
  assert.match(stdout, /=== rust ===\nbadly tested\nerror: `cargo test --locked` ended with 1\n/);
  assert.match(stdout, /\nrust +[\d.]+ {2}failed\n0 parts passed, 1 parts failed\n$/);
  assert.equal(status, 1);
});

test("a part that passes", (t) => {
  const { status, stdout } = testWith(t, 'if [ "$1" = test ]; then exit 0; fi', "rust");
  assert.match(stdout, /\nrust +[\d.]+ {2}passed\n1 parts passed, 0 parts failed\n$/);
  assert.equal(status, 0);
});

test("a part that there is not", (t) => {
  const { status, stdout, stderr } = testWith(t, "", "nonsense");
  assert.match(
    stderr,
    /^error: there is no part `nonsense`, only build, format, .*, js, resets\n$/,
  );
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
});

test("a program that stands still is ended with what it started, deaf to signals as that is", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-checks-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const beats = join(folder, "beats");
  const deaf = `
    process.on("SIGTERM", () => {});
    setInterval(() => require("node:fs").appendFileSync(${JSON.stringify(beats)}, "."), 20);`;
  const parent = `
    require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf)}], {
      stdio: "inherit",
    });
    console.error("waiting");`;
  const { passed, output } = await runWithin(process.execPath, ["-e", parent], {
    env: process.env,
    limit: 3_000,
  });
  assert.equal(passed, false);
  assert.match(output, /^waiting\nerror: .* stood still: it was ended after 0.05 minutes\n$/s);
  const { size } = statSync(beats);
  assert.ok(size > 0);
  await wait(200);
  assert.equal(statSync(beats).size, size);
});

test("wasm-pack that ran no test is told from one that did", () => {
  assert.ok(ranTests("test result: ok. 12 passed; 0 failed; 0 ignored\n"));
  assert.ok(
    ranTests("test result: ok. 0 passed\n\ntest result: ok. 3 passed\n"),
    "one of several binaries",
  );
  for (const output of ["", "no tests to run!\n", "test result: ok. 0 passed; 0 failed\n"])
    assert.ok(!ranTests(output), output);
});

/**
 * @type {(
 *   t: import("node:test").TestContext,
 *   script: string,
 *   part: string,
 * ) => { status: number | null; stdout: string; stderr: string }}
 */
function testWith(t, script, part) {
  const bin = mkdtempSync(join(tmpdir(), "edge-credentials-checks-"));
  t.after(() => rmSync(bin, { recursive: true }));
  // Everything else goes on to the real cargo.
  writeFileSync(
    join(bin, "cargo"),
    `#!/bin/sh\n${script}\nPATH="\${PATH#*${delimiter}}" exec cargo "$@"\n`,
    { mode: 0o755 },
  );
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  return spawnSync(process.execPath, ["scripts/test.js", part], {
    cwd: root,
    env,
    encoding: "utf8",
  });
}

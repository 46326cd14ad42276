// @ts-check
// The blocks of docs/testing.md for node:test, run as they stand, as a user of Node runs them. Those
// for other runners run in tests/apps/testing-docs.test.js.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { execaNode } from "execa";
import { root } from "../../../scripts/run.js";
import { installPackage } from "../support/packed/installed-package.js";
import { blocksOf } from "../support/docs.js";

const { consumer, remove } = installPackage();
after(remove);
cpSync(join(root, "node_modules/hono"), join(consumer, "node_modules/hono"), { recursive: true });

const sections = blocksOf("docs/testing.md");

test("each section with code is run, here or in tests/apps, and each block names its file", () => {
  for (const { name, code } of [...sections.values()].flat()) assert.notEqual(name, "", code);
  assert.deepEqual(
    [...sections.keys()],
    [
      "The code under test",
      "node:test",
      "vitest",
      "jest",
      "Workers: vitest-pool-workers",
      "An API",
      "Stubs",
    ],
  );
});

for (const [title, count] of /** @type {const} */ ([
  ["node:test", 3],
  ["An API", 4],
  ["Stubs", 2],
])) {
  test(`${title}: ${count} tests pass`, async () => {
    const folder = join(consumer, title.replaceAll(/\W/g, "-"));
    mkdirSync(folder);
    const blocks = [...(sections.get("The code under test") ?? []), ...(sections.get(title) ?? [])];
    for (const { name, code } of blocks) writeFileSync(join(folder, name), code);

    const { name } = blocks[blocks.length - 1];
    const { all, exitCode } = await execaNode(name, {
      cwd: folder,
      nodeOptions: ["--no-warnings", "--test-reporter=tap"],
      env: { NODE_TEST_CONTEXT: undefined },
      all: true,
      reject: false,
    });
    assert.equal(exitCode, 0, all);
    assert.match(String(all), new RegExp(`^# pass ${count}$`, "m"));
    assert.match(String(all), /^# fail 0$/m);
  });
}

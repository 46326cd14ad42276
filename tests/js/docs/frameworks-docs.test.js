// @ts-check
// The blocks of docs/recipes/frameworks.md stand in the apps, which are built and asked.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

const page = readFileSync(join(root, "docs/recipes/frameworks.md"), "utf8");
const blocks = [...page.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info, code]) => ({
  file: /^js file=(\S+)$/.exec(info)?.[1] ?? "",
  code,
}));

test("each block names its app", () => {
  assert.ok(blocks.length >= 9, `${blocks.length}`);
  for (const { file, code } of blocks) assert.notEqual(file, "", code);
});

for (const { file, code } of blocks) {
  test(`what is shown of ${file} stands in it`, () => {
    assert.ok(readFileSync(join(root, "tests/apps", file), "utf8").includes(code), code);
  });
}

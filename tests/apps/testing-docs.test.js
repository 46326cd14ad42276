// @ts-check
// The blocks of docs/testing.md for vitest, jest and vitest's plugin for Workers, with the packed
// package. tests/js/docs/testing-docs.test.js runs those for node:test.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { transform } from "esbuild";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { blocksOf } from "../js/support/docs.js";
import { run, versionOf } from "./child.js";

const sections = blocksOf("docs/testing.md");
const CODE = sections.get("The code under test") ?? [];

/** @type {(app: string, files: { name: string; code: string }[]) => void} */
function lay(app, files) {
  mkdirSync(join(apps, app), { recursive: true });
  for (const { name, code } of files) writeFileSync(join(apps, app, name), code);
}

test(`vitest ${versionOf("vitest")}`, async () => {
  lay("testing-vitest", [...CODE, ...(sections.get("vitest") ?? [])]);
  const args = ["node_modules/vitest/vitest.mjs", "run", "--root=testing-vitest"];
  const { code, stdout, stderr } = await run(nodeProgram(22), args);
  assert.match(stdout, /Tests +3 passed \(3\)/, stdout + stderr);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test(`jest ${versionOf("jest")} with its default CommonJS`, async () => {
  // As the transpilers do that people use with jest.
  const files = CODE.map(async ({ name, code }) => ({
    name,
    code: (await transform(code, { format: "cjs" })).code,
  }));
  lay("testing-jest", [
    ...(await Promise.all(files)),
    ...(sections.get("jest") ?? []),
    { name: "package.json", code: JSON.stringify({ private: true, type: "commonjs" }) },
  ]);
  const args = ["node_modules/jest/bin/jest.js", "--rootDir=testing-jest"];
  const { code, stdout, stderr } = await run(nodeProgram(20), args);
  assert.match(stderr, /Tests: +3 passed, 3 total/, stdout + stderr);
  assert.doesNotMatch(stderr, /warn/i);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
});

const plugin = versionOf("@cloudflare/vitest-plugin", "vitest-plugin");
test(`@cloudflare/vitest-plugin ${plugin}, which was vitest-pool-workers`, async () => {
  lay("vitest-plugin", sections.get("Workers: vitest-pool-workers") ?? []);
  const args = ["node_modules/vitest/vitest.mjs", "run"];
  const { code, stdout, stderr } = await run(nodeProgram(22), args, { cwd: "vitest-plugin" });
  assert.match(stdout, /Tests +2 passed \(2\)/, stdout + stderr);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

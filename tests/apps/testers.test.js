// @ts-check
// The packed package in the test runners of users, as they come.
import assert from "node:assert/strict";
import test from "node:test";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, versionOf } from "./child.js";
import { startServer } from "./server.js";

const env = { SETTINGS: JSON.stringify(await startServer()) };

test(`vitest ${versionOf("vitest")}`, async () => {
  const { code, stdout, stderr } = await run(
    nodeProgram(22),
    ["node_modules/vitest/vitest.mjs", "run", "--root=vitest"],
    { env },
  );
  assert.match(stdout, /Tests +1 passed \(1\)/, stdout + stderr);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test(`jest ${versionOf("jest")} with its default CommonJS`, async () => {
  const { code, stdout, stderr } = await run(
    nodeProgram(20),
    ["node_modules/jest/bin/jest.js", "--rootDir=jest"],
    { env },
  );
  assert.match(stderr, /Tests: +4 passed, 4 total/, stdout + stderr);
  assert.doesNotMatch(stderr, /warn/i);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
});

test(`jest with jsdom ${versionOf("jest-environment-jsdom")}, which has no TextEncoder`, async () => {
  const args = ["node_modules/jest/bin/jest.js", "--rootDir=jest-jsdom", "--env=jsdom"];
  const { code, stdout, stderr } = await run(nodeProgram(20), args, { env });
  assert.match(stderr, /Tests: +2 passed, 2 total/, stdout + stderr);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
});

// @ts-check
// The budget of a Worker, in brotli, as content networks deliver it. A budget, not a ratchet: no
// code is made worse for bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";
import { measure } from "../../../scripts/build/sizes.js";

const WORKER_BUDGET = 80_000;

test("the README names the budget", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  assert.match(readme, new RegExp(`at most ${WORKER_BUDGET / 1000} kB`));
});

test("a Worker with a source and a verifier stays within the budget", async () => {
  const { workerd } = await measure();
  assert.ok(
    workerd.brotli <= WORKER_BUDGET,
    `${workerd.brotli} bytes, ${workerd.brotli - WORKER_BUDGET} more than the budget`,
  );
});

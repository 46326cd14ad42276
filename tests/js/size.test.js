// @ts-check
// Ceilings, a little above what was measured: growth has to be meant. Brotli, as content networks deliver it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../scripts/run.js";
import { measure } from "../../scripts/sizes.js";

const WASM_CEILING = 40_000;
const WORKER_CEILING = 59_000;
const INLINE_CEILING = 69_900;

test("the README names these ceilings", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const ceiling of [WASM_CEILING, WORKER_CEILING, INLINE_CEILING]) assert.match(readme, new RegExp(`at most ${ceiling / 1000} kB`));
});

test("the package is no larger than promised", async () => {
  const { wasm, workerd, inline } = await measure();
  for (const [name, { brotli }, ceiling] of /** @type {const} */ ([
    ["the WebAssembly module", wasm, WASM_CEILING],
    ["the package in a Worker", workerd, WORKER_CEILING],
    ["the inline form", inline, INLINE_CEILING],
  ])) {
    assert.ok(brotli <= ceiling, `${name} takes ${brotli} bytes, ${brotli - ceiling} more than its ceiling`);
  }
});

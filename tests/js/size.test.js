// @ts-check
// Ceilings, about 2 % above what was measured: growth has to be meant. Brotli, as content networks deliver it.
import assert from "node:assert/strict";
import test from "node:test";
import { measure } from "../../scripts/sizes.js";

const WASM_CEILING = 36_300;
const WORKER_CEILING = 41_500;
const INLINE_CEILING = 53_400;

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

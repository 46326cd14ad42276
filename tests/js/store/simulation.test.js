// @ts-check
// Ten thousand isolates in simulated time (bench/fleet): what a store and a broker are for.
import assert from "node:assert/strict";
import test from "node:test";
import { POLICY, simulate } from "../../../bench/fleet/simulation.js";

const HOUR = 3_600_000;
const plan = { propagation: 60_000, rollovers: 20, seed: 1 };
/** @type {(counts: number[]) => number} */
const mean = (counts) => counts.reduce((sum, count) => sum + count, 0) / counts.length;

for (const hours of [1, 2, 12, 24]) {
  test(`with a store, 10,000 isolates make at most 3 requests for a token of ${hours} h`, () => {
    for (const isolates of [100, 1_000, 10_000]) {
      const way = /** @type {const} */ ({ policy: POLICY.exponential, sharing: "store" });
      const counts = simulate({ ...plan, ...way, isolates, lifetime: hours * HOUR });
      assert.equal(counts.length, 20);
      assert.ok(mean(counts) >= 1 && mean(counts) <= 3, `${mean(counts)} for ${isolates}`);
    }
  });
}

test("the lead of a single isolate would be hundreds of requests, and no store as many as isolates", () => {
  const fleet = { ...plan, isolates: 1_000, lifetime: HOUR, policy: POLICY.uniform };
  assert.ok(mean(simulate({ ...fleet, sharing: "store" })) > 100);
  assert.deepEqual(new Set(simulate({ ...fleet, sharing: "none" })), new Set([1_000]));
  assert.deepEqual(new Set(simulate({ ...fleet, sharing: "broker" })), new Set([1]));
});

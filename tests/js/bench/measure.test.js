// @ts-check
// What the cases are timed with.
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { ratioTarget } from "../../../bench/report/report.js";
import { callsOf, interleave } from "../../../bench/support/measure.js";

// The cases make their tokens beforehand, and compare counts with the plan.
test("each path makes as many calls as the plan says, and its time is per call", async () => {
  const plan = { rounds: 3, warmUp: 2, calls: 4 };
  const made = { short: 0, long: 0 };
  const times = await interleave(
    {
      short: (calls) => {
        made.short += calls;
      },
      long: async (calls) => {
        made.long += calls;
        await wait(calls * 5);
      },
    },
    plan,
  );

  assert.deepEqual(made, { short: callsOf(plan), long: callsOf(plan) });
  for (const values of Object.values(times)) assert.equal(values.length, plan.rounds);
  // Node's timers may fire 1 ms early.
  for (const value of times.long) assert.ok(value >= 4.5e6, `${value} ns`);
});

// Else a machine that is busy for a while would slow one path alone.
test("paths take turns, and each round begins with another one", async () => {
  /** @type {string[]} */
  const turns = [];
  const note = (/** @type {string} */ name) => () => turns.push(name);
  const paths = { a: note("a"), b: note("b"), c: note("c") };
  await interleave(paths, { rounds: 3, warmUp: 0, calls: 2 });
  assert.equal(turns.join(""), "abcbcacab");
});

// The targets are read from this table: a median on the line is met, one above it is not.
test("a target shows the ratio with its quartiles, and is met by the median", () => {
  const met = ratioTarget("ours over theirs", { median: 0.9, low: 0.85, high: 1.2 }, 0.9);
  assert.deepEqual(met, {
    what: "ours over theirs",
    measured: "0.900 (0.850 to 1.20)",
    target: "≤ 0.9",
    met: true,
  });
  assert.equal(ratioTarget("", { median: 0.901, low: 0.85, high: 1.2 }, 0.9).met, false);
});

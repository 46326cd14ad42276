// @ts-check
// The cases of `npm run bench` work: each checks for itself that everybody in it does the same
// work. What tests assert of what is measured are counts, never times.
import assert from "node:assert/strict";
import test from "node:test";
import { CASES, runCase } from "../../../bench/index.js";
import { sectionText } from "../../../bench/report/report.js";

const QUICK = { isQuick: true, isRelease: false };

for (const name of CASES.filter((name) => name !== "requests")) {
  test(`the case \`${name}\``, async () => {
    const section = await runCase(name, QUICK);
    const rows = section.tables.flatMap(({ rows }) => rows);
    // The crate's benches are only looked at, which takes no minutes.
    assert.ok(section.title && section.about && (rows.length > 0 || name === "rust"));
    const text = sectionText(section);
    for (const row of rows) assert.ok(text.includes(row[0]), `${row[0]} is not in the table`);
    for (const { what } of section.targets ?? []) assert.ok(text.includes(what), what);
    assert.doesNotMatch(text, /NaN|undefined|Infinity/);
  });
}

test("the case `requests`: one for each rollover and isolate, however many ask", async () => {
  const { data } = await runCase("requests", QUICK);
  const { ours } = /** @type {{ counts: Record<string, number[][]> }} */ (data).counts;
  assert.ok(ours.length > 0 && ours.every((isolate) => isolate.length > 1));
  assert.deepEqual(new Set(ours.flat()), new Set([1]));
});

test("the case `size`: everything in a Worker keeps to its budget", async () => {
  const { targets = [] } = await runCase("size", QUICK);
  assert.ok(targets.length > 0);
  for (const { what, measured, met } of targets) assert.ok(met, `${what}: ${measured}`);
});

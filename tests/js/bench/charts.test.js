// @ts-check
// The charts of the benchmarks: the numbers they are given and no others, for eyes and ears, in
// light and dark.
import assert from "node:assert/strict";
import test from "node:test";
import { chartOf } from "../../../bench/report/charts.js";

const STALLED = [2, 3, 200, 175, 4];
const LOAD = {
  perSecond: 500,
  lifetime: 4,
  delay: 200,
  seconds: 0.125,
  bin: 25,
  contenders: [
    {
      name: "edge-credentials",
      isOurs: true,
      across: 3.21,
      without: 3.19,
      renewedAt: [0.05],
      slowest: [2, 3, 2, 3, 2],
    },
    {
      name: "@example/client <1>",
      isOurs: false,
      across: 201.4,
      without: 3.3,
      renewedAt: [0.1, 0.12],
      slowest: STALLED,
    },
  ],
};
const SIZE = {
  sizes: [
    { name: "edge-credentials: `tokenSource`", brotli: 51_000, isOurs: true },
    { name: "a & b", brotli: 4_550, isOurs: false },
  ],
};

test("the same numbers make the same picture, without scripts or anything from elsewhere", () => {
  const charts = [
    { name: "load", data: LOAD, file: "latency.svg" },
    { name: "size", data: SIZE, file: "size.svg" },
  ];
  for (const { name, data, file } of charts) {
    const chart = drawn(name, data);
    assert.equal(chart.file, file);
    assert.deepEqual(drawn(name, structuredClone(data)), chart);
    assert.doesNotMatch(chart.svg, /<script|href|url\(|@import|NaN|undefined/);
    assert.match(chart.svg, /role="img" aria-labelledby="title description"/);
    assert.match(
      chart.svg,
      /<title id="title">[^<]+<\/title>\n<desc id="description">[^<]+<\/desc>/,
    );
    assert.match(chart.svg, /@media \(prefers-color-scheme: dark\)/);
  }
  assert.equal(chartOf("cached", {}), undefined);
});

test("latency: names and numbers, new tokens marked, a stall as high as it was", () => {
  const { svg } = drawn("load", LOAD);
  for (const text of [
    ">edge-credentials<",
    ">@example/client &lt;1&gt;<",
    "p99.9 is 3.21 ms across rollovers, 3.19 ms without",
    "p99.9 is 201 ms across rollovers, 3.30 ms without",
  ])
    assert.ok(svg.includes(text), text);
  assert.equal(svg.match(/l4 7h-8Z/g)?.length, 3);

  const [flat, stalled] = heightsOf(svg);
  assert.equal(stalled.length, STALLED.length);
  const perMillisecond = Math.max(...stalled) / Math.max(...STALLED);
  for (const [i, height] of stalled.entries()) {
    const millis = STALLED[i];
    assert.ok(Math.abs(height - millis * perMillisecond) <= 0.2, `${height} for ${millis} ms`);
  }
  for (const [i, height] of flat.entries()) {
    const millis = LOAD.contenders[0].slowest[i];
    assert.ok(Math.abs(height - millis * perMillisecond) <= 0.2, "another scale");
  }
});

test("size: the smallest first, bars as long as their numbers say", () => {
  const { svg } = drawn("size", SIZE);
  const found = svg.matchAll(/<rect class="(ours|theirs)".* width="([\d.]+)"/g);
  const bars = Array.from(found, ([, whose, width]) => ({ whose, width: Number(width) }));
  assert.deepEqual(
    bars.map(({ whose }) => whose),
    ["theirs", "ours"],
  );
  const [theirs, ours] = bars;
  assert.ok(Math.abs(theirs.width / ours.width - 4_550 / 51_000) < 0.001);
  for (const text of [">a &amp; b<", ">edge-credentials: tokenSource<", ">4.5 kB<", ">51.0 kB<"])
    assert.ok(svg.includes(text), text);
});

/**
 * How high the steps of each contender are.
 *
 * @param {string} svg
 */
function heightsOf(svg) {
  const paths = svg.matchAll(
    /<path class="(?:ours|theirs)" d="M[\d.]+ ([\d.]+)((?:V[\d.]+H[\d.]+)+)V/g,
  );
  return Array.from(paths, ([, base, steps]) =>
    Array.from(steps.matchAll(/V([\d.]+)/g), ([, y]) => Number(base) - Number(y)),
  );
}

/** @type {(name: string, data: unknown) => { file: string; svg: string }} */
function drawn(name, data) {
  const chart = chartOf(name, data);
  assert.ok(chart);
  return chart;
}

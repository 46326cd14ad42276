// @ts-check
// Draws what cases have found, for the README: only numbers that were measured, the same picture
// for the same numbers.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/run.js";
import { latencyChart } from "./latency-chart.js";
import { sizeChart } from "./size-chart.js";

/** By case: its chart's file in bench/charts, and who draws it. */
const CHARTS = {
  load: { file: "latency.svg", draw: latencyChart },
  size: { file: "size.svg", draw: sizeChart },
};

/** @typedef {keyof typeof CHARTS} Charted */

/**
 * @param {string} name of a case
 * @param {import("./report.js").Section["data"]} data its own
 * @returns {{ file: string; svg: string } | undefined} none where a case has no chart
 */
export function chartOf(name, data) {
  if (!(name in CHARTS)) return undefined;
  const { file, draw } = CHARTS[/** @type {Charted} */ (name)];
  return { file, svg: draw(/** @type {any} */ (data)) };
}

/**
 * @param {Record<string, unknown>} data by case
 * @returns {string[]} the files that were written
 */
export function writeCharts(data) {
  const folder = join(root, "bench/charts");
  mkdirSync(folder, { recursive: true });
  return Object.entries(data).flatMap(([name, own]) => {
    const chart = chartOf(name, own);
    if (!chart) return [];
    writeFileSync(join(folder, chart.file), chart.svg);
    return [`bench/charts/${chart.file}`];
  });
}

// @ts-check
// What a case has found, as Markdown: what is printed is what RESULTS.md holds.
import { ratios, spread } from "../support/measure.js";

/**
 * @typedef {{ head: string[]; rows: string[][] }} Table the first column is left aligned, the
 *   others right
 */
/** @typedef {{ what: string; measured: string; target: string; met: boolean }} Target */
/**
 * What one case has found.
 *
 * @typedef {object} Section
 * @property {string} title
 * @property {string} about what was measured and how, in a sentence or two
 * @property {Table[]} tables
 * @property {Target[]} [targets]
 * @property {string} [note] how to read the numbers
 * @property {unknown} [data] for the charts
 */

/**
 * @typedef {{ isQuick: boolean; isRelease?: boolean }} Options `isQuick`: only whether it works;
 *   the numbers are worth nothing
 */
/** @typedef {{ name: string; run: (options: Options) => Promise<Section> }} Case */

/** @param {Section} section */
export function sectionText({ title, about, tables, targets = [], note }) {
  const parts = [
    `## ${title}`,
    about,
    ...tables.map(tableText),
    targets.length > 0 ? tableText(targetTable(targets)) : "",
    note ?? "",
  ];
  return parts.filter(Boolean).join("\n\n");
}

/** @param {Table} table */
export function tableText({ head, rows }) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
  const [first, ...others] = widths;
  const rules = ["-".repeat(first + 2), ...others.map((width) => `${"-".repeat(width + 1)}:`)];
  const line = (/** @type {string[]} */ [name, ...values]) => {
    const cells = [name.padEnd(first), ...values.map((value, i) => value.padStart(others[i]))];
    return `| ${cells.join(" | ")} |`;
  };
  return [line(head), `|${rules.join("|")}|`, ...rows.map(line)].join("\n");
}

/**
 * @param {Target[]} targets
 * @returns {Table}
 */
export function targetTable(targets) {
  const rows = targets.map(({ what, measured, target, met }) => [
    what,
    measured,
    target,
    met ? "met" : "**missed**",
  ]);
  return { head: ["target", "measured", "wanted", ""], rows };
}

/**
 * What is wanted of a ratio: its median counts.
 *
 * @type {(
 *   what: string,
 *   ratio: import("../support/measure.js").Spread,
 *   most: number,
 * ) => Target}
 */
export function ratioTarget(what, ratio, most) {
  return {
    what,
    measured: spreadText(ratio),
    target: `≤ ${most}`,
    met: ratio.median <= most,
  };
}

/** @param {import("../support/measure.js").Spread} spread */
function spreadText({ median, low, high }) {
  return `${digits(median)} (${digits(low)} to ${digits(high)})`;
}

/**
 * A table of times: each path with its median and the range of the middle half of the rounds, and
 * what it takes in relation to others.
 *
 * @param {Record<string, number[]>} times ns per call, by round
 * @param {{
 *   names: Record<string, string>;
 *   unit?: "ns" | "us" | "ms";
 *   over?: Record<string, string>;
 * }} options
 *   `names`: what paths are called in the table, in its order; `over`: by the heading of a column,
 *   the path that others are divided by there, round by round
 * @returns {Table}
 */
export function timesTable(times, { names, unit = "us", over = {} }) {
  const scale = { ns: 1, us: 1e3, ms: 1e6 }[unit];
  const time = (/** @type {number} */ ns) => digits(ns / scale);
  const rows = Object.entries(names).map(([path, name]) => {
    const { median, low, high } = spread(times[path]);
    const relative = Object.values(over).map((other) =>
      digits(ratios(times[path], times[other]).median),
    );
    return [name, time(median), `${time(low)} to ${time(high)}`, ...relative];
  });
  return { head: ["", `${unit}, median`, "middle half", ...Object.keys(over)], rows };
}

/**
 * Three digits that count.
 *
 * @param {number} value
 */
export function digits(value) {
  if (value === 0) return "0";
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(places, 3));
}

/** @param {number} bytes */
export function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

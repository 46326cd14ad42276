// @ts-check
// What requests wait for while one token follows another: a panel for each contender, all with the
// same scales.
import { digits } from "./report.js";
import { EDGE, line, short, stepOf, svg, text, WIDTH } from "./svg.js";

const LEFT = EDGE + 46;
const RIGHT = WIDTH - EDGE;
const TOP = 82;
const PANEL = 84;
const BETWEEN = 50;
const BOTTOM = 56;
/** How far below its panel a new token is marked. */
const MARK = 4;

/**
 * `across` and `without` rollovers: p99.9, ms; `renewedAt`: when another token came, s; `slowest`:
 * the slowest request of each bin, ms.
 *
 * @typedef {{
 *   name: string;
 *   isOurs: boolean;
 *   across: number;
 *   without: number;
 *   renewedAt: number[];
 *   slowest: number[];
 * }} LatencyLine
 */
/**
 * @typedef {{
 *   perSecond: number;
 *   lifetime: number;
 *   delay: number;
 *   seconds: number;
 *   bin: number;
 *   contenders: LatencyLine[];
 * }} Latency
 *   `bin` and `delay`: ms; the others s
 */

/** @param {Latency} latency */
export function latencyChart({ perSecond, lifetime, delay, seconds, bin, contenders }) {
  const slowest = Math.max(...contenders.flatMap(({ slowest }) => slowest));
  const step = stepOf(slowest, 4);
  const most = Math.ceil(slowest / step) * step;
  const x = (/** @type {number} */ second) => LEFT + ((RIGHT - LEFT) * second) / seconds;
  const height = TOP + contenders.length * (PANEL + BETWEEN) + BOTTOM - BETWEEN + 22;

  const panels = contenders.flatMap((contender, i) => {
    const base = TOP + 22 + i * (PANEL + BETWEEN) + PANEL;
    const y = (/** @type {number} */ millis) => base - (PANEL * millis) / most;
    return [
      ...scale(y, most, step),
      area(contender, x, y, bin),
      line("axis", LEFT, base, RIGHT, base),
      ...head(contender, base - PANEL - 12),
      ...marks(contender, x, base),
    ];
  });
  const foot = TOP + 22 + contenders.length * (PANEL + BETWEEN) - BETWEEN + 24;
  const each = stepOf(seconds, 5);
  const times = Array.from({ length: Math.floor(seconds / each) + 1 }, (_, i) =>
    text(`${i * each} s`, x(i * each), foot, classesOfTime(i * each, seconds)),
  );
  const legend = text(
    `▲ a new token has come. The slowest request of each ${bin} ms; p99.9 is of all slices.`,
    LEFT,
    foot + 24,
    "small quiet",
  );
  const spoken = contenders.map(
    ({ name, across, without }) =>
      `${name}: ${digits(across)} ms across rollovers, ${digits(without)} ms without`,
  );

  const frame = {
    title: "What requests wait for while one token follows another",
    subtitle:
      `${perSecond} a second to a Worker in workerd; ` +
      `tokens are good for ${lifetime} s, and the token endpoint takes ${delay} ms`,
    description:
      `Latency over ${seconds} seconds, a panel for each contender. ` +
      `The 99.9th percentile of ${spoken.join("; ")}.`,
    height,
  };
  return svg(frame, [...panels, ...times, legend]);
}

/** @type {(second: number, last: number) => string} */
function classesOfTime(second, last) {
  if (second === last) return "small quiet end";
  return second === 0 ? "small quiet" : "small quiet middle";
}

/** @type {(y: (millis: number) => number, most: number, step: number) => string[]} */
function scale(y, most, step) {
  const values = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step);
  return values.flatMap((value) => [
    ...(value ? [line("grid", LEFT, y(value), RIGHT, y(value))] : []),
    text(value === most ? `${value} ms` : String(value), LEFT - 8, y(value) + 4, "small quiet end"),
  ]);
}

/**
 * @type {(
 *   contender: LatencyLine,
 *   x: (second: number) => number,
 *   y: (millis: number) => number,
 *   bin: number,
 * ) => string}
 */
function area({ slowest, isOurs }, x, y, bin) {
  const at = (/** @type {number} */ i) => x((i * bin) / 1000);
  const bottom = short(y(0));
  const steps = slowest.map((millis, i) => `V${short(y(millis))}H${short(at(i + 1))}`);
  const path = `M${short(x(0))} ${bottom}${steps.join("")}V${bottom}Z`;
  return `<path class="${isOurs ? "ours" : "theirs"}" d="${path}"/>`;
}

/** @type {(contender: LatencyLine, y: number) => string[]} */
function head({ name, isOurs, across, without }, y) {
  const tails = `p99.9 is ${digits(across)} ms across rollovers, ${digits(without)} ms without`;
  return [text(name, LEFT, y, isOurs ? "name ours" : "name"), text(tails, RIGHT, y, "end")];
}

/** @type {(contender: LatencyLine, x: (second: number) => number, base: number) => string[]} */
function marks({ renewedAt, isOurs }, x, base) {
  return renewedAt.map((second) => {
    const path = `M${short(x(second))} ${base + MARK}l4 7h-8Z`;
    return `<path class="${isOurs ? "ours" : "theirs"}" stroke-width="0" d="${path}"/>`;
  });
}

// @ts-check
// What the slowest requests say, and how far that can be trusted.
import { quantile } from "../support/measure.js";

export const TAIL = 0.999;

/**
 * @param {Float64Array[]} parts of one run
 * @returns {number[]} sorted
 */
export function sorted(parts) {
  return parts.flatMap((part) => Array.from(part)).sort((a, b) => a - b);
}

/**
 * How much two runs of the same differ in their tails: one run's parts are put into two halves, in
 * every way there is, and the widest ratio counts.
 *
 * @param {Float64Array[]} parts an even number
 */
export function noiseOf(parts) {
  const ratios = halvings(parts.length).map((isFirst) => {
    const one = quantile(sorted(parts.filter((_, i) => isFirst[i])), TAIL);
    const other = quantile(sorted(parts.filter((_, i) => !isFirst[i])), TAIL);
    return Math.max(one / other, other / one);
  });
  return Math.max(...ratios);
}

/**
 * Which parts are in the first half.
 *
 * @type {(count: number) => boolean[][]}
 */
function halvings(count) {
  const all = Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (_, i) => Boolean((bits >> i) & 1)),
  );
  return all.filter((isFirst) => isFirst[0] && isFirst.filter(Boolean).length * 2 === count);
}

/**
 * In as many parts as there are, one after the other.
 *
 * @type {(values: Float64Array, count: number) => Float64Array[]}
 */
export function partsOf(values, count) {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) =>
    values.subarray(Math.round(i * length), Math.round((i + 1) * length)),
  );
}

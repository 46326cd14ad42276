// @ts-check
// Times things side by side: in rounds that are interleaved, so that whatever else the machine does
// falls on all alike. Libraries run one path after the other. Their overhead is as large as a kept
// token's cost, and draws its ratios towards 1: tinybench reads the clock for each call, and mitata
// makes a new loop for each batch.

/**
 * Makes so many calls, in a loop of its own: calls made through one shared loop would not be
 * compiled for what they call.
 *
 * @typedef {(calls: number) => unknown} Path
 */

/**
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {number} warmUp rounds before them, which do not count
 * @property {number} calls in each round
 */

/**
 * @template {string} N
 * @param {Record<N, Path>} paths by name
 * @param {Plan} plan
 * @returns {Promise<Record<N, number[]>>} ns per call, by round
 */
export async function interleave(paths, { rounds, warmUp, calls }) {
  const names = /** @type {N[]} */ (Object.keys(paths));
  const times = /** @type {Record<N, number[]>} */ ({});
  for (const name of names) times[name] = [];

  for (let round = -warmUp; round < rounds; round++) {
    // Each round starts with another path, so that none always follows the same one.
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + warmUp + i) % names.length];
      const started = process.hrtime.bigint();
      await paths[name](calls);
      const time = Number(process.hrtime.bigint() - started) / calls;
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}

/**
 * How often each path is called by a plan.
 *
 * @param {Plan} plan
 */
export function callsOf({ rounds, warmUp, calls }) {
  return (rounds + warmUp) * calls;
}

/**
 * @typedef {{ median: number; low: number; high: number }} Spread `low` and `high`: the quartiles,
 *   between which half of the rounds are
 */

/**
 * @param {number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
  };
}

/**
 * The value below which that share of the others is.
 *
 * @type {(sorted: number[], share: number) => number}
 */
export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * By round, which both were in.
 *
 * @type {(ours: number[], theirs: number[]) => Spread}
 */
export function ratios(ours, theirs) {
  return spread(ours.map((time, round) => time / theirs[round]));
}

/**
 * By round: without what both have to do.
 *
 * @type {(all: number[], floor: number[]) => number[]}
 */
export function minus(all, floor) {
  return all.map((time, round) => time - floor[round]);
}

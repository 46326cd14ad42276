// @ts-check
// Numbers that are random in a known way: the same start gives the same run.

/** Where the runs start. Another number gives another run. */
export const START = Number(process.env.FUZZ_START ?? 20_261_129);

/** @param {number} start */
export function randomFrom(start) {
  let state = (Math.abs(Math.trunc(start)) % 2_147_483_646) + 1;
  const below = (/** @type {number} */ end) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % end;
  };
  return {
    below,
    /** @type {<T>(list: readonly T[]) => T} */
    of: (list) => list[below(list.length)],
    /** Whether one in `n` comes up. @param {number} n */
    oneIn: (n) => below(n) === 0,
    /** @param {number} length */
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

/** How long a fuzz runs, ms. @param {number} seconds by default */
export function fuzzTime(seconds) {
  return Number(process.env.FUZZ_SECONDS ?? seconds) * 1000;
}

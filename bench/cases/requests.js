// @ts-check
// How many requests reach the provider: isolates x rollovers x callers.
import { setTimeout as wait } from "node:timers/promises";
import { Stop } from "../../scripts/run.js";
import { CONTENDERS, withIsolates } from "../load/contenders.js";
import { digits } from "../report/report.js";

const PATH = "/short";
/**
 * The share of a token's lifetime after which its callers may see the next one: a round that takes
 * so long cannot be counted.
 */
const LONGEST = 0.75;
/** How much longer than its lifetime a token is waited for to end, ms. */
const SLACK = 200;
const NAMES = /** @type {Contender[]} */ (Object.keys(CONTENDERS));

/** @typedef {import("../load/contenders.js").Contender} Contender */
/**
 * @typedef {{
 *   isolates: number;
 *   rollovers: number;
 *   callers: number;
 *   lifetime: number;
 *   delay: number;
 * }} Scale
 *   `lifetime`: of a token, s; `delay`: of the token endpoint, ms
 */
/**
 * @typedef {Record<Contender, number[][]>} Counts what reached the provider, by isolate and
 *   rollover
 */

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const scale = isQuick
    ? { isolates: 1, rollovers: 2, callers: 10, lifetime: 2, delay: 50 }
    : { isolates: 3, rollovers: 5, callers: 100, lifetime: 4, delay: 200 };
  const { isolates, rollovers, callers, lifetime, delay } = scale;
  const counts = await count(scale);
  const ours = counts.ours.flat();
  return {
    title: "Requests that reach the provider",
    about:
      `Isolates: ${isolates}, each a workerd of its own. Rollovers: ${rollovers}, each time ` +
      `after the token has ended (at first there is none). Callers: ${callers} at once in each ` +
      `isolate, which makes\n${isolates * rollovers * callers} calls. Tokens are good for ` +
      `${lifetime} s, and the endpoint takes ${delay} ms. ` +
      "Every caller was seen to get a token that the endpoint gave out.",
    tables: [
      {
        head: ["", "requests", "per rollover and isolate"],
        rows: NAMES.map((name) => [
          CONTENDERS[name],
          String(sum(counts[name].flat())),
          digits(sum(counts[name].flat()) / isolates / rollovers),
        ]),
      },
    ],
    targets: [
      {
        what: "token requests for each rollover and isolate",
        measured: `${Math.min(...ours)} to ${Math.max(...ours)}`,
        target: "1",
        met: ours.every((asked) => asked === 1),
      },
    ],
    note:
      "Whoever shares one request among all who wait asks once. " +
      "What tells these caches apart is when they ask, and who waits meanwhile: see the load.",
    data: { ...scale, counts },
  };
}

/**
 * @param {Scale} scale
 * @returns {Promise<Counts>}
 */
async function count({ isolates, rollovers, callers, lifetime, delay }) {
  const lifetimes = { [PATH]: lifetime };
  return withIsolates({ names: NAMES, isolates, lifetimes, delay }, async (all) => {
    const counts = /** @type {Counts} */ ({});
    for (const name of NAMES) counts[name] = all[name].map(() => []);

    for (let rollover = 0; rollover < rollovers; rollover++) {
      if (rollover > 0) await wait(lifetime * 1000 + SLACK);
      for (const name of NAMES) {
        const startedAt = performance.now();
        const asked = await Promise.all(all[name].map((isolate) => herd(isolate, callers)));
        const millis = performance.now() - startedAt;

        if (millis > lifetime * 1000 * LONGEST)
          throw new Stop(
            `${callers} callers of ${name} took ${Math.round(millis)} ms, and another rollover ` +
              "may have come meanwhile: this machine is too busy to count",
          );
        for (const [i, times] of asked.entries()) counts[name][i].push(times);
      }
    }
    return counts;
  });
}

/**
 * How often the endpoint was asked for so many callers.
 *
 * @type {(
 *   isolate: import("../load/contenders.js").Isolate,
 *   callers: number,
 * ) => Promise<number>}
 */
async function herd({ provider, connections, check }, callers) {
  const before = provider.asked[PATH];
  const answers = await Promise.all(Array.from({ length: callers }, () => connections.ask(PATH)));
  answers.forEach(check);
  return provider.asked[PATH] - before;
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}

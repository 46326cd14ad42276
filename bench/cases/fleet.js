// @ts-check
// How many requests a fleet of isolates makes for each rollover, in simulated time.
import { POLICY, simulate } from "../fleet/simulation.js";
import { digits } from "../report/report.js";

const HOUR = 3_600_000;
/** How long Workers KV takes to show a value everywhere, ms. */
const PROPAGATION = 60_000;
const SEED = 25;
const MOST = 3;

const WAYS = /** @type {const} */ ([
  { name: "no store", policy: POLICY.uniform, sharing: "none" },
  { name: "a store, uniform lead", policy: POLICY.uniform, sharing: "store" },
  { name: "a store, exponential lead", policy: POLICY.exponential, sharing: "store" },
  { name: "a broker", policy: POLICY.uniform, sharing: "broker" },
]);

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const fleets = isQuick ? [10, 100] : [100, 1_000, 10_000];
  // The mean of a store is of few requests, and so needs many rollovers.
  const rollovers = isQuick ? { few: 3, many: 6 } : { few: 20, many: 200 };
  const counts = WAYS.map((way) => {
    const times = way.policy === POLICY.exponential ? rollovers.many : rollovers.few;
    return {
      ...way,
      counts: fleets.map((isolates) => [1, 12].map((hours) => of(way, isolates, hours, times))),
    };
  });
  const shared = counts.filter(({ policy }) => policy === POLICY.exponential);
  const means = shared.flatMap(({ counts }) => counts.flat().map(mean));
  const most = Math.max(...means);
  return {
    title: "Requests of a fleet",
    about:
      `Simulated: the real reducer decides for each isolate. Every isolate is busy. A value takes ` +
      `${PROPAGATION / 1000} s to arrive elsewhere, a token request 0.2 s. ` +
      `Mean of ${rollovers.few} rollovers (and the most), of ${rollovers.many} with the exponential ` +
      `lead; tokens of 1 h and of 12 h, seeds ${SEED + 1} and ${SEED + 12}.`,
    tables: [1, 12].map((hours, column) => ({
      head: [
        `requests a rollover, tokens of ${hours} h`,
        ...fleets.map((isolates) => `${isolates.toLocaleString("en")} isolates`),
      ],
      rows: counts.map(({ name, counts }) => [
        name,
        ...counts.map((each) => `${digits(mean(each[column]))} (${Math.max(...each[column])})`),
      ]),
    })),
    targets: [
      {
        what: "requests a rollover with a store and the exponential lead",
        measured: `${Math.min(...means).toFixed(1)} to ${most.toFixed(1)}`,
        target: `≤ ${MOST}`,
        met: most <= MOST,
      },
    ],
    note:
      "The first of the isolates refresh far apart with an exponential lead, so that the others " +
      "see what the first one wrote. With the uniform lead of a single isolate they refresh together. " +
      "The broker has one holder, so its 1.00 is by construction; tests/js/cloudflare has real ones.",
    data: { fleets, rollovers },
  };
}

/**
 * @type {(
 *   way: (typeof WAYS)[number],
 *   isolates: number,
 *   hours: number,
 *   rollovers: number,
 * ) => number[]}
 */
function of({ policy, sharing }, isolates, hours, rollovers) {
  const lifetime = hours * HOUR;
  const plan = { isolates, lifetime, propagation: PROPAGATION, policy, sharing, rollovers };
  return simulate({ ...plan, seed: SEED + hours });
}

/** @param {number[]} counts */
function mean(counts) {
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

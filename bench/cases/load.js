// @ts-check
// A Worker under load: what a kept token costs it, and what callers wait for while one token
// follows another.
import { Stop } from "../../scripts/run.js";
import { CONTENDERS, withIsolates } from "../load/contenders.js";
import { quantile } from "../support/measure.js";
import { openLoad } from "../load/rates.js";
import { digits } from "../report/report.js";
import { noiseOf, partsOf, sorted, TAIL } from "../load/tails.js";
import { throughput } from "../load/throughput.js";

const NAMES = /** @type {const} */ (["ours", "badgateway", "plain"]);
/** How long a token is good where none ends meanwhile, s. */
const LONG = 43_200;
/** For the chart, ms. */
const BIN = 25;

const FULL = {
  slices: 3,
  seconds: 10,
  perSecond: 500,
  lifetime: 4,
  delay: 200,
  throughput: { rounds: 6, seconds: 2, callers: 32 },
};
const QUICK = {
  slices: 1,
  seconds: 0.5,
  perSecond: 200,
  lifetime: 2,
  delay: 20,
  throughput: { rounds: 1, seconds: 0.2, callers: 4 },
};

/** @typedef {typeof FULL} Plan */
/** @typedef {(typeof NAMES)[number]} Name */
/** @typedef {"/short" | "/long"} Path with rollovers, and without */
/**
 * @typedef {import("../load/rates.js").OpenLoad & { renewedAt: number[] }} Slice `renewedAt`: when
 *   another token went out, s from its start
 */
/** @typedef {Record<Name, Record<Path, Slice[]>>} Slices */

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const plan = isQuick ? QUICK : FULL;
  const { lifetime, delay, perSecond, seconds } = plan;
  const lifetimes = { "/short": lifetime, "/long": LONG };
  // In an isolate of its own: what it leaves to be collected would stall the next.
  const { table, ratio, cpuRatio } = await withIsolates(
    { names: ["ours"], isolates: 1, lifetimes, delay },
    ({ ours: [isolate] }) => throughput(isolate, plan.throughput),
  );
  return withIsolates({ names: [...NAMES], isolates: 1, lifetimes, delay }, async (all) => {
    const found = await interleave(
      { ours: all.ours[0], badgateway: all.badgateway[0], plain: all.plain[0] },
      plan,
      isQuick,
    );
    const ours = tailsOf(found.ours);
    const ratioOfTails = ours.across / ours.without;
    return {
      title: "Load",
      about: about(plan),
      tables: [table, latencies(found)],
      targets: [
        {
          what: "p99.9 of a Worker, across rollovers over without",
          measured:
            `${digits(ratioOfTails)} ` +
            `(${digits(ours.across)} ms over ${digits(ours.without)} ms)`,
          target: `≤ ${digits(ours.noise)}, the noise, and each < ${delay / 2} ms`,
          // A machine that is so busy that a stall would not stand out says nothing.
          met: ratioOfTails <= ours.noise && Math.max(ours.across, ours.without) < delay / 2,
        },
      ],
      note:
        `With a kept token the Worker answers ${digits(ratio)} of what it answers without any, ` +
        `and takes ${digits(cpuRatio)} of the CPU for each, round by round. The generator of the ` +
        `load was itself late by ${digits(latenessOf(found))} ms (p99.9), which is in all ` +
        `latencies.\nThe noise: the run without rollovers, cut into pieces of ` +
        `${digits(seconds / 2)} s, put into two halves in every way there is; ` +
        "the widest ratio of their p99.9 counts.",
      data: {
        perSecond,
        lifetime,
        delay,
        seconds,
        bin: BIN,
        contenders: NAMES.map((name) => chartOf(name, found[name], plan)),
      },
    };
  });
}

/** @param {Plan} plan */
function about({ throughput: { callers }, perSecond, slices, seconds, lifetime, delay }) {
  return (
    `A Worker in workerd, on the cores that its callers use too. First ${callers} callers, ` +
    "each of which asks again as soon as it is answered. Then, for the latency, requests at a " +
    `fixed rate,\n${perSecond} a second, whether or not earlier ones are answered, each timed ` +
    `from when it was due: ${slices} slices of ${seconds} s, interleaved, each begun with a ` +
    `fresh token. Across rollovers tokens are good for ${lifetime} s, and the token endpoint ` +
    `takes\n${delay} ms; each contender renews by its own rules: edge-credentials after 70 to ` +
    "80 % of the lifetime (at random, so that isolates do not ask in step), the others once the " +
    "token has ended. (@badgateway/oauth2-client renews ahead only with a refresh token, which " +
    "client credentials do not have.)"
  );
}

/**
 * @type {(
 *   isolates: Record<Name, import("../load/contenders.js").Isolate>,
 *   plan: Plan,
 *   isQuick: boolean,
 * ) => Promise<Slices>}
 */
async function interleave(isolates, { slices, ...load }, isQuick) {
  /** @type {Slices} */
  const found = {
    ours: { "/short": [], "/long": [] },
    badgateway: { "/short": [], "/long": [] },
    plain: { "/short": [], "/long": [] },
  };
  for (let slice = 0; slice < slices; slice++) {
    for (const path of /** @type {const} */ (["/short", "/long"])) {
      // Each time another one goes first.
      for (let i = 0; i < NAMES.length; i++) {
        const name = NAMES[(slice + i) % NAMES.length];
        const one = await measure(isolates[name], path, load);
        const count = one.renewedAt.length;
        const isRight = path === "/short" ? count > 0 || isQuick : count === 0;
        if (!isRight)
          throw new Stop(
            `${count} rollovers of ${name} at ${path}, which is not what was to be measured`,
          );
        found[name][path].push(one);
      }
    }
  }
  return found;
}

/**
 * @type {(
 *   isolate: import("../load/contenders.js").Isolate,
 *   path: Path,
 *   load: { perSecond: number; seconds: number },
 * ) => Promise<Slice>}
 */
async function measure({ connections, provider, check }, path, load) {
  check(await connections.ask(path));
  const before = provider.sentAt[path].length;
  const slice = await openLoad(() => connections.ask(path), { ...load, check });
  const renewedAt = provider.sentAt[path].slice(before).map((at) => (at - slice.startedAt) / 1000);
  return { ...slice, renewedAt };
}

/**
 * @param {Slices} found
 * @returns {import("../report/report.js").Table}
 */
function latencies(found) {
  const rows = NAMES.flatMap((name) => {
    const { across, without } = tailsOf(found[name]);
    const row = (/** @type {Path} */ path, /** @type {string} */ what, over = "") => {
      const slices = found[name][path];
      const values = sorted(slices.map(({ millis }) => millis));
      const latencies = [0.5, 0.99, TAIL, 1].map((share) => digits(quantile(values, share)));
      const tokens = slices.reduce((sum, { renewedAt }) => sum + renewedAt.length, 0);
      return [`${CONTENDERS[name]}, ${what}`, ...latencies, over, String(tokens)];
    };
    return [row("/short", "across rollovers", digits(across / without)), row("/long", "without")];
  });
  return {
    head: ["latency, ms", "p50", "p99", "p99.9", "most", "p99.9 over its own without", "rollovers"],
    rows,
  };
}

/** @param {Record<Path, Slice[]>} found */
function tailsOf(found) {
  const tailOf = (/** @type {Slice[]} */ slices) =>
    quantile(sorted(slices.map(({ millis }) => millis)), TAIL);
  const noise = noiseOf(found["/long"].flatMap(({ millis }) => partsOf(millis, 2)));
  return { across: tailOf(found["/short"]), without: tailOf(found["/long"]), noise };
}

/**
 * How late the generator of the load was itself, ms.
 *
 * @param {Slices} found
 */
function latenessOf(found) {
  const slices = NAMES.flatMap((name) => [...found[name]["/short"], ...found[name]["/long"]]);
  return quantile(sorted(slices.map(({ lateness }) => lateness)), TAIL);
}

/**
 * The slice in the middle, by the slowest request of each bin, so that no stall is averaged away.
 *
 * @type {(
 *   name: Name,
 *   found: Record<Path, Slice[]>,
 *   plan: Plan,
 * ) => import("../report/latency-chart.js").LatencyLine}
 */
function chartOf(name, found, { perSecond, seconds }) {
  const { millis, renewedAt } = found["/short"][Math.floor(found["/short"].length / 2)];
  const slowest = Array(Math.ceil((seconds * 1000) / BIN)).fill(0);
  millis.forEach((value, i) => {
    const bin = Math.floor((i * 1000) / perSecond / BIN);
    slowest[bin] = Math.max(slowest[bin], value);
  });
  const { across, without } = tailsOf(found);
  return { name: CONTENDERS[name], isOurs: name === "ours", across, without, renewedAt, slowest };
}

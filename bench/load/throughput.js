// @ts-check
// What a Worker can answer at most, with a kept token and without any.
import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import { Stop } from "../../scripts/run.js";
import { NO_TOKEN } from "./contenders.js";
import { ratios, spread } from "../support/measure.js";
import { digits } from "../report/report.js";

/** How long a tick of Linux' accounts is, ms. */
const TICK = 10;
const PATHS = {
  "/none": "the Worker without a token",
  "/long": "with a kept token, `source.authorization()`",
};

/**
 * @typedef {{ perSecond: number; micros: number }} Round answers, and the CPU that workerd took for
 *   each (NaN where the system does not say)
 */

/**
 * @param {import("./contenders.js").Isolate} isolate
 * @param {{ rounds: number; seconds: number; callers: number }} options
 * @returns {Promise<{
 *   table: import("../report/report.js").Table;
 *   ratio: number;
 *   cpuRatio: number;
 * }>}
 *   `ratio`: of what is answered with a token to without; `cpuRatio`: of what an answer takes
 */
export async function throughput(isolate, { rounds, ...load }) {
  const bare = await isolate.connections.ask("/none");
  if (bare !== NO_TOKEN || bare.length !== (await isolate.connections.ask("/long")).length)
    throw new Stop("the answers with and without a token differ in length");

  const paths = /** @type {(keyof typeof PATHS)[]} */ (Object.keys(PATHS));
  /** @type {Record<keyof typeof PATHS, Round[]>} */
  const found = { "/none": [], "/long": [] };
  // The first round warms up.
  for (let round = -1; round < rounds; round++) {
    for (const path of round % 2 ? paths : paths.toReversed()) {
      const one = await measure(isolate, path, load);
      if (round >= 0) found[path].push(one);
    }
  }

  const rows = paths.map((path) => {
    const { median, low, high } = spread(found[path].map(({ perSecond }) => perSecond));
    const micros = spread(found[path].map(({ micros }) => micros)).median;
    return [
      PATHS[path],
      digits(median),
      `${digits(low)} to ${digits(high)}`,
      Number.isNaN(micros) ? "unknown" : digits(micros),
    ];
  });
  const table = {
    head: ["", "answers per second, median", "middle half", "us of CPU in workerd per answer"],
    rows,
  };
  const over = (/** @type {keyof Round} */ what) =>
    ratios(
      found["/long"].map((round) => round[what]),
      found["/none"].map((round) => round[what]),
    ).median;
  return { table, ratio: over("perSecond"), cpuRatio: over("micros") };
}

/**
 * Callers that ask again as soon as they are answered.
 *
 * @type {(
 *   isolate: import("./contenders.js").Isolate,
 *   path: keyof typeof PATHS,
 *   load: { seconds: number; callers: number },
 * ) => Promise<Round>}
 */
async function measure({ url, provider, pid }, path, { seconds, callers }) {
  const isRight = (/** @type {string} */ body) =>
    path === "/none" ? body === NO_TOKEN : provider.isToken(body);
  const before = cpuOf(pid);
  const result = await autocannon({
    url: `${url}${path}`,
    connections: callers,
    duration: seconds,
    verifyBody: (body) => isRight(String(body)),
  });
  const micros = ((cpuOf(pid) - before) * 1000) / result.requests.total;

  const { non2xx, errors, timeouts, mismatches } = result;
  const failures = { non2xx, errors, timeouts, mismatches };
  if (result.requests.total === 0 || Object.values(failures).some((count) => count > 0))
    throw new Stop(
      `not all of ${result.requests.total} answers at ${path} were right: ` +
        JSON.stringify(failures),
    );
  return { perSecond: result.requests.total / result.duration, micros };
}

/**
 * What a process has used, ms; other systems than Linux do not say.
 *
 * @param {number} pid
 */
function cpuOf(pid) {
  if (process.platform !== "linux") return NaN;
  // The name of the program, which may hold anything, ends with the last bracket
  // (proc_pid_stat(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

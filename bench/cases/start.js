// @ts-check
// What the first request costs in a process that has just been started.
import { bunProgram, denoProgram, provideAppTools } from "../../scripts/setup/apps.js";
import { ask } from "../../scripts/run.js";
import { NODES, nodeProgram, provideNodes } from "../../scripts/setup/nodes.js";
import { minus, ratios, spread } from "../support/measure.js";
import { digits, timesTable } from "../report/report.js";
import { CLIENTS, installed, processTimes, workerdTimes } from "../start/runs.js";

/** @typedef {import("../report/report.js").Table} Table */
/** @typedef {import("../report/report.js").Target} Target */
/** @typedef {import("../start/runs.js").Times} Times */
/** @typedef {import("../start/runs.js").Runtime} Runtime */

const NAMES = {
  pair: "edge-credentials `buildTokenRequest`",
  source: "edge-credentials `tokenSource`, until its `fetch` is called",
  oauth4webapi: "oauth4webapi `clientCredentialsGrantRequest`, until its `customFetch` is called",
};
const WANTED = "no slower than oauth4webapi";
const ABOUT =
  "Each run is a process of its own, in turn with the others'. In Node, Bun and Deno, with the " +
  "packages as they are installed: from before `import()` to the first built request, by the " +
  "process's own clock, after what `fetch` needs has been loaded.\n" +
  "In workerd, bundled by esbuild: from the start of the process to the first answer, which has " +
  "the request in it. What a module, or a Worker, takes in which nothing is has been subtracted. " +
  "All build the same request, which is looked at.";
const NOTE =
  "What is slower is WebAssembly, which V8 compiles function by function when they are called " +
  "first, and the text in which the module comes where a runtime has no other way to it.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const rounds = isQuick ? 1 : 21;
  const runtimes = isQuick
    ? [{ name: `Node ${process.versions.node}`, program: process.execPath, args: [] }]
    : await provideRuntimes();
  const { folder, remove } = installed();
  try {
    const found = [];
    for (const runtime of runtimes) {
      const times = await processTimes(runtime, { folder, rounds, warmUp: isQuick ? 0 : 2 });
      found.push({ name: runtime.name, times });
    }
    if (isQuick) return section(found);
    return section(found, await workerdTimes({ folder, rounds, warmUp: 2 }));
  } finally {
    remove();
  }
}

/** @returns {Promise<Runtime[]>} */
async function provideRuntimes() {
  await provideNodes();
  await provideAppTools();
  const majors = /** @type {import("../../scripts/setup/nodes.js").Major[]} */ (
    Object.keys(NODES).map(Number)
  );
  const version = (/** @type {string} */ program) =>
    /[\d.]+/.exec(ask(program, "--version") ?? "")?.[0];
  const nodes = majors.map((major) => ({
    name: `Node ${NODES[major]}`,
    program: nodeProgram(major),
    args: [],
  }));
  const deno = denoProgram();
  const bun = bunProgram();
  return [
    ...nodes,
    { name: `Deno ${version(deno)}`, program: deno, args: ["run", "--allow-all"] },
    { name: `Bun ${version(bun)}`, program: bun, args: [] },
  ];
}

/**
 * @type {(
 *   found: { name: string; times: Times }[],
 *   workerd?: Times,
 * ) => import("../report/report.js").Section}
 */
function section(found, workerd) {
  const without = found.map(({ name, times }) => ({ name, times: withoutEmpty(times) }));
  const targets = without.map(({ name, times }) => inProcess(name, times));
  const tables = [processTable(without)];
  if (workerd) {
    tables.push(workerdTable(workerd));
    targets.push(inWorkerd(workerd));
  }
  return { title: "(6) Cold start", about: ABOUT, tables, targets, note: NOTE };
}

/**
 * @param {Times} times
 * @returns {Times}
 */
function withoutEmpty(times) {
  return /** @type {Times} */ (
    Object.fromEntries(CLIENTS.map((client) => [client, minus(times[client], times.empty)]))
  );
}

/**
 * @param {{ name: string; times: Times }[]} found
 * @returns {Table}
 */
function processTable(found) {
  const tables = found.map(({ name, times }) => {
    const named = Object.fromEntries(
      Object.entries(NAMES).map(([client, what]) => [client, `${name}: ${what}`]),
    );
    return timesTable(times, {
      unit: "ms",
      names: named,
      over: { "over oauth4webapi": "oauth4webapi" },
    });
  });
  return { head: tables[0].head, rows: tables.flatMap(({ rows }) => rows) };
}

/**
 * Ratios are of the whole: differences of few milliseconds have no steady ratio.
 *
 * @param {Times} times
 * @returns {Table}
 */
function workerdTable(times) {
  const whole = timesTable(times, {
    unit: "ms",
    names: { ...NAMES, empty: "a Worker in which nothing is" },
    over: { "over oauth4webapi": "oauth4webapi" },
  });
  const more = ["pair", "source", "oauth4webapi", "empty"].map((client) =>
    millis(spread(minus(times[/** @type {keyof Times} */ (client)], times.empty)).median),
  );
  return {
    head: ["workerd", ...whole.head.slice(1), "less the empty one"],
    rows: whole.rows.map((row, i) => [...row, more[i]]),
  };
}

/** @type {(name: string, times: Times) => Target} */
function inProcess(name, times) {
  const ours = spread(times.pair).median;
  const theirs = spread(times.oauth4webapi).median;
  const ratio = ratios(times.pair, times.oauth4webapi).median;
  const measured = `${millis(ours)} ms against ${millis(theirs)} ms, ${digits(ratio)} of it`;
  return { wanted: `${WANTED}, ${name}`, measured, met: ours <= theirs };
}

/**
 * @param {Times} times
 * @returns {Target}
 */
function inWorkerd(times) {
  const { median, low, high } = spread(minus(times.pair, times.oauth4webapi));
  return {
    wanted: `${WANTED}, workerd`,
    measured:
      `${millis(median)} ms more than oauth4webapi, ` +
      `in the middle half of the rounds ${millis(low)} to ${millis(high)}`,
    met: median <= 0,
  };
}

/** @param {number} ns */
function millis(ns) {
  return digits(ns / 1e6);
}

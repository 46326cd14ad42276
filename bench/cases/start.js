// @ts-check
// What the first request costs in a process that has just been started.
import { bunProgram, denoProgram, provideAppTools } from "../../scripts/setup/apps.js";
import { ask } from "../../scripts/run.js";
import { NODES, nodeProgram, provideNodes } from "../../scripts/setup/nodes.js";
import { minus, ratios, spread } from "../support/measure.js";
import { ratioTarget, timesTable } from "../report/report.js";
import { CLIENTS, installed, processTimes, workerdTimes } from "../start/runs.js";

/** @typedef {import("../report/report.js").Table} Table */
/** @typedef {import("../report/report.js").Target} Target */
/** @typedef {import("../start/runs.js").Times} Times */
/** @typedef {import("../start/runs.js").Runtime} Runtime */
/** @typedef {{ name: string; times: Times }} Found by runtime */

const NAMES = {
  pair: "edge-credentials `buildTokenRequest`, `parseTokenResponse`",
  source: "edge-credentials `tokenSource`, `get()`",
  oauth4webapi: "oauth4webapi `clientCredentialsGrantRequest`, `process…`",
};
/** Our time over oauth4webapi's, at most. */
const TARGETS = { pair: 1.5, source: 1.6, workerd: 3 };
const ABOUT =
  "Each run is a process of its own, in turn with the others'. In Node, Bun and Deno, with the " +
  "packages as they are installed: from before `import()` to the first request that is sent, by " +
  "the process's own clock, after what `fetch` needs has been loaded.\n" +
  "In workerd, bundled by esbuild: what the process's main thread takes of the CPU (on Linux; " +
  "elsewhere the time) from its start until it has answered the first request with a token, for " +
  "which a function answered. What a module, or a Worker, takes in which nothing is has been " +
  "subtracted. All send the same request, which is looked at.";

/** @type {import("../report/report.js").Case["run"]} */
export async function run({ isQuick }) {
  const rounds = isQuick ? 1 : 21;
  const warmUp = isQuick ? 0 : 2;
  const runtimes = isQuick ? [thisNode()] : await provideRuntimes();
  const { folder, remove } = installed();
  try {
    const found = [];
    for (const runtime of runtimes) {
      const times = await processTimes(runtime, { folder, rounds, warmUp });
      found.push({ name: runtime.name, times: withoutEmpty(times) });
    }
    const workerdRounds = isQuick ? 1 : 41;
    const workerd = withoutEmpty(await workerdTimes({ folder, rounds: workerdRounds, warmUp }));
    const targets = found.flatMap(({ name, times }) => processTargets(name, times));
    targets.push(workerdTarget(workerd));
    const tables = [startTable(found), startTable([{ name: "workerd", times: workerd }])];
    return { title: "Cold start", about: ABOUT, tables, targets };
  } finally {
    remove();
  }
}

/** @returns {Runtime} */
function thisNode() {
  return { name: `Node ${process.versions.node}`, program: process.execPath, args: [] };
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
 * @param {Times} times
 * @returns {Times}
 */
function withoutEmpty(times) {
  return /** @type {Times} */ (
    Object.fromEntries(CLIENTS.map((client) => [client, minus(times[client], times.empty)]))
  );
}

/**
 * @param {Found[]} found
 * @returns {Table}
 */
function startTable(found) {
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
 * Deno and Bun have no targets.
 *
 * @type {(name: string, times: Times) => Target[]}
 */
function processTargets(name, { pair, source, oauth4webapi }) {
  if (!name.startsWith("Node ")) return [];
  const what = `cold start over oauth4webapi, ${name}`;
  return [
    ratioTarget(`${what}, pair`, ratios(pair, oauth4webapi), TARGETS.pair),
    ratioTarget(`${what}, source`, ratios(source, oauth4webapi), TARGETS.source),
  ];
}

/**
 * Of the medians: oauth4webapi takes little more than nothing in workerd, and a round in which it
 * took more by chance has a ratio that is too small.
 *
 * @param {Times} times
 * @returns {Target}
 */
function workerdTarget({ pair, oauth4webapi }) {
  const { low, high } = ratios(pair, oauth4webapi);
  const median = spread(pair).median / spread(oauth4webapi).median;
  const what = "workerd, import to first token, pair over oauth4webapi, of the medians";
  return ratioTarget(what, { median, low, high }, TARGETS.workerd);
}

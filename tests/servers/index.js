// @ts-check
// `npm run test:servers [-- [--record] name…]`: starts real servers, walks each, and compares their
// answers with the recorded ones. `--record` writes these anew.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, runIfMain, Stop } from "../../scripts/run.js";
import { changesOf, problemsOf, toRecord } from "./compare.js";
import { walkOwn } from "./own/index.js";
import { SERVERS } from "./servers.js";
import { walk } from "./walk/walk.js";

/** @typedef {import("./walk/types.js").Server} Server */
/** @typedef {import("./compare.js").Results} Results */

/** How many servers run side by side: much of the time is waiting. */
const LANES = 2;
const TICK = 15_000;

/** @param {string[]} args */
async function main(args) {
  const names = args.filter((arg) => arg !== "--record");
  const known = [...SERVERS.map(({ name }) => name), "own"];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new Stop(`there is no server \`${unknown}\`, only ${known.join(", ")}`);
  if (names.includes("own")) return walkOwn();

  const waiting = SERVERS.filter(({ name }) => names.length === 0 || names.includes(name));
  /** @type {Count[]} */
  const counts = [];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      counts.push(await test(next, args.includes("--record")));
  };
  await Promise.all(Array.from({ length: LANES }, lane));

  const sum = (/** @type {keyof Count} */ member) =>
    counts.reduce((total, count) => total + count[member], 0);
  if (sum("failed") > 0) process.exitCode = 1;
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
}

/** @typedef {{ passed: number; failed: number }} Count */

/** @type {(server: Server, isToRecord: boolean) => Promise<Count>} */
async function test(server, isToRecord) {
  const tell = (/** @type {string} */ line) => console.log(`${server.name}: ${line}`);
  const started = Date.now();
  let doing = "is prepared";
  const tick = setInterval(() => tell(`${doing}, ${secondsSince(started)} s`), TICK);
  try {
    await server.prepare(tell);
    doing = "starts";
    const results = await walkServer(server, (name) => (doing = name));
    return report(server, results, { isToRecord, seconds: secondsSince(started), tell });
  } catch (error) {
    tell(`failed while it ${doing}: ${error instanceof Stop ? error.message : failureOf(error)}`);
    return { passed: 0, failed: 1 };
  } finally {
    clearInterval(tick);
  }
}

/** @type {(server: Server, tell: (name: string) => void) => Promise<Results>} */
async function walkServer(server, tell) {
  const running = await server.start();
  try {
    return await walk(running, tell);
  } finally {
    await running.stop();
  }
}

/**
 * @type {(
 *   server: Server,
 *   results: Results,
 *   context: { isToRecord: boolean; seconds: number; tell: (line: string) => void },
 * ) => Count}
 */
function report(server, results, { isToRecord, seconds, tell }) {
  const now = toRecord(server, results);
  const file = join(root, `tests/servers/recorded/${server.name}.json`);
  if (isToRecord) writeFileSync(file, `${JSON.stringify(now, undefined, 2)}\n`);
  const recorded = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  const problems = problemsOf(server, results);
  const changes = recorded ? changesOf(recorded, now) : new Map([["recorded", ["nothing is"]]]);

  for (const [name, problem] of problems) tell(`${name}: ${problem}`);
  for (const [name, lines] of changes) tell(`${name} has changed:\n  ${lines.join("\n  ")}`);
  if (changes.size > 0) tell("if that is right, `npm run test:servers -- --record` keeps it");
  const failed = new Set([...problems.keys(), ...changes.keys()]).size;
  const walked = Object.keys(now.cases).length;
  const passed = Object.keys(now.cases).filter((name) => !problems.has(name) && !changes.has(name));
  const otherwise = Object.keys(server.differs).length;
  tell(
    `${server.version}, ${walked} cases, ${otherwise} of them answered otherwise, ` +
      `${results.size - walked} it cannot, ${failed} failed, ${seconds} s`,
  );
  return { passed: passed.length, failed };
}

/** @param {unknown} error */
function failureOf(error) {
  return error instanceof Error ? error.stack : String(error);
}

/** @param {number} started */
function secondsSince(started) {
  return Math.round((Date.now() - started) / 1000);
}

// So that what was started ends with it.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

runIfMain(import.meta, () => main(process.argv.slice(2)));

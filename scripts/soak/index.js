// @ts-check
// `npm run soak`: a Worker under load in workerd, with a provider that fails in every way of the
// tests, while keys and secrets roll over, callers go away and the clock jumps. It counts, and fails
// on a wedge, a leak, or an error that is none of ours. SOAK_SECONDS is how long, 600 by default.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { runIfMain, Stop, temporaryFolder } from "../run.js";
import { bundleWorker, startWorkerd } from "../workerd/workerd.js";
import { SECRET, startProvider, WAYS_TO_FAIL } from "./provider.js";

const SECONDS = Number(process.env.SOAK_SECONDS ?? 600);
const CALLERS = 24;
const SOURCES = 8;
/** How many callers of 100 go away before they are answered. */
const LEAVERS = 4;
/** A caller that waits longer has been forgotten, ms. Two timeouts of 5 s, and their pauses. */
const WEDGED = 40_000;
/** How long a source may pause once the provider is well: its longest pause, and a flight, ms. */
const RECOVERY = 90_000;
/** How much more memory workerd may have than when it was warm, bytes. */
const GROWTH = 96 * 2 ** 20;
/** What the clock jumps to, ms from the real time. */
const JUMPS = [0, 30_000, -30_000, 3_600_000, -90_000, 0];

const counts = {
  callers: 0,
  tokens: 0,
  gone: 0,
  wedges: 0,
  leaks: 0,
  foreign: 0,
  jumps: 0,
  codes: /** @type {Record<string, number>} */ ({}),
};

async function main() {
  const provider = await startProvider();
  const { path: outdir, remove } = temporaryFolder("soak");
  const modules = await bundleWorker({ entry: "scripts/soak/worker.js", outdir });
  const bindings = { ISSUER: provider.issuer, AUDIENCE: provider.audience };
  const worker = await startWorkerd({ modules, bindings });
  remove();
  try {
    await soak(provider, worker);
  } finally {
    await worker.stop();
    await provider.stop();
  }
}

/** @typedef {Awaited<ReturnType<typeof startProvider>>} Provider */
/** @typedef {Awaited<ReturnType<typeof startWorkerd>>} Worker */

/** @type {(provider: Provider, worker: Worker) => Promise<void>} */
async function soak(provider, worker) {
  const end = Date.now() + SECONDS * 1000;
  const isOver = () => Date.now() >= end;
  const callers = Array.from({ length: CALLERS }, () => callUntil(isOver, worker));
  const weather = changeWeather(isOver, provider, worker);
  const warm = await memoryWhenWarm(worker);
  await Promise.all([...callers, weather]);

  await setClock(worker, 0);
  provider.failing = 0;
  const stuck = await sourcesThatStayDown(worker);
  const growth = memoryOf(worker.pid) - warm;
  if (worker.output().includes(SECRET)) counts.leaks += 1;
  if (counts.foreign > 0) console.error(worker.output().slice(-5_000));
  report(provider, growth, stuck);
}

/** @type {(isOver: () => boolean, worker: Worker) => Promise<void>} */
async function callUntil(isOver, worker) {
  while (!isOver()) {
    await call(worker, Math.floor(Math.random() * SOURCES));
    await wait(Math.random() * 20);
  }
}

/**
 * One caller. Some go away, by which their connection is reset.
 *
 * @type {(worker: { url: string }, n: number) => Promise<boolean>}
 */
async function call({ url }, n) {
  counts.callers += 1;
  const leaves = Math.random() * 100 < LEAVERS;
  const signal = AbortSignal.timeout(leaves ? 1 + Math.floor(Math.random() * 200) : WEDGED);
  try {
    const response = await fetch(`${url}/?n=${n}`, { signal });
    const text = await response.text();
    if (text.includes(SECRET)) counts.leaks += 1;
    // The Worker answers 200, whatever comes of its calls: all else is workerd's own answer.
    if (response.status === 200) return count(JSON.parse(text));
    counts.foreign += 1;
    console.error(`source ${n}, after ${counts.callers} callers: ${response.status} ${text}`);
    return false;
  } catch (error) {
    if (leaves) counts.gone += 1;
    else if (signal.aborted) counts.wedges += 1;
    else counts.foreign += 1;
    if (!leaves) console.error(`a caller of source ${n}: ${error}`);
    return false;
  }
}

/** @param {{ ok?: boolean; step?: string; code?: string; error?: string }} answer */
function count({ ok, step, code, error }) {
  if (ok) {
    counts.tokens += 1;
    return true;
  }
  const name = `${step}: ${code}`;
  counts.codes[name] = (counts.codes[name] ?? 0) + 1;
  if (code === "foreign" || code === "internal") {
    counts.foreign += 1;
    console.error(`${name}: ${error}`);
  }
  return false;
}

/** Storms and calms, rollovers, jumps of the clock. */
/** @type {(isOver: () => boolean, provider: Provider, worker: Worker) => Promise<void>} */
async function changeWeather(isOver, provider, worker) {
  for (let round = 0; !isOver(); round += 1) {
    provider.failing = [5, 60, 100, 0, 30][round % 5];
    if (round % 3 === 1) provider.roll();
    if (round % 4 === 3) await jump(worker, JUMPS[(round >> 2) % JUMPS.length]);
    await wait(1_500);
  }
}

/** @type {(worker: Worker, offset: number) => Promise<void>} */
async function jump(worker, offset) {
  counts.jumps += 1;
  await setClock(worker, offset);
}

/** @type {(worker: { url: string }, offset: number) => Promise<void>} */
async function setClock({ url }, offset) {
  await (await fetch(`${url}/clock?offset=${offset}`)).text();
}

/**
 * The sources that give no token although the provider is well.
 *
 * @type {(worker: Worker) => Promise<number[]>}
 */
async function sourcesThatStayDown(worker) {
  const end = Date.now() + RECOVERY;
  let down = Array.from({ length: SOURCES }, (_, n) => n);
  while (down.length > 0 && Date.now() < end) {
    const results = await Promise.all(down.map((n) => call(worker, n)));
    down = down.filter((_, at) => !results[at]);
    if (down.length > 0) await wait(500);
  }
  return down;
}

/** @param {Worker} worker */
async function memoryWhenWarm({ pid }) {
  await wait(SECONDS * 300);
  return memoryOf(pid);
}

/** Where there is no /proc nobody looks. @param {number} pid */
function memoryOf(pid) {
  if (!existsSync("/proc/self/status")) return 0;
  const file = `/proc/${pid}/status`;
  const status = existsSync(file) ? readFileSync(file, "utf8") : "";
  const [, size] = /VmRSS:\s+(\d+) kB/.exec(status) ?? [];
  if (size === undefined) throw new Stop("workerd has ended");
  return Number(size) * 1024;
}

/** @type {(provider: Provider, growth: number, stuck: number[]) => void} */
function report({ requests, failures, rollovers }, growth, stuck) {
  const grown = `${(growth / 2 ** 20).toFixed(1)} MiB`;
  console.log(JSON.stringify({ ...counts, grown, stuck, rollovers, requests, failures }, null, 2));
  const { wedges, leaks, foreign, tokens, jumps } = counts;
  const never = WAYS_TO_FAIL.filter((way) => failures[way] === undefined);
  const problems = [
    wedges > 0 && `${wedges} callers were never answered`,
    leaks > 0 && `${leaks} answers or logs show the secret`,
    foreign > 0 && `${foreign} errors are none of ours`,
    stuck.length > 0 && `the sources ${stuck.join()} stay down`,
    growth > GROWTH && `workerd has ${grown} more than when it was warm`,
    tokens === 0 && "there was no token at all",
    // What did not happen shows nothing.
    never.length > 0 && `the provider never failed so: ${never.join(", ")}`,
    (rollovers === 0 || jumps === 0) && "no key rolled over, or no clock jumped",
  ].filter(Boolean);
  if (problems.length > 0) throw new Stop(problems.join("; "));
}

runIfMain(import.meta, main);

// @ts-check
// The test page: imports the package as any page would, runs the suite and says how it went.
import { createView } from "./view.js";

/** @typedef {import("./view.js").Result} Result */

const LONGEST = 15_000; // Of one case: a server that hangs must not leave the page running for ever.
const FRAME = 16;

const view = createView({ runAgain: main });
/** @type {ReturnType<typeof load> | undefined} once: a second import would take no time */
let loaded;

async function main() {
  try {
    const { ec, loadTime } = await (loaded ??= load());
    const [{ suite }, context, { version }] = await Promise.all([import("../tests/js/suite/index.js"), getJson("/context.json"), getJson("/package.json")]);
    await fetch("/pkg/wasm/edge_credentials_bg.wasm").then((response) => response.arrayBuffer()); // Only to see its size.
    const cases = suite({ ec, ...context });
    view.begin(cases, { version, loadTime });
    const started = performance.now();
    const results = await runAll(cases);
    view.end(results, { time: performance.now() - started, sizes: sizes() });
  } catch (error) {
    console.error(error);
    view.giveUp(error);
  }
}

/** Ready is when it has given an answer, not when it was read. */
async function load() {
  const started = performance.now();
  const ec = await import("../pkg/inline.js");
  ec.isExpired({ obtainedAt: 0, expiresAt: 1 });
  return { ec, loadTime: performance.now() - started };
}

/** @param {string} path */
async function getJson(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: the page's server answers ${response.status}`);
  return response.json();
}

/**
 * One after the other, as the other runtimes do.
 * @param {ReturnType<typeof import("../tests/js/suite/index.js").suite>} cases
 */
async function runAll(cases) {
  /** @type {Result[]} */
  const results = [];
  let painted = performance.now();
  for (const { part, name, run } of cases) {
    const started = performance.now();
    const error = await errorOf(run);
    const now = performance.now();
    results.push({ part, name, error, time: now - started });
    if (now - painted < FRAME) continue;
    view.progress(results);
    await new Promise((done) => setTimeout(done));
    painted = performance.now();
  }
  return results;
}

/** @type {(run: () => void | Promise<void>) => Promise<string | undefined>} */
async function errorOf(run) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const tooLong = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${LONGEST / 1000} s`)), LONGEST);
  });
  try {
    await Promise.race([run(), tooLong]);
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    clearTimeout(timer);
  }
}

/** What came over the wire, by the browser's own account; the module comes as text in the JavaScript, and once more alone. */
function sizes() {
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
  const files = entries.filter(({ name }) => new URL(name).pathname.startsWith("/pkg/"));
  const [module] = files.filter(({ name }) => name.endsWith(".wasm"));
  const scripts = files.filter(({ name }) => name.endsWith(".js"));
  /** @param {"encodedBodySize" | "decodedBodySize"} member */
  const sum = (member) => scripts.reduce((total, entry) => total + entry[member], 0);
  return {
    module: { raw: module.decodedBodySize, delivered: module.encodedBodySize },
    package: { raw: sum("decodedBodySize"), delivered: sum("encodedBodySize"), files: scripts.length },
  };
}

main();

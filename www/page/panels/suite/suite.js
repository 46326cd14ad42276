// @ts-check
// The panel "Suite": runs what every runtime runs, here in this browser. At once where the address
// says `#suite`.
import { createView } from "./view.js";

/** @typedef {import("./view.js").Result} Result */

/** How long one case may take, ms: a server that hangs must not leave the page running for ever. */
const LONGEST = 15_000;
/** How long the page may go without being painted, ms. */
const FRAME = 16;

/**
 * @param {{
 *   ec: import("../../shared/exchange.js").Package;
 *   loadTime: number;
 *   getJson: (path: string) => Promise<any>;
 * }} options
 */
export function startSuite({ ec, loadTime, getJson }) {
  const view = createView({ run, loadTime });
  if (location.hash === "#suite") run();

  async function run() {
    view.start();
    performance.mark("suite");
    try {
      const [{ suite }, context] = await Promise.all([
        import("../../../../tests/js/suite/index.js"),
        getJson("/context.json"),
      ]);
      // Only to see its size.
      const module = await fetch("/pkg/dist/wasm/edge_credentials_bg.wasm");
      await module.arrayBuffer();

      const cases = suite({ ec, ...context });
      view.begin(cases);
      const started = performance.now();
      const results = await runAll(cases, view.progress);
      view.end(results, { time: performance.now() - started, sizes: sizes() });
    } catch (error) {
      console.error(error);
      view.giveUp(error);
    }
  }
}

/**
 * One after the other, as the other runtimes do.
 *
 * @type {(
 *   cases: ReturnType<typeof import("../../../../tests/js/suite/index.js").suite>,
 *   progress: (results: Result[]) => void,
 * ) => Promise<Result[]>}
 */
async function runAll(cases, progress) {
  /** @type {Result[]} */
  const results = [];
  let painted = performance.now();

  for (const { part, name, run } of cases) {
    const started = performance.now();
    const error = await errorOf(run);
    const now = performance.now();
    results.push({ part, name, error, time: now - started });
    if (now - painted < FRAME) continue;

    progress(results);
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

/**
 * What came over the wire, by the browser's own account; the module comes as text in the
 * JavaScript, and once more alone.
 */
function sizes() {
  const entries = /** @type {PerformanceResourceTiming[]} */ (
    performance.getEntriesByType("resource")
  );
  const files = entries.filter(({ name }) => new URL(name).pathname.startsWith("/pkg/"));
  const [module] = files.filter(({ name }) => name.endsWith(".wasm"));
  const scripts = files.filter(({ name }) => name.endsWith(".js"));
  /** @param {"encodedBodySize" | "decodedBodySize"} member */
  const sum = (member) => scripts.reduce((total, entry) => total + entry[member], 0);
  return {
    module: { raw: module.decodedBodySize, delivered: module.encodedBodySize },
    package: {
      raw: sum("decodedBodySize"),
      delivered: sum("encodedBodySize"),
      files: scripts.length,
    },
  };
}

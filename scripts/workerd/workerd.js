// @ts-check
// Runs a Worker in the real workerd, from a configuration file: no miniflare, no proxy in front,
// any Node from 20 on.
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, extname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { inUse } from "../ports.js";
import { root } from "../run.js";
import { configFor, environmentFor } from "./config.js";

/**
 * @type {{ default: string; compatibilityDate: string }} its program, and the newest date that this
 *   knows
 */
const workerd = createRequire(import.meta.url)("workerd");

/** The oldest date that we support, and the newest there is. */
export const COMPATIBILITY_DATES = ["2024-09-23", workerd.compatibilityDate];

/** By the ending of their files, which has to be one of these. */
const MODULE_TYPES = /** @type {const} */ ({
  ".js": "esModule",
  ".mjs": "esModule",
  ".wasm": "wasm",
  ".json": "json",
  ".txt": "text",
});

/** @typedef {(typeof MODULE_TYPES)[keyof typeof MODULE_TYPES]} ModuleType */
/** @typedef {{ name: string; path: string; type: ModuleType }} WorkerModule */

/** How long it may take until it listens, and until it has ended, ms. */
const START_TIMEOUT = 20_000;
const STOP_TIMEOUT = 2_000;
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Bundles a Worker as wrangler would: `edge-credentials` resolves to this package's entry for
 * workerd.
 *
 * @param {{ entry: string; outdir: string; minify?: boolean }} options
 * @returns {Promise<WorkerModule[]>} the entry's module first
 */
export async function bundleWorker({ entry, outdir, minify = false }) {
  const { metafile } = await build({
    entryPoints: [entry],
    outdir,
    absWorkingDir: root,
    bundle: true,
    minify,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".wasm": "copy" },
    metafile: true,
    logLevel: "warning",
  });
  const modules = Object.entries(metafile.outputs).map(([output, { entryPoint }]) => {
    const path = resolve(root, output);
    return { name: relative(resolve(outdir), path), path, type: typeOf(path), entryPoint };
  });
  modules.sort((a, b) => Number(Boolean(b.entryPoint)) - Number(Boolean(a.entryPoint)));
  return modules.map(({ name, path, type }) => ({ name, path, type }));
}

/**
 * Its `output()` is what it and the Worker wrote so far, `startedAt` when its process was started,
 * by `performance.now()`.
 *
 * @param {object} options
 * @param {WorkerModule[]} options.modules the entry's module first
 * @param {Record<string, unknown>} [options.bindings] strings become text bindings, everything else
 *   JSON
 * @param {string} [options.compatibilityDate] by default the newest that this workerd knows
 * @param {string[]} [options.compatibilityFlags]
 * @param {number} [options.port] 0: any free one; where it is in use, the error names WORKER_PORT
 */
export async function startWorkerd({ modules, bindings = {}, port = 0, ...compatibility }) {
  const { compatibilityDate = workerd.compatibilityDate, compatibilityFlags = [] } = compatibility;
  const text = configFor({ modules, bindings, compatibilityDate, compatibilityFlags, port });
  const { ports, ...running } = await serve({ text, modules, env: environmentFor(bindings), port });
  return { ...running, url: `http://127.0.0.1:${ports[0]}` };
}

/**
 * The same, by a configuration of one's own.
 *
 * @param {object} options
 * @param {string} options.text the configuration
 * @param {WorkerModule[]} options.modules what it embeds, as `module0`, `module1` and so on
 * @param {Record<string, string>} options.env the environment that it reads
 * @param {number} [options.sockets] how many it opens
 * @param {number} [options.port] the one that may be in use
 */
export async function serve({ text, modules, env: given, sockets = 1, port = 0 }) {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-workerd-"));
  for (const [i, { path }] of modules.entries()) copyFileSync(path, join(folder, `module${i}`));
  const config = join(folder, "config.capnp");
  writeFileSync(config, text);

  const env = { ...process.env, ...given };
  const startedAt = performance.now();
  const child = spawn(workerd.default, ["serve", "--control-fd=3", config], {
    env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });

  const forget = endWithParent(child, folder);
  const exited = new Promise((done) => child.once("close", done)).then(() => {
    forget();
    rmSync(folder, { recursive: true, force: true });
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });

  async function stop() {
    child.kill();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT);
    await exited;
    clearTimeout(timer);
  }

  try {
    const ports = await portsOf(child, exited, () => output, sockets);
    return {
      ports,
      pid: /** @type {number} */ (child.pid),
      startedAt,
      stop,
      output: () => output,
    };
  } catch (error) {
    await stop();
    throw output.includes("Address already in use") ? inUse(port, "WORKER_PORT") : error;
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {Promise<void>} exited
 * @param {() => string} output
 * @param {number} sockets how many there are
 * @returns {Promise<number[]>} in their order
 */
function portsOf(child, exited, output, sockets) {
  /** @type {number[]} */
  const ports = [];
  return new Promise((done, reject) => {
    const fail = (/** @type {string} */ what) => reject(new Error(`workerd ${what}:\n${output()}`));
    const late = `did not listen within ${START_TIMEOUT / 1000} s`;
    const timer = setTimeout(() => fail(late), START_TIMEOUT);

    child.once("error", reject);
    exited.then(() => fail("ended early")).finally(() => clearTimeout(timer));
    const control = /** @type {import("node:stream").Readable} */ (child.stdio[3]);
    createInterface({ input: control }).on("line", (line) => {
      const message = JSON.parse(line);
      if (message.event !== "listen") return;
      ports.push(message.port);
      if (ports.length < sockets) return;
      clearTimeout(timer);
      done(ports);
    });
  });
}

/**
 * A signal ends Node without its `exit` event, so both are watched; workerd would outlive us
 * otherwise.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @param {string} folder
 */
function endWithParent(child, folder) {
  const kill = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    kill();
    forget();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const forget = () => {
    process.off("exit", kill);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on("exit", kill);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return forget;
}

/**
 * @param {string} path
 * @returns {WorkerModule["type"]}
 */
function typeOf(path) {
  const ending = extname(path);
  if (ending in MODULE_TYPES)
    return MODULE_TYPES[/** @type {keyof typeof MODULE_TYPES} */ (ending)];
  throw new Error(`${basename(path)} is no kind of module that scripts/workerd.js knows`);
}

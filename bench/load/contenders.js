// @ts-check
// The Workers of bench/workers, each an isolate of its own in the real workerd with a token
// endpoint of its own.
import { defaultMaxListeners, setMaxListeners } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stop } from "../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../scripts/workerd/workerd.js";
import { Connections } from "./connections.js";
import { startProvider } from "./provider.js";
import { CLIENT, SCOPE, TOKEN } from "../support/stub.js";

/** By the Worker's name. */
export const CONTENDERS = {
  ours: "edge-credentials",
  badgateway: "@badgateway/oauth2-client",
  plain: "a plain cache",
  uncached: "oauth4webapi, no cache",
};

/** What a Worker answers without a token, as long as with one. */
export const NO_TOKEN = `Bearer ${"-".repeat(TOKEN.length)}`;

/** @typedef {keyof typeof CONTENDERS} Contender */
/** @typedef {Awaited<ReturnType<typeof startIsolate>>} Isolate */

/**
 * Starts so many isolates of each, gives them to `use`, and stops them.
 *
 * @template {Contender} N
 * @template T
 * @param {{
 *   names: N[];
 *   isolates: number;
 *   lifetimes: import("./provider.js").Lifetimes;
 *   delay: number;
 * }} options
 * @param {(isolates: Record<N, Isolate[]>) => Promise<T>} use
 */
export async function withIsolates({ names, isolates, ...provider }, use) {
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-bench-"));
  // Each workerd watches for the end of this process.
  setMaxListeners(defaultMaxListeners + names.length * isolates, process);
  /** @type {Promise<Isolate>[]} */
  const starting = [];
  try {
    const byName = names.map(async (name) => {
      const modules = await bundleWorker({
        entry: `bench/workers/${name}.js`,
        outdir: join(outdir, name),
        minify: true,
      });
      const own = Array.from({ length: isolates }, () => startIsolate(modules, provider));
      starting.push(...own);
      return Promise.all(own);
    });
    const all = await Promise.all(byName);
    const named = Object.fromEntries(names.map((name, i) => [name, all[i]]));
    return await use(/** @type {Record<N, Isolate[]>} */ (named));
  } finally {
    // One that did not start has stopped what it had.
    const settled = await Promise.allSettled(starting);
    await Promise.all(
      settled.map((isolate) => isolate.status === "fulfilled" && isolate.value.stop()),
    );
    rmSync(outdir, { recursive: true });
  }
}

/**
 * @param {import("../../scripts/workerd/workerd.js").WorkerModule[]} modules
 * @param {{ lifetimes: import("./provider.js").Lifetimes; delay: number }} options
 */
async function startIsolate(modules, options) {
  const provider = await startProvider(options);
  const bindings = {
    ISSUER: provider.issuer,
    CLIENT_ID: CLIENT.clientId,
    CLIENT_SECRET: CLIENT.clientSecret,
    SCOPE,
    NO_TOKEN,
  };
  const worker = await startWorkerd({ modules, bindings }).catch(async (error) => {
    await provider.stop();
    throw error;
  });
  const connections = new Connections(worker.url);
  const stop = async () => {
    connections.close();
    await worker.stop();
    await provider.stop();
  };
  return { provider, connections, url: worker.url, pid: worker.pid, check, stop };

  /** A Worker that answers something else has not done the work. */
  function check(/** @type {string} */ answer) {
    if (!provider.isToken(answer))
      throw new Stop(
        `a Worker answered with what is no token of its endpoint: ${answer}\n${worker.output()}`,
      );
  }
}

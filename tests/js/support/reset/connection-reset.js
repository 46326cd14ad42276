// @ts-check
// For the tests of connection resets: Workers in the real workerd, clients that reset
// their connection, and how answers are judged.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { after } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bundleWorker,
  COMPATIBILITY_DATES,
  startWorkerd,
} from "../../../../scripts/workerd/workerd.js";
import { startZitadel } from "../zitadel/server.js";

/** @typedef {{ status: number; json: any; millis: number } | "no answer"} Asked */

/** After this, others may start another flight (src/lifecycle/state.rs). */
export const LEASE = 11_000;
/** How long a call of `get` or `verify` may take. */
export const TIMEOUT = 20_000;
/** For a machine under load. */
export const SLACK = 8_000;
/** How long the slow server takes. */
export const SLOW = 2_000;
/** Long enough for a client to have come or gone, and well before the slow server answers. */
export const SOON = 150;

const WITHOUT = "without-wait-until.js";
// When requests go away, their continuations have nowhere to run, and newer runtimes say so.
// Everything else would be ours.
const CANCELED =
  /^Warning: A promise was resolved or rejected from a different request context than the one it was created in\. However, the creating request has already been completed or canceled\. .*\n(    at .*\n)*/gm;

/**
 * A Worker on the oldest and on the newest compatibility date, with `waitUntil` and without, all of
 * them running until the tests of the file are over.
 *
 * @param {URL} entry its file
 */
export async function startWorkers(entry) {
  const { withIt, without, remove } = await bundle(entry);
  const workers = await Promise.all(
    // Newer dates resolve promises across requests: what works with one date may hang with the
    // other.
    COMPATIBILITY_DATES.flatMap((date) => [
      { name: date, modules: withIt, date, waits: true },
      { name: `${date} without waitUntil`, modules: without, date, waits: false },
    ]).map(async ({ modules, date, ...kind }) => ({ ...kind, ...(await start(modules, date)) })),
  ).finally(remove);
  after(() => Promise.all(workers.map(({ stop }) => stop())));
  return workers;
}

/**
 * The runtime is the one that the test's name says.
 *
 * @type {(worker: { url: string }, waits: boolean) => Promise<void>}
 */
export async function assertRuntime({ url }, waits) {
  const expected = { waitUntil: waits ? "function" : "undefined" };
  assert.deepEqual(json(await ask(`${url}/runtime`)), expected);
}

/**
 * The Worker, once as it is and once on a runtime whose `cloudflare:workers` has no `waitUntil`, as
 * older ones have none.
 *
 * @param {URL} entry
 */
async function bundle(entry) {
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-reset-"));
  const withIt = await bundleWorker({
    entry: fileURLToPath(entry),
    outdir,
  });

  const [main, ...others] = withIt;
  const path = join(outdir, "main-without.js");
  const replacement = join(outdir, WITHOUT);
  writeFileSync(
    path,
    readFileSync(main.path, "utf8").replaceAll('"cloudflare:workers"', `"./${WITHOUT}"`),
  );
  writeFileSync(replacement, 'export { env } from "cloudflare:workers";\n');
  const without = [
    { ...main, path },
    { name: WITHOUT, path: replacement, type: /** @type {const} */ ("esModule") },
    ...others,
  ];
  return { withIt, without, remove: () => rmSync(outdir, { recursive: true }) };
}

/**
 * An isolate, and the server that it asks unless a request names another.
 *
 * @param {import("../../../../scripts/workerd/workerd.js").WorkerModule[]} modules
 * @param {string} compatibilityDate
 */
async function start(modules, compatibilityDate) {
  const zitadel = await startZitadel();
  const { issuer: ISSUER, state } = zitadel;
  const { clientId, clientSecret, application, projectId } = state;
  const api = {
    AUDIENCE: projectId,
    API_CLIENT_ID: application.clientId,
    API_CLIENT_SECRET: application.clientSecret,
  };
  const bindings = { ISSUER, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, ...api };
  const { url, output, stop } = await startWorkerd({ modules, bindings, compatibilityDate });
  const logged = () => output().replaceAll(CANCELED, "").trim();
  return { url, logged, zitadel, stop: () => Promise.all([stop(), zitadel.stop()]) };
}

/**
 * The Worker's clients and their own server, which gets no other requests.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ url: string }} worker
 */
export async function scene(t, { url }) {
  const zitadel = await startZitadel();
  t.after(zitadel.stop);
  const { issuer, script } = zitadel;
  const at = (/** @type {string} */ path) =>
    `${url}${path}${path.includes("?") ? "&" : "?"}issuer=${encodeURIComponent(issuer)}`;
  return {
    zitadel,
    script,
    /** @type {(path: string, patience?: number) => Promise<Asked>} */
    ask: (path, patience) => ask(at(path), patience),
    /** @param {string} path */
    lead: (path) => lead(at(path)),
  };
}

/** @type {(url: string, patience?: number) => Promise<Asked>} */
export async function ask(url, patience = 30_000) {
  const askedAt = performance.now();
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return {
      status: response.status,
      json: isJson ? JSON.parse(text) : text,
      millis: performance.now() - askedAt,
    };
  } catch (error) {
    if (/** @type {Error} */ (error).name === "TimeoutError") return "no answer";
    throw error;
  }
}

/**
 * A client that asks and can go away with a RST: workerd does not notice a mere FIN in time.
 *
 * @param {string} url
 */
export function lead(url) {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answered = false;
  socket.on("data", () => {
    answered = true;
  });
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  return {
    reset() {
      // A test whose client had its answer would show nothing.
      if (answered)
        throw new Error("the client had its answer before it could reset the connection");
      socket.resetAndDestroy();
    },
  };
}

/**
 * @type {(asked: Asked, status?: number) => any} what it was answered, which has to have that
 *   status
 */
export function json(asked, status = 200) {
  assert.ok(asked !== "no answer", "no answer");
  assert.equal(asked.status, status, JSON.stringify(asked.json));
  return asked.json;
}

/** @param {Asked} asked */
export function millis(asked) {
  return asked === "no answer" ? Infinity : asked.millis;
}

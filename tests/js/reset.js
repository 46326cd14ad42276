// @ts-check
// For reset.test.js: Workers in the real workerd, clients that reset their connection, and what the server was asked.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundleWorker, startWorkerd } from "../../scripts/workerd.js";
import { startZitadel } from "./zitadel.js";

/** @typedef {Awaited<ReturnType<typeof startZitadel>>} Zitadel */
/** @typedef {{ status: number, json: any, millis: number } | "no answer"} Asked */

const WITHOUT = "without-wait-until.js";
const PATIENCE = 5_000;

/** The Worker, once as it is and once on a runtime whose `cloudflare:workers` has no `waitUntil`, as older ones have none. */
export async function bundle() {
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-reset-"));
  const withIt = await bundleWorker({ entry: fileURLToPath(new URL("reset-worker.js", import.meta.url)), outdir });

  const [main, ...others] = withIt;
  const [path, replacement] = [join(outdir, "main-without.js"), join(outdir, WITHOUT)];
  writeFileSync(path, readFileSync(main.path, "utf8").replaceAll('from "cloudflare:workers"', `from "./${WITHOUT}"`));
  writeFileSync(replacement, 'export { env } from "cloudflare:workers";\n');
  const without = [{ ...main, path }, { name: WITHOUT, path: replacement, type: /** @type {const} */ ("esModule") }, ...others];
  return { withIt, without, remove: () => rmSync(outdir, { recursive: true }) };
}

/**
 * An isolate, and the server that it asks unless a request names another.
 * @param {import("../../scripts/workerd.js").WorkerModule[]} modules
 * @param {string} compatibilityDate
 */
export async function start(modules, compatibilityDate) {
  const zitadel = await startZitadel();
  const { issuer: ISSUER, state } = zitadel;
  const bindings = { ISSUER, CLIENT_ID: state.clientId, CLIENT_SECRET: state.clientSecret };
  const { url, output, stop } = await startWorkerd({ modules, bindings, compatibilityDate });
  return { url, output, zitadel, stop: () => Promise.all([stop(), zitadel.stop()]) };
}

/**
 * The Worker's clients and their own server, which gets no other requests.
 * @param {import("node:test").TestContext} t
 * @param {{ url: string }} worker
 */
export async function scene(t, { url }) {
  const zitadel = await startZitadel();
  t.after(zitadel.stop);
  const { issuer, requests, script } = zitadel;
  const at = (/** @type {string} */ path) => `${url}${path}${path.includes("?") ? "&" : "?"}issuer=${encodeURIComponent(issuer)}`;
  return {
    zitadel,
    script,
    /** @type {(path: string, patience?: number) => Promise<Asked>} */
    ask: (path, patience) => ask(at(path), patience),
    /** @param {string} path */
    lead: (path) => lead(at(path)),
    /** How many token requests there were, of one source or of all. @param {string | number} [n] */
    tokenRequests: (n) => tokenRequests(zitadel, n),
    /** Until so many requests of one source have come. @param {string | number} n @param {number} [count] */
    arrived: (n, count = 1) => until(() => tokenRequests(zitadel, n) >= count, `${count} token requests of source ${n}`),
    /** Until the server was asked for its metadata. */
    discovering: () => until(() => requests.some(({ path }) => path.startsWith("/.well-known/")), "a request for metadata"),
  };
}

/** @type {(url: string, patience?: number) => Promise<Asked>} */
export async function ask(url, patience = 30_000) {
  const askedAt = performance.now();
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, json: isJson ? JSON.parse(text) : text, millis: performance.now() - askedAt };
  } catch (error) {
    if (/** @type {Error} */ (error).name === "TimeoutError") return "no answer";
    throw error;
  }
}

/**
 * A client that asks and can go away with a RST: workerd does not notice a mere FIN in time.
 * @param {string} url
 */
function lead(url) {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answered = false;
  socket.on("data", () => (answered = true));
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  return {
    reset() {
      // A test whose client had its answer would show nothing.
      if (answered) throw new Error("the client had its answer before it could reset the connection");
      socket.resetAndDestroy();
    },
  };
}

/** @type {(zitadel: Zitadel, n?: string | number) => number} */
function tokenRequests({ requests }, n) {
  return requests.filter(({ path, body }) => path === "/oauth/v2/token" && (n === undefined || new URLSearchParams(body).get("n") === String(n))).length;
}

/** @type {(isSo: () => boolean, what: string) => Promise<void>} */
async function until(isSo, what) {
  const deadline = performance.now() + PATIENCE;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await wait(2);
  }
}

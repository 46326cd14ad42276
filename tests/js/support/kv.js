// @ts-check
// Workers of one workerd over a namespace of Workers KV. The namespace's client is workerd's own. The
// service behind it is ours, with the limits that KV has and simulators do not: one write a second
// for a key, no `expirationTtl` under 60 s, look-ups in vain that are remembered.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { bundleWorker, COMPATIBILITY_DATES, serve } from "../../../scripts/workerd/workerd.js";
import { listen } from "./listen.js";

/** The oldest one: the fleet of the broker's tests has the newest. */
const [compatibilityDate] = COMPATIBILITY_DATES;

/** How long a look-up in vain is remembered, ms; a minute in the real one. */
const NEGATIVE = 2_000;
const WRITES = 1_000;
const FLOOR = 60;

export async function startKv() {
  /** @type {Map<string, { value: string; writtenAt: number }>} */
  const values = new Map();
  /** @type {Map<string, number>} */
  const missed = new Map();
  /** @type {{ method: string; status: number; ttl?: number }[]} */
  const calls = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(String(request.url), "http://kv");
    const key = decodeURIComponent(pathname.slice(1));
    const method = String(request.method);
    const body = await text(request);
    /** @type {(status: number, content?: string, ttl?: number) => void} */
    const answer = (status, content = "", ttl) => {
      calls.push({ method, status, ...(ttl && { ttl }) });
      response.writeHead(status).end(content);
    };
    if (method === "GET") {
      const isMissed = Date.now() - (missed.get(key) ?? 0) < NEGATIVE;
      const found = isMissed ? undefined : values.get(key);
      if (!found && !isMissed) missed.set(key, Date.now());
      return found ? answer(200, found.value) : answer(404);
    }
    const ttl = Number(searchParams.get("expiration_ttl"));
    if (!(ttl >= FLOOR)) return answer(400, "Invalid expiration_ttl");
    const last = values.get(key)?.writtenAt ?? 0;
    if (Date.now() - last < WRITES) return answer(429, "Too Many Requests");
    values.set(key, { value: body, writtenAt: Date.now() });
    return answer(200, "", ttl);
  });
  const { origin } = await listen(server);
  const stop = () => new Promise((done) => server.close(done).closeAllConnections());
  return { address: new URL(origin).host, values, missed, calls, stop };
}

/**
 * @type {(options: {
 *   isolates: number;
 *   bindings: Record<string, string>;
 *   kv: string;
 * }) => ReturnType<typeof start>}
 */
export const startKvFleet = (options) => start(options);

/** @param {{ isolates: number; bindings: Record<string, string>; kv: string }} options */
async function start({ isolates, bindings, kv }) {
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-kv-"));
  try {
    const entry = fileURLToPath(new URL("../cloudflare/fleet/kv.js", import.meta.url));
    const modules = await bundleWorker({ entry, outdir });
    const names = Array.from({ length: isolates }, (_, n) => `isolate${n}`);
    const embedded = modules.map(
      ({ name, type }, n) => `(name = "${name}", ${type} = embed "module${n}")`,
    );
    const texts = Object.entries(bindings).map(
      ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`,
    );
    const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${names.map((name) => `(name = "${name}", worker = .isolate),`).join("\n    ")}
    (name = "kv", external = (address = "${kv}", http = ())),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [
    ${names.map((name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}"),`).join("\n    ")}
  ],
);
const isolate :Workerd.Worker = (
  modules = [${embedded.join(", ")}],
  bindings = [${texts.join(", ")}, (name = "TOKENS", kvNamespace = "kv")],
  compatibilityDate = "${compatibilityDate}",
  globalOutbound = "network",
);
`;
    const { ports, ...running } = await serve({
      text: config,
      modules,
      env: {},
      sockets: isolates,
    });
    return { ...running, urls: ports.map((port) => `http://127.0.0.1:${port}`) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

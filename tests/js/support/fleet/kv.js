// @ts-check
// The service behind a namespace of Workers KV, whose client is workerd's own. It has the limits that
// KV has and simulators do not: one write a second for a key, no `expirationTtl` under 60 s, look-ups
// in vain that are remembered.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "../http/listen.js";

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

// @ts-check
// A token endpoint on loopback that takes its time, counts who asks, and knows its tokens again.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { CLIENT, TOKEN } from "../support/stub.js";

/** @typedef {Record<string, number>} Lifetimes by path: how long tokens are good, s */

/** How many digits of a token number it. */
const SERIAL = 9;

/** @typedef {Awaited<ReturnType<typeof startProvider>>} Provider */

/** @param {{ lifetimes: Lifetimes; delay: number }} options `delay`: before it answers, ms */
export async function startProvider({ lifetimes, delay }) {
  /**
   * When a token went out, by path; of `performance.now()`.
   *
   * @type {Record<string, number[]>}
   */
  const sentAt = Object.fromEntries(Object.keys(lifetimes).map((path) => [path, []]));
  /** @type {Record<string, number>} */
  const asked = Object.fromEntries(Object.keys(lifetimes).map((path) => [path, 0]));
  const tokens = new Set();

  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    let body = "";
    for await (const chunk of request) body += chunk;
    if (!(path in lifetimes && isTokenRequest(request, body))) {
      response.writeHead(400, { "content-type": "application/json" });
      response.end('{"error":"invalid_request"}');
      return;
    }

    asked[path] += 1;
    await wait(delay);
    const token = TOKEN.slice(SERIAL) + String(tokens.size).padStart(SERIAL, "0");
    tokens.add(`Bearer ${token}`);
    sentAt[path].push(performance.now());
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(
      JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: lifetimes[path] }),
    );
  });
  // Node closes a connection after 5 s, in the very moment in which a Worker may use it again: that
  // is a failure of the network, which is not what is measured.
  server.keepAliveTimeout = 600_000;
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    issuer: `http://127.0.0.1:${port}`,
    asked,
    sentAt,
    /**
     * Whether a Worker's answer is one of them.
     *
     * @param {string} header
     */
    isToken: (header) => tokens.has(header),
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/**
 * Clients differ in which characters they encode.
 *
 * @type {(request: import("node:http").IncomingMessage, body: string) => boolean}
 */
function isTokenRequest({ method, headers }, body) {
  const credentials = atob((headers.authorization ?? "").replace("Basic ", ""))
    .split(":")
    .map(decodeURIComponent);
  const isClient = credentials.join(":") === `${CLIENT.clientId}:${CLIENT.clientSecret}`;
  return (
    method === "POST" &&
    isClient &&
    new URLSearchParams(body).get("grant_type") === "client_credentials"
  );
}

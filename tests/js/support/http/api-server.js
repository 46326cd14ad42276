// @ts-check
// An API that answers as it is told, beside ZITADEL.
import { createServer } from "node:http";
import { after, beforeEach } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { tokenSource } from "edge-credentials";
import { close, listen } from "./listen.js";
import { startZitadel } from "../zitadel/server.js";

/**
 * @typedef {{
 *   status?: number;
 *   headers?: Record<string, string>;
 *   body?: string;
 *   delay?: number;
 * }} Answer
 */
/**
 * @typedef {{
 *   method: string;
 *   path: string;
 *   headers: import("node:http").IncomingHttpHeaders;
 *   body: string;
 * }} Recorded
 *   `body`: a character for each byte
 */

let sources = 0;

/**
 * A source that no test had before, for ZITADEL's API too.
 *
 * @param {Awaited<ReturnType<typeof import("../zitadel/server.js").startZitadel>>} zitadel
 * @param {Partial<import("edge-credentials").SecretSourceOptions>} [changes] `undefined` takes an
 *   option away
 */
export function freshSource({ tokenEndpoint, state: { clientId, clientSecret } }, changes) {
  const scope = "urn:zitadel:iam:org:project:id:zitadel:aud";
  sources += 1;
  const params = { n: String(sources) };
  const all = { tokenEndpoint, clientId, clientSecret, scope, params, ...changes };
  return tokenSource(
    /** @type {typeof all} */ (
      Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    ),
  );
}

/**
 * ZITADEL, and an API of somebody else's; what they were asked is forgotten before each test, and
 * so is what the API was told to answer.
 */
export async function startBoth() {
  const [zitadel, api] = await Promise.all([startZitadel(), startApi()]);
  beforeEach(() => {
    zitadel.requests.length = 0;
    api.requests.length = 0;
    api.answer = () => ({ body: "fine" });
  });
  after(() => Promise.all([zitadel.stop(), api.stop()]));
  return { zitadel, api };
}

export async function startApi() {
  const server = createServer();
  const { origin } = await listen(server);
  const api = {
    origin,
    /** Everything that arrived. */
    requests: /** @type {Recorded[]} */ ([]),
    /** To be replaced. */
    answer: /** @type {(request: Recorded) => Answer} */ (() => ({ body: "fine" })),
    stop: () => close(server),
  };
  server.on("request", async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url: path = "", headers } = request;
    const recorded = { method, path, headers, body: Buffer.concat(chunks).toString("latin1") };
    api.requests.push(recorded);
    const answer = api.answer(recorded);
    if (answer.delay) await wait(answer.delay);
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  return api;
}

/** An origin at which nobody listens any more. */
export async function closedOrigin() {
  const { origin, stop } = await startApi();
  await stop();
  return origin;
}

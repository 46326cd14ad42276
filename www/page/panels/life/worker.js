// @ts-check
// The package at work, in a Web Worker: there `Date.now` can be moved without anybody else on the
// page noticing.
import { AuthError, tokenSource } from "../../../../pkg/dist/esm/inline.js";
import { tokenEndpoint } from "./server.js";

/** @typedef {import("edge-credentials").TokenSource} TokenSource */
/** @typedef {import("edge-credentials").Token} Token */
/** @typedef {import("edge-credentials").SourceEvent} SourceEvent */
/** @typedef {import("./server.js").Request} Request */

/**
 * What the page asks for.
 *
 * @typedef {{ type: "begin"; run: number }
 *   | { type: "server"; server: Partial<import("./server.js").Server> }
 *   | { type: "call"; count: number }
 *   | { type: "refuse" }
 *   | { type: "jump"; by: number }} Order
 */
/**
 * Callers that came together: how many were served at once, have waited, have failed; `endedAt`
 * once all are done.
 *
 * @typedef {{
 *   id: number;
 *   at: number;
 *   count: number;
 *   endedAt?: number;
 *   atOnce: number;
 *   waited: number;
 *   failed: number;
 *   token?: Token;
 *   error?: Told;
 * }} Calls
 */
/** @typedef {import("edge-credentials").AuthError} Thrown */
/** @typedef {Pick<Thrown, "code" | "category" | "message" | "hint">} Told */
/**
 * What the page is told; `at` and the times of requests and calls are by the machine's clock, those
 * of events and tokens by the moved one.
 *
 * @typedef {{ run: number; at: number } & (
 *   | { type: "request"; request: Request }
 *   | { type: "event"; event: SourceEvent }
 *   | { type: "calls"; calls: Calls }
 *   | { type: "clock"; by: number; offset: number }
 * )} News
 */

const machineNow = Date.now.bind(Date);
/** The number of the run, which the page counts. */
let run = 0;
/** How far the clock is moved, ms. */
let offset = 0;
let callCount = 0;
Date.now = () => machineNow() + offset;

const server = { lifetime: 10, isDown: false, isSlow: false };
/** @type {TokenSource} */
let source;

addEventListener("message", ({ data }) => obey(data));

/** @param {Order} order */
function obey(order) {
  if (order.type === "begin") begin(order.run);
  if (order.type === "server") Object.assign(server, order.server);
  if (order.type === "call") callers(order.count, () => source.get());
  if (order.type === "refuse") callers(1, refused);
  if (order.type === "jump") jump(order.by);
}

/**
 * With another client id it is another source.
 *
 * @param {number} number
 */
function begin(number) {
  run = number;
  offset = 0;
  source = tokenSource({
    tokenEndpoint: "https://idp.example/token",
    clientId: `service-user-${number}`,
    clientSecret: "demo",
    // Of its own: a request that an earlier run has sent is not this run's.
    fetch: tokenEndpoint(
      server,
      (request) => tell({ type: "request", request }, number),
      machineNow,
    ),
    onEvent: (/** @type {SourceEvent} */ event) => tell({ type: "event", event }, number),
  });
}

/** A caller whose API answers 401: it says so, and gets another token. */
async function refused() {
  const own = source;
  own.invalidate(await own.get());
  return own.get();
}

/** @type {(count: number, get: () => Promise<Token>) => Promise<void>} */
async function callers(count, get) {
  const number = run;
  let isWaiting = false;
  callCount += 1;
  /** @type {Calls} */
  const calls = { id: callCount, at: machineNow(), count, atOnce: 0, waited: 0, failed: 0 };
  // A timer comes after every promise that is settled already: whoever was served by then did not
  // wait.
  const timer = setTimeout(() => {
    isWaiting = true;
    tell({ type: "calls", calls: { ...calls } }, number);
  });
  const one = async () => {
    try {
      calls.token = await get();
      if (isWaiting) calls.waited += 1;
      else calls.atOnce += 1;
    } catch (error) {
      calls.failed += 1;
      calls.error = told(error);
    }
  };
  await Promise.all(Array.from({ length: count }, one));
  clearTimeout(timer);
  tell({ type: "calls", calls: { ...calls, endedAt: machineNow() } }, number);
}

/**
 * @param {unknown} error
 * @returns {Told}
 */
function told(error) {
  if (!(error instanceof AuthError)) throw error;
  const { code, category, message, hint } = /** @type {Thrown} */ (/** @type {Error} */ (error));
  return { code, category, message, hint };
}

/** @param {number} by */
function jump(by) {
  offset += by;
  tell({ type: "clock", by, offset });
}

/**
 * @type {(news: object, number?: number) => void} what an earlier run's source still does is not
 *   this run's
 */
function tell(news, number = run) {
  if (number === run) postMessage({ ...news, run, at: machineNow() });
}

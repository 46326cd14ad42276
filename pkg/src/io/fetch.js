import { causeOf, isControlFlow, misuse, unavailable } from "../core/error-constructors.js";
import { READ_HEADERS } from "../protocol/answer.js";

/**
 * A `fetch` of the caller's own.
 *
 * @typedef {(url: string, init: RequestInit) => Promise<Response>} Fetch
 */

/**
 * Sends a request once and reads the answer.
 *
 * @param {string} what is asked, in words
 * @param {import("../protocol/http.js").RequestData} request
 * @param {{ fetch: Fetch | undefined; signal: AbortSignal; longest: number }} options `longest`:
 *   bytes of the body that are read
 * @returns {Promise<{ sentAt: number; answer: import("../protocol/http.js").ResponseData }>}
 * @throws {import("../core/errors.js").AuthError} `network_failed`; or a framework's control flow
 */
export async function send(what, { url, ...init }, { fetch = globalThis.fetch, signal, longest }) {
  const sentAt = Date.now();
  try {
    const response = await fetch(url, { ...init, signal });
    // Plain data at once: a response of a fetch that is not the runtime's may be anything.
    const { status, headers } = response;
    const read = Object.fromEntries(
      READ_HEADERS.map((name) => [name, headers.get(name) ?? undefined]),
    );
    return {
      sentAt,
      answer: { status, headers: read, body: await readText(response, longest, signal) },
    };
  } catch (thrown) {
    if (isControlFlow(thrown)) throw thrown;
    throw networkFailed(`${what} at ${new URL(url).origin}`, thrown);
  }
}

/**
 * Runs something that has so long and no longer, whether it heeds the signal or not.
 *
 * @template T
 * @param {number} millis
 * @param {string} what takes so long, in words
 * @param {(signal: AbortSignal) => Promise<T>} run
 * @returns {Promise<T>}
 * @throws {import("../core/errors.js").AuthError} `timed_out`, `io_forbidden`
 */
export async function within(millis, what, run) {
  const controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const end = new Promise((_, reject) => {
    timer = startTimer(() => {
      reject(timedOut(what, millis));
      controller.abort();
    }, millis);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([run(controller.signal), end]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs something of somebody else's whose end and failure are of no interest.
 *
 * @param {() => unknown} run
 */
export function quietly(run) {
  // A rejection that nobody hears would end a process of Node's.
  (async () => run())().catch(() => {});
}

/**
 * @param {() => void} run
 * @param {number} millis
 * @throws {import("../core/errors.js").AuthError} `io_forbidden`
 */
export function startTimer(run, millis) {
  try {
    // Beyond this, timers fire at once.
    return setTimeout(run, Math.min(millis, 2 ** 31 - 1));
  } catch {
    const hint =
      "make sources and verifiers where you like, but ask them inside a request's handler: a Worker's global scope has no I/O";
    throw misuse("io_forbidden", "the runtime permits neither requests nor timers here", hint);
  }
}

/**
 * @param {string} what
 * @param {number} millis
 */
export function timedOut(what, millis) {
  return unavailable(
    "timed_out",
    `${what} took longer than ${millis / 1000} s`,
    "the server, or the way to it, is slow or down: try again later",
  );
}

/**
 * @param {string} what
 * @param {unknown} thrown may hold the request: none of its texts are shown
 */
export function networkFailed(what, thrown) {
  const hint =
    "check the address, and that the server is up; `cause` has the runtime's name for the failure";
  return unavailable("network_failed", `${what} cannot be reached`, hint, causeOf(thrown));
}

/**
 * The body, no more of it than can be right. What is longer is cut just behind that, which the core
 * then refuses.
 *
 * @param {Response} response
 * @param {number} longest
 * @param {AbortSignal} signal a fetch that is not the runtime's may not heed it
 */
async function readText(response, longest, signal) {
  const reader = response.body?.getReader?.();
  if (!reader) return response.text();
  signal.addEventListener("abort", () => quietly(() => reader.cancel()), { once: true });
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    // An empty chunk counts too: a stream of nothing else would never let go.
    size += Math.max(1, value.length);
    text += decoder.decode(value, { stream: true });
    if (size <= longest) continue;
    quietly(() => reader.cancel());
    return text.length > longest ? text : text.padEnd(longest + 1);
  }
}

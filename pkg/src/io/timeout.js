// Time limits by timers.
import { misuse, unavailable } from "../core/error-constructors.js";

/** The longest delay of a timer, ms. Runtimes fire a timer with a longer one at once. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Runs an operation with a time limit. The limit holds even if the operation ignores its signal.
 *
 * @template T
 * @param {number} millis
 * @param {string} what the operation in words, for the error's message
 * @param {(signal: AbortSignal) => Promise<T>} run gets a signal that aborts when the time is up
 * @returns {Promise<T>}
 * @throws {import("../core/errors.js").AuthError} `timed_out`, `io_forbidden`
 */
export async function withTimeout(millis, what, run) {
  const controller = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const timeout = new Promise((_, reject) => {
    timer = startTimer(() => {
      reject(timedOut(what, millis));
      controller.abort();
    }, millis);
  });

  try {
    return await /** @type {Promise<T>} */ (Promise.race([run(controller.signal), timeout]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `setTimeout`, with an `AuthError` where the runtime forbids timers.
 *
 * @param {() => void} run
 * @param {number} millis
 * @throws {import("../core/errors.js").AuthError} `io_forbidden`
 */
export function startTimer(run, millis) {
  try {
    return setTimeout(run, Math.min(millis, MAX_DELAY));
  } catch {
    const hint =
      "make sources and verifiers where you like, but ask them inside a request's handler: " +
      "a Worker's global scope has no I/O";
    throw misuse("io_forbidden", "the runtime permits neither requests nor timers here", hint);
  }
}

/**
 * @param {string} what the operation in words
 * @param {number} millis
 */
export function timedOut(what, millis) {
  return unavailable(
    "timed_out",
    `${what} took longer than ${millis / 1000} s`,
    "the server, or the way to it, is slow or down: try again later",
  );
}

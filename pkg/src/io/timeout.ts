// Time limits by timers.
import { misuse, unavailable } from "../core/error-constructors.js";

/** The longest delay of a timer, ms. Runtimes fire a timer with a longer one at once. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Runs an operation with a time limit. The limit holds even if the operation ignores its signal.
 *
 * @param what the operation in words, for the error's message
 * @param run gets a signal that aborts when the time is up
 * @throws {AuthError} `timed_out`, `io_forbidden`
 */
export async function withTimeout<T>(
  millis: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const timeout = new Promise((_, reject) => {
    timer = startTimer(() => {
      reject(timedOut(what, millis));
      controller.abort();
    }, millis);
  });

  try {
    return await (Promise.race([run(controller.signal), timeout]) as Promise<T>);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `setTimeout`, with an `AuthError` where the runtime forbids timers.
 *
 * @throws {AuthError} `io_forbidden`
 */
export function startTimer(run: () => void, millis: number) {
  try {
    return setTimeout(run, Math.min(millis, MAX_DELAY));
  } catch {
    const hint =
      "make sources and verifiers where you like, but ask them inside a request's handler: " +
      "a Worker's global scope has no I/O";
    throw misuse("io_forbidden", "the runtime permits neither requests nor timers here", hint);
  }
}

/** @param what the operation in words */
export function timedOut(what: string, millis: number) {
  return unavailable(
    "timed_out",
    `${what} took longer than ${millis / 1000} s`,
    "the server, or the way to it, is slow or down: try again later",
  );
}

// Reads the caller's abort signals. Any object may pass for one, and throw when it is read.
import { guardReads } from "../core/check-options.js";
import { runInBackground } from "./background.js";

/**
 * @param {AbortSignal | undefined} signal
 * @throws the signal's reason; `option_invalid` if the signal cannot be read
 */
export function throwIfAborted(signal) {
  if (signal && guardReads(() => signal.aborted)) throw reasonOf(signal);
}

/**
 * Calls a function when the signal aborts.
 *
 * @param {AbortSignal} signal
 * @param {(reason: unknown) => void} run
 * @returns {() => void} removes the listener
 * @throws {import("../core/errors.js").AuthError} `option_invalid` if the signal cannot be read
 */
export function onAbort(signal, run) {
  const listener = () => run(reasonOf(signal));
  guardReads(() => signal.addEventListener("abort", listener));
  return () => runInBackground(() => signal.removeEventListener("abort", listener));
}

/**
 * The signal's reason, or the error from reading it.
 *
 * @param {AbortSignal} signal
 * @returns {unknown}
 */
function reasonOf(signal) {
  try {
    const reason = guardReads(() => signal.reason);
    // Signals of older libraries have no reason.
    return reason === undefined
      ? new DOMException("This operation was aborted", "AbortError")
      : reason;
  } catch (error) {
    return error;
  }
}

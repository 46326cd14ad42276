// The caller's signals. One may be anybody's object, which throws whenever it is looked at.
import { guardReads } from "../core/check-options.js";
import { runInBackground } from "./background.js";

/**
 * @param {AbortSignal | undefined} signal
 * @throws its reason; `option_invalid`
 */
export function throwIfAborted(signal) {
  if (signal && guardReads(() => signal.aborted)) throw reasonOf(signal);
}

/**
 * @param {AbortSignal} signal
 * @param {(reason: unknown) => void} run
 * @returns {() => void} ends it
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function onAbort(signal, run) {
  const listener = () => run(reasonOf(signal));
  guardReads(() => signal.addEventListener("abort", listener));
  return () => runInBackground(() => signal.removeEventListener("abort", listener));
}

/**
 * It, or why it cannot be told.
 *
 * @param {AbortSignal} signal
 * @returns {unknown}
 */
function reasonOf(signal) {
  try {
    const reason = guardReads(() => signal.reason);
    // Those of older libraries have none.
    return reason === undefined
      ? new DOMException("This operation was aborted", "AbortError")
      : reason;
  } catch (error) {
    return error;
  }
}

// Reads the caller's abort signals. Any object may pass for one, and throw when it is read.
import { guardReads } from "../core/guard-reads.js";
import { runInBackground } from "./background.js";

/** @throws the signal's reason; `option_invalid` if the signal cannot be read */
export function throwIfAborted(signal: AbortSignal | undefined) {
  if (signal && guardReads(() => signal.aborted)) throw reasonOf(signal);
}

/**
 * Calls a function when the signal aborts.
 *
 * @returns removes the listener
 * @throws {AuthError} `option_invalid` if the signal cannot be read
 */
export function onAbort(signal: AbortSignal, run: (reason: unknown) => void): () => void {
  const listener = () => run(reasonOf(signal));
  guardReads(() => signal.addEventListener("abort", listener));
  return () => runInBackground(() => signal.removeEventListener("abort", listener));
}

/** The signal's reason, or the error from reading it. */
function reasonOf(signal: AbortSignal): unknown {
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

// How long one caller waits.
import { runInBackground } from "../io/background.js";
import { onAbort } from "../io/signal.js";
import { startTimer } from "../io/timeout.js";
import type { Timer } from "../io/timeout.js";

/** The wait of one caller, which may be for several flights. */
export interface Patience {
  /**
   * Waits for a flight, the end of its lease or the caller's time limit, whichever comes first.
   *
   * On workerd this has to race the flight's own promise with promises of this request. On
   * compatibility dates before 2024-10-14, a promise of this request that another request resolves
   * would continue there, without any I/O.
   *
   * @param lease ms
   * @throws the signal's reason
   */
  wait: <T>(flight: Promise<T> | undefined, lease: number) => Promise<T | "lease" | "limit">;
  stop: () => void;
}

/**
 * Starts the wait of one caller. It counts by timers and the monotonic clock, since the other clock
 * may stand still or jump. A process waits for it.
 *
 * @param limit ms
 */
export function startPatience(limit: number, signal: AbortSignal | undefined): Patience {
  let left = limit;
  let abort: (reason: unknown) => void = () => {};
  const aborted =
    signal &&
    new Promise<never>((_, reject) => {
      abort = reject;
    });
  // A caller that stopped waiting does not handle the rejection.
  if (aborted) runInBackground(() => aborted);
  const removeListener = signal && onAbort(signal, abort);

  return {
    async wait(flight, lease) {
      const end = left <= lease ? "limit" : "lease";
      let timer: Timer | undefined;
      const ended = new Promise<"lease" | "limit">((resolve) => {
        timer = startTimer(() => resolve(end), Math.min(left, lease), { keepsAlive: true });
      });

      try {
        return await Promise.race([flight ?? ended, ended, aborted ?? ended]);
      } finally {
        left -= timer?.stop() ?? 0;
      }
    },

    stop: () => removeListener?.(),
  };
}

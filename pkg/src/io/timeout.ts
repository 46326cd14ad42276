// Time limits by timers.
import { misuse, unavailable } from "../core/error-constructors.js";

/**
 * How long one timer of the runtime runs, ms. A longer time is made of several: if the process was
 * frozen (a Lambda function between two calls), only one of them is late, and only its own length
 * counts.
 */
const SLICE = 1_000;

/** A timer that was started. */
export interface Timer {
  /** stops it, and returns for how many ms it ran */
  stop: () => number;
}

/**
 * Runs an operation with a time limit. The limit holds even if the operation ignores its signal.
 *
 * @param what the operation in words, for the error's message
 * @param run gets a signal that aborts when the time is up
 * @param canceled ends the operation early; the promise then rejects with its reason. It belongs to
 *   one flight, which checks it before each attempt and lives no longer than its few attempts
 * @throws {AuthError} `timed_out`, `io_forbidden`
 */
export async function withTimeout<T>(
  millis: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
  canceled?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  let timer: Timer | undefined;

  const stopped = new Promise<never>((_, reject) => {
    const stop = (reason: unknown) => {
      reject(reason);
      controller.abort();
    };
    // Whoever waits has a timer of their own: this one keeps no process alive.
    timer = startTimer(() => stop(timedOut(what, millis)), millis, { keepsAlive: false });
    canceled?.addEventListener("abort", () => stop(canceled.reason));
  });

  try {
    return await Promise.race([run(controller.signal), stopped]);
  } finally {
    timer?.stop();
  }
}

/**
 * Runs a function after a time in which the process runs: that of a freeze does not count.
 *
 * @param options `keepsAlive`: whether a process waits for it
 * @throws {AuthError} `io_forbidden` where the runtime forbids timers
 */
export function startTimer(
  run: () => void,
  millis: number,
  { keepsAlive }: { keepsAlive: boolean },
): Timer {
  let ran = 0;
  let slice = 0;
  let startedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const startSlice = () => {
    slice = Math.min(millis - ran, SLICE);
    startedAt = performance.now();
    timer = setTimeout(endSlice, slice);
    // Only Node, Bun and Deno have it.
    if (!keepsAlive) (timer as { unref?: () => void }).unref?.();
  };
  const endSlice = () => {
    ran += slice;
    slice = 0;
    if (ran < millis) startSlice();
    else run();
  };

  try {
    startSlice();
  } catch {
    const hint =
      "ask sources and verifiers inside a request's handler: a Worker's global scope has no I/O";
    throw misuse("io_forbidden", "the runtime permits no I/O here", hint);
  }

  return {
    stop() {
      clearTimeout(timer);
      return ran + Math.min(performance.now() - startedAt, slice);
    },
  };
}

/** @param what the operation in words */
export function timedOut(what: string, millis: number) {
  return unavailable(
    "timed_out",
    `${what} took longer than ${millis / 1000} s`,
    "the server, or the way to it, is slow or down: try again later",
  );
}

// What a store has to do, and how long it may take.
import { startTimer } from "../io/timeout.js";
import type { Timer } from "../io/timeout.js";

/**
 * A key-value store. Keys have 43 characters of base64url. Values are strings of some kilobytes,
 * sealed. It may forget a value at any time, and give an old one. What else it has is not used.
 */
export interface KeyValueStore {
  /** returns the value, or `null` or `undefined` where there is none */
  get: (key: string) => unknown;
  /**
   * puts a value in the place of the last one
   *
   * @param options `ttl`: seconds after which the value is of no use, 1 or more
   */
  set: (key: string, value: string, options: { ttl: number }) => unknown;
}

/** A call of a store took too long. */
export const SLOW: unique symbol = Symbol("slow");

/** Calls a store, and waits some time for it. */
export async function callStore(call: () => unknown, millis: number): Promise<unknown> {
  let timer: Timer | undefined;
  const late = new Promise<typeof SLOW>((resolve) => {
    timer = startTimer(() => resolve(SLOW), millis, { keepsAlive: false });
  });
  try {
    // Asynchronously, since it may throw at once.
    return await Promise.race([(async () => call())(), late]);
  } finally {
    timer?.stop();
  }
}

// @ts-check
// Waits for what happens elsewhere: in another process, or in a server.
import { setTimeout as wait } from "node:timers/promises";

/** Generous: what is waited for comes at once, unless the machine is busy. */
const PATIENCE = 60_000;

/**
 * @param {() => boolean} isSo
 * @param {string} what as the error names it
 */
export async function until(isSo, what) {
  const deadline = performance.now() + PATIENCE;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await wait(2);
  }
}

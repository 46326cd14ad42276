// @ts-check
// Time in the tests: a clock and timers that stand still until a test moves them.
import { install } from "@sinonjs/fake-timers";

/** When every test begins, ms. */
export const START = Date.UTC(2026, 10, 24);

/**
 * Set while a test holds the time.
 *
 * @type {import("@sinonjs/fake-timers").Clock | undefined}
 */
let clock;

/**
 * Stops clock and timers until the test ends. Further calls of the same test change nothing.
 *
 * @param {import("node:test").TestContext} t
 */
export function takeTime(t) {
  if (clock) return;

  clock = install({ now: START, toFake: ["Date", "setTimeout", "clearTimeout"] });
  t.after(() => {
    clock?.uninstall();
    clock = undefined;
  });
}

/**
 * Has the system's clock go wrong by so much until the test ends. Timers keep running.
 *
 * @param {import("node:test").TestContext} t
 * @param {number} millis
 */
export function shiftClock(t, millis) {
  const shifted = install({
    now: Date.now() + millis,
    toFake: ["Date"],
    shouldAdvanceTime: true,
  });
  t.after(() => shifted.uninstall());
}

/**
 * WebCrypto's work that has begun. It takes real time, which the clock of a test must not overtake.
 *
 * @type {Set<unknown>}
 */
const busy = new Set();

/** Lets the clock stand still while WebCrypto works. */
export function waitForWebCrypto() {
  for (const name of /** @type {const} */ (["importKey", "sign", "verify"])) {
    /** @type {(...args: any[]) => Promise<any>} */
    const own = crypto.subtle[name].bind(crypto.subtle);
    Reflect.set(crypto.subtle, name, (/** @type {any[]} */ ...args) => {
      const work = own(...args);
      busy.add(work);
      return work.finally(() => busy.delete(work));
    });
  }
}

/** Lets everything happen that needs no time. */
export async function settle() {
  do {
    for (let i = 0; i < 10; i += 1) await new Promise((done) => setImmediate(done));
  } while (busy.size > 0);
}

/**
 * Moves clock and timers, in steps so that what follows from one is there before the next.
 *
 * @param {number} millis
 */
export async function advance(millis) {
  const held = heldClock();
  await settle();

  for (let left = millis; left > 0;) {
    const step = Math.min(left, Math.max(50, Math.ceil(millis / 200)));
    held.tick(step);
    await settle();
    left -= step;
  }
}

/**
 * Moves the clock but not the timers, as a correction of the system's clock does.
 *
 * @param {number} millis
 */
export function jump(millis) {
  heldClock().setSystemTime(Date.now() + millis);
}

/** How many timers have been set and have neither fired nor been cleared. */
export function countTimers() {
  return heldClock().countTimers();
}

function heldClock() {
  if (!clock) throw new Error("no test holds the time: call takeTime first");
  return clock;
}

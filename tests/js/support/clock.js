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
 * Stops clock and timers until the test, or the file, ends. Further calls of the same test change
 * nothing.
 *
 * @param {{ after: (end: () => void) => void }} t
 */
export function takeTime(t) {
  if (clock) return;

  waitForWebCrypto();
  clock = install({ now: START, toFake: ["Date", "setTimeout", "clearTimeout", "performance"] });
  t.after(() => {
    clock?.uninstall();
    clock = undefined;
  });
}

/** Milliseconds that no test can take over. */
export function realTime() {
  return Number(process.hrtime.bigint()) / 1e6;
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

let waiting = false;

/** Lets the clock stand still while WebCrypto works. */
function waitForWebCrypto() {
  if (waiting) return;

  waiting = true;
  const names = /** @type {const} */ ([
    "importKey",
    "sign",
    "verify",
    "deriveKey",
    "digest",
    "encrypt",
    "decrypt",
  ]);
  for (const name of names) {
    /** @type {(...args: any[]) => Promise<any>} */
    const own = crypto.subtle[name].bind(crypto.subtle);
    Reflect.set(crypto.subtle, name, (/** @type {any[]} */ ...args) => {
      const work = own(...args);
      busy.add(work);
      return work.finally(() => busy.delete(work));
    });
  }
}

/** How many turns of the event loop it takes at most until nothing follows from anything. */
const TURNS = 10;

/**
 * Lets everything happen that needs no time. One promise for all turns: node:test tracks each
 * promise, and some files take 20,000 turns.
 *
 * @returns {Promise<void>}
 */
export function settle() {
  return new Promise((done) => {
    let left = TURNS;
    const turn = () => {
      left -= 1;
      if (left > 0) return setImmediate(turn);
      if (busy.size === 0) return done();
      left = TURNS;
      return setImmediate(turn);
    };
    setImmediate(turn);
  });
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

/**
 * Lets time pass in which the process does not run: afterwards what is due fires once, late.
 *
 * @param {number} millis
 */
export function freeze(millis) {
  heldClock().jump(millis);
}

/** How many timers have been set and have neither fired nor been cleared. */
export function countTimers() {
  return heldClock().countTimers();
}

function heldClock() {
  if (!clock) throw new Error("no test holds the time: call takeTime first");
  return clock;
}

// @ts-check
// What promises come to, while the time is the test's (clock.js).
import assert from "node:assert/strict";
import { advance, settle } from "./clock.js";

/**
 * What a promise has come to, without waiting for it.
 *
 * @template T
 * @typedef {{ value: T | undefined; error: any; done: boolean }} Watched
 */

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Watched<T>}
 */
export function watch(promise) {
  /** @type {Watched<T>} */
  const watched = { value: undefined, error: undefined, done: false };
  promise.then(
    (value) => Object.assign(watched, { value, done: true }),
    (error) => Object.assign(watched, { error, done: true }),
  );
  return watched;
}

/**
 * Lets time pass until a promise has come to something, a minute at most.
 *
 * @param {{ done: boolean }} watched
 */
export async function outcome(watched) {
  for (let i = 0; i < 1_200 && !watched.done; i += 1) await advance(50);
}

/**
 * What a promise comes to, with as much time as that takes.
 *
 * @template T
 * @param {Promise<T>} promise
 */
export async function settled(promise) {
  const watched = watch(promise);
  await outcome(watched);
  assert.ok(watched.done, "it never ends");
  return result(watched);
}

/**
 * What a promise comes to without time passing: whoever waits for the server fails.
 *
 * @template T
 * @param {Promise<T>} promise
 */
export async function atOnce(promise) {
  const watched = watch(promise);
  await settle();
  assert.ok(watched.done, "it waits");
  return result(watched);
}

/**
 * @template T
 * @param {Watched<T>} watched
 */
function result({ value, error }) {
  if (error) throw error;
  return /** @type {T} */ (value);
}

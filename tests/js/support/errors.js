// @ts-check
// The errors that tests expect.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { AuthError } from "edge-credentials";
import { settled } from "./promises.js";

/**
 * The AuthError that a function throws, or its promise rejects with.
 *
 * @param {() => unknown} run
 * @param {string} [code] that it has to have
 * @returns {Promise<AuthError>}
 */
export async function failure(run, code) {
  const error = await (async () => run())().then(
    () => assert.fail(`expected ${code ?? "an error"}, got none`),
    (thrown) => thrown,
  );
  return assertAuthError(error, code);
}

/**
 * The same of a promise, with as much time as that takes (clock.js).
 *
 * @param {() => Promise<unknown>} run
 * @param {string} [code]
 */
export function fails(run, code) {
  return failure(() => settled(run()), code);
}

/**
 * The AuthError that a function throws before it returns.
 *
 * @param {() => unknown} run
 * @param {string} [code] that it has to have
 * @returns {AuthError}
 */
export function thrown(run, code) {
  let error;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error !== undefined, `expected ${code ?? "an error"}, got none`);
  return assertAuthError(error, code);
}

/**
 * The AuthError of each promise.
 *
 * @param {Promise<unknown>[]} promises
 * @returns {Promise<any[]>}
 */
export async function rejections(...promises) {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    assert.equal(result.status, "rejected");
    return assertAuthError(result.reason);
  });
}

/**
 * @param {unknown} error
 * @param {string} [code]
 */
function assertAuthError(error, code) {
  assert.ok(error instanceof AuthError, `expected an AuthError, got ${inspect(error)}`);
  if (code) assert.equal(error.code, code, error.message);
  return error;
}

// @ts-check
// What comes of tokens that are verified, and what it took.
import assert from "node:assert/strict";
import { failure } from "./api.js";
import { outcome, settle, waitForWebCrypto, watch } from "./source-world.js";

waitForWebCrypto();

/** @typedef {Promise<Record<string, unknown>>} Verifying */

/**
 * What comes of it without time passing: whoever waits for the server fails.
 *
 * @param {Verifying} verifying
 */
export async function atOnce(verifying) {
  const watched = watch(verifying);
  await settle();
  assert.ok(watched.done, "it waits");
  return result(watched);
}

/**
 * What comes of it in time.
 *
 * @param {Verifying} verifying
 */
export async function settled(verifying) {
  const watched = watch(verifying);
  await outcome(watched);
  return result(watched);
}

/** @param {{ value?: Record<string, unknown>; error?: unknown; done: boolean }} watched */
function result({ value, error, done }) {
  assert.ok(done, "it never ends");
  if (error) throw error;
  assert.ok(value);
  return value;
}

/**
 * The error of a token that is not taken for now, and how an API answers: 503, and when to come
 * back.
 *
 * @param {import("edge-credentials").TokenVerifier} verifier
 * @param {() => Verifying} run
 * @param {string} code
 */
export async function unavailable(verifier, run, code) {
  const error = await failure(() => settled(run()), code);
  const { status, headers } = verifier.challenge(error);
  assert.deepEqual([status, headers.get("www-authenticate")], [503, null]);
  const retryAfter = Number(headers.get("retry-after"));
  assert.ok(retryAfter >= 1, String(retryAfter));
  return { error, retryAfter };
}

/**
 * The error of a token that is refused, and how an API answers: 401 `invalid_token`.
 *
 * @param {import("edge-credentials").TokenVerifier} verifier
 * @param {() => Verifying} run
 * @param {string} [code]
 */
export async function refused(verifier, run, code = "token_invalid") {
  const error = await failure(() => settled(run()), code);
  const { status, headers } = verifier.challenge(error);
  assert.deepEqual(
    [status, headers.get("www-authenticate"), error.category],
    [401, 'Bearer error="invalid_token"', "rejected"],
  );
  return error;
}

/**
 * How many signatures are checked from now on.
 *
 * @param {import("node:test").TestContext} t
 */
export function countChecks(t) {
  const { mock } = t.mock.method(crypto.subtle, "verify");
  return () => mock.callCount();
}

// @ts-check
// How a token verifier refuses, and what an API answers then.
import assert from "node:assert/strict";
import { fails } from "./errors.js";

/** @typedef {import("edge-credentials").TokenVerifier} TokenVerifier */

/**
 * The error of a token that is not taken for now, and how an API answers: 503, and when to come
 * back.
 *
 * @param {TokenVerifier} verifier
 * @param {() => Promise<unknown>} run
 * @param {string} code
 */
export async function unavailable(verifier, run, code) {
  const error = await fails(run, code);
  const { status, headers } = verifier.challenge(error);
  assert.deepEqual([status, headers.get("www-authenticate")], [503, null]);
  const retryAfter = Number(headers.get("retry-after"));
  assert.ok(retryAfter >= 1, String(retryAfter));
  return { error, retryAfter };
}

/**
 * The error of a token that is refused, and how an API answers: 401 `invalid_token`.
 *
 * @param {TokenVerifier} verifier
 * @param {() => Promise<unknown>} run
 * @param {string} [code]
 */
export async function refused(verifier, run, code = "token_invalid") {
  const error = await fails(run, code);
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

import { AuthError } from "../core/errors.js";
import { causeOf, internal, isControlFlow } from "../core/error-constructors.js";
import { RETRIES } from "./refreshing-cache.js";

/**
 * A failed attempt, as `RefreshingCache` takes it.
 *
 * @param {unknown} thrown
 * @returns {import("./refreshing-cache.js").Failure}
 */
export function failedAttempt(thrown) {
  if (isControlFlow(thrown)) return { thrown };
  // What is no AuthError is a bug, and its text may hold anything.
  const error =
    thrown instanceof AuthError ? thrown : internal("an attempt failed", causeOf(thrown));
  return { error, retry: retryOf(error) };
}

/**
 * Whoever says when to come back is believed.
 *
 * @param {AuthError} error
 */
function retryOf({ code, status, retryAt }) {
  if (retryAt !== undefined) return RETRIES.never;
  if (code === "secret_not_ready") return RETRIES.briefly;
  const isPassing =
    code === "network_failed" || code === "timed_out" || [502, 503, 504].includes(status ?? 0);
  return isPassing ? RETRIES.soon : RETRIES.never;
}

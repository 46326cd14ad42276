// Turns a failed attempt into what the refreshing cache needs to decide on a retry.
import type { Failure } from "./outcome.js";
import { AuthError } from "../core/errors.js";
import { causeOf, internal, isControlFlow } from "../core/error-constructors.js";
import { RetryKind } from "../core/lifecycle.js";

/** Turns what an attempt threw into the result that `RefreshingCache` expects. */
export function failedAttempt(thrown: unknown): Failure {
  if (isControlFlow(thrown)) return { thrown };
  // Any other error is a bug, and its text may hold secrets.
  const error =
    thrown instanceof AuthError ? thrown : internal("an attempt failed", causeOf(thrown));
  // A limit of the request that started the flight: others ask for themselves.
  if (error.code === "io_forbidden") return { thrown: error };
  return { error, retry: retryOf(error) };
}

function retryOf({ code, status, retryAt }: AuthError) {
  // The server said when to come back.
  if (retryAt !== undefined) return RetryKind.Never;
  if (code === "secret_not_ready") return RetryKind.Brief;

  const isTransient =
    code === "network_failed" || code === "timed_out" || [502, 503, 504].includes(status ?? 0);
  return isTransient ? RetryKind.Soon : RetryKind.Never;
}

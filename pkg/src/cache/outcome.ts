// How attempts and flights end.
import { AuthError } from "../core/errors.js";
import type { AuthErrorDetails } from "../core/errors.js";
import type { RetryKind } from "../core/lifecycle.js";
import { hasOwn } from "../core/values.js";

/** A failed attempt, and whether it is repeated. */
export type Failed = { error: AuthError; retry: RetryKind };

/**
 * A framework's control flow. It belongs to the caller in whose request it was thrown, and to no
 * other.
 */
export type Withdrawn = { thrown: unknown };

export type Failure = Failed | Withdrawn;

/** An attempt that brought a value. Times are ms since 1970. */
export type Success<V> = { value: V; sentAt: number; end: number; expiresAt: number | null };

/** The result of one attempt. */
export type AttemptResult<V> = Success<V> | Failure;

/** The outcome of a flight, for the callers that wait for it. */
export type Outcome<V> = { value: V } | { error: AuthError } | Withdrawn | "ask again";

/**
 * The value of an outcome, for one caller. `undefined`: the caller has to ask the core again.
 *
 * @param isOwn whether this caller started the flight
 */
export function valueOf<V>(outcome: Outcome<V>, isOwn: boolean): V | undefined {
  if (outcome === "ask again") return undefined;
  if (hasOwn(outcome, "value")) return outcome.value;
  if (!hasOwn(outcome, "thrown")) throw copyError(outcome.error);

  // Other callers belong to other requests or pages, for which the framework may decide otherwise.
  if (isOwn) throw outcome.thrown;
  return undefined;
}

/** Copies an error, so that each caller gets one of its own and may change it. */
export function copyError(
  error: AuthError,
  retryAt: number | undefined = error.retryAt,
): AuthError {
  const { message } = error;
  // Own properties only: a polluted prototype must not add a cause.
  const cause = Object.hasOwn(error, "cause") ? error.cause : undefined;
  const details = { ...error, message, cause, retryAt };
  return new AuthError(details as AuthErrorDetails);
}

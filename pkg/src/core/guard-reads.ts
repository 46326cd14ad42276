// Reads objects of the caller's, which may throw anything.
import type { AuthError } from "./errors.js";
import { misuse } from "./error-constructors.js";

/**
 * The errors that `invalidOption` made. `instanceof` is not enough, since a caller can make an
 * AuthError that holds anything.
 */
const ownErrors: WeakSet<object> = new WeakSet();

export function invalidOption(message: string, hint: string): AuthError {
  const error = misuse("option_invalid", message, hint);
  ownErrors.add(error);
  return error;
}

/**
 * Runs code that reads an object of the caller's. A getter or a proxy may throw anything, secrets
 * included, so what it throws is replaced.
 *
 * @throws {AuthError} `option_invalid`
 */
export function guardReads<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (typeof thrown === "object" && thrown !== null && ownErrors.has(thrown)) throw thrown;
    throw invalidOption("an option threw when it was read", "pass plain objects with plain values");
  }
}

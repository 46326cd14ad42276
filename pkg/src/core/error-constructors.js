// The errors that are made here and not in the core.
import { AuthError } from "./errors.js";

/** @typedef {import("./errors.js").ErrorCode} ErrorCode */
/** @typedef {import("./errors.js").AuthErrorDetails["cause"]} Cause */

/** @type {(code: ErrorCode, message: string, hint: string, cause?: Cause) => AuthError} */
export function misuse(code, message, hint, cause) {
  return new AuthError({ code, category: "misuse", message, hint, cause });
}

/** @type {(code: ErrorCode, message: string, hint: string) => AuthError} */
export function malformed(code, message, hint) {
  return new AuthError({ code, category: "malformed", message, hint });
}

/**
 * @type {(
 *   code: ErrorCode,
 *   message: string,
 *   hint: string,
 *   cause?: Cause,
 *   retryAt?: number,
 * ) => AuthError}
 */
export function unavailable(code, message, hint, cause, retryAt) {
  return new AuthError({
    code,
    category: "unavailable",
    message,
    hint,
    cause,
    retryable: true,
    retryAt,
  });
}

/** @type {(message: string, cause?: Cause) => AuthError} */
export function internal(message, cause) {
  return new AuthError({
    code: "internal",
    category: "internal",
    message,
    hint: "this is a bug of edge-credentials: please report it",
    cause,
  });
}

/** @type {(code: ErrorCode, message: string, hint: string) => AuthError} */
export function rejected(code, message, hint) {
  return new AuthError({ code, category: "rejected", message, hint });
}

/**
 * What can be told of an error that is not ours.
 *
 * @param {unknown} thrown
 * @returns {{ name: string; code?: string }}
 */
export function causeOf(thrown) {
  const name = errorName(thrown);
  try {
    const { code, cause } = /** @type {{ code?: unknown; cause?: { code?: unknown } }} */ (thrown);
    const shown = [cause?.code, code].find(
      (code) => typeof code === "string" && /^[A-Z]+(_[A-Z]+)*$/.test(code) && code.length < 40,
    );
    return shown === undefined ? { name } : { name, code: String(shown) };
  } catch {
    return { name }; // Nothing can be read from what was thrown.
  }
}

/**
 * What a framework throws to itself through whoever called it, and has to get back untouched: an
 * error with a text `digest`, by which Next tells that a page is dynamic, or a promise, by which
 * React waits.
 *
 * @param {unknown} thrown
 */
export function isControlFlow(thrown) {
  try {
    // React marks the errors that it was thrown, ours too.
    if (thrown instanceof AuthError) return false;
    // Its own: a polluted prototype must not make control flow of every error.
    const digest = Object.getOwnPropertyDescriptor(thrown, "digest")?.value;
    return (
      typeof digest === "string" || Object.prototype.toString.call(thrown) === "[object Promise]"
    );
  } catch {
    return false; // Nothing can be read from what was thrown.
  }
}

/**
 * The name of an error that is not ours.
 *
 * @param {unknown} thrown
 */
export function errorName(thrown) {
  // By name: a trap's class may come from another realm. Only names that the language itself gives, never a text.
  try {
    const name = /** @type {{ name?: unknown }} */ (thrown).name;
    return typeof name === "string" && /^[A-Z][A-Za-z]{0,30}Error$/.test(name) ? name : "Error";
  } catch {
    return "Error"; // Nothing can be read from what was thrown.
  }
}

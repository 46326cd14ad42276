// The errors that are made here and not in the core.
import { AuthError } from "./errors.js";

/** @typedef {import("./errors.js").ErrorCode} ErrorCode */
/** @typedef {import("./errors.js").AuthErrorDetails["cause"]} Cause */

/** @type {(code: ErrorCode, message: string, hint: string, cause?: Cause) => AuthError} */
export function misuse(code, message, hint, cause) {
  return new AuthError({ code, class: "misuse", message, hint, cause });
}

/** @type {(code: ErrorCode, message: string, hint: string) => AuthError} */
export function malformed(code, message, hint) {
  return new AuthError({ code, class: "malformed", message, hint });
}

/** @type {(code: ErrorCode, message: string, hint: string, cause?: Cause) => AuthError} */
export function unavailable(code, message, hint, cause) {
  return new AuthError({ code, class: "unavailable", message, hint, cause, retryable: true });
}

/** @type {(message: string, cause?: Cause) => AuthError} */
export function internal(message, cause) {
  return new AuthError({ code: "internal", class: "internal", message, hint: "this is a bug of edge-credentials: please report it", cause });
}

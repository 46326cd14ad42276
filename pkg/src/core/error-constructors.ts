// Constructors of the errors that JavaScript throws; the others come from the core.
import type { ErrorCause, ErrorCode } from "./errors.js";
import { AuthError } from "./errors.js";
import { LIMITS, sentenceOf } from "./runtime-words.js";
export type { ErrorCode } from "./errors.js";

export function misuse(
  code: ErrorCode,
  message: string,
  hint: string,
  cause?: ErrorCause,
): AuthError {
  return new AuthError({ code, category: "misuse", message, hint, cause });
}

export function malformed(code: ErrorCode, message: string, hint: string): AuthError {
  return new AuthError({ code, category: "malformed", message, hint });
}

export function unavailable(
  code: ErrorCode,
  message: string,
  hint: string,
  cause?: ErrorCause,
  retryAt?: number,
): AuthError {
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

export function internal(message: string, cause?: ErrorCause): AuthError {
  return new AuthError({
    code: "internal",
    category: "internal",
    message,
    hint: "this is a bug of edge-credentials: please report it",
    cause,
  });
}

export function rejected(code: ErrorCode, message: string, hint: string): AuthError {
  return new AuthError({ code, category: "rejected", message, hint });
}

/** The form of a system's error codes, such as `ECONNREFUSED`. */
const SYSTEM_CODE = /^[A-Z]+(_[A-Z]+)*$/;

/** The form of the names of the language's own error classes. */
const ERROR_NAME = /^[A-Z][A-Za-z]{0,30}Error$/;

/** What is shown of a foreign error. Its texts are left out, since they may hold secrets. */
export function causeOf(thrown: unknown): ErrorCause {
  const code = codeOf(thrown);
  const reason = sentenceOf(thrown);
  return { name: errorName(thrown), ...(code && { code }), ...(reason && { reason }) };
}

function codeOf(thrown: unknown): string | undefined {
  try {
    const { code, cause } = thrown as { code?: unknown; cause?: { code?: unknown } };
    return [cause?.code, code].find(isSystemCode);
  } catch {
    return undefined; // The thrown value cannot be read.
  }
}

/**
 * The error for a limit of the request that asked, which is neither tried again nor shared; and
 * `undefined` for anything else.
 */
export function limitReached(thrown: unknown): AuthError | undefined {
  const cause = causeOf(thrown);
  if (!LIMITS.includes(cause.reason ?? "")) return undefined;
  const hint =
    "`cause.reason` has the runtime's words: ask early in a request's handler, and use nothing " +
    "that another request made";
  return misuse("io_forbidden", "the runtime permits this request no more I/O", hint, cause);
}

function isSystemCode(code: unknown): code is string {
  return typeof code === "string" && SYSTEM_CODE.test(code) && code.length < 40;
}

/**
 * Whether a framework threw this to itself, through its caller, and must get it back unchanged: an
 * error with a string `digest`, by which Next marks a page as dynamic, or a promise, for which
 * React waits.
 */
export function isControlFlow(thrown: unknown) {
  try {
    // React adds a `digest` to the errors that it catches, AuthErrors too.
    if (thrown instanceof AuthError) return false;

    // Own properties only: a polluted prototype must not turn every error into control flow.
    const digest = Object.getOwnPropertyDescriptor(thrown, "digest")?.value;
    const isPromise = Object.prototype.toString.call(thrown) === "[object Promise]";
    return typeof digest === "string" || isPromise;
  } catch {
    return false; // The thrown value cannot be read.
  }
}

/** The name of a foreign error, if it is one that the language gives; otherwise `Error`. */
export function errorName(thrown: unknown) {
  try {
    // By name, since the class may come from another realm.
    const { name } = thrown as { name?: unknown };
    return typeof name === "string" && ERROR_NAME.test(name) ? name : "Error";
  } catch {
    return "Error"; // The thrown value cannot be read.
  }
}

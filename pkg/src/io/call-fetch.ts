// Calls the caller's `fetch`, and tells its mistakes from a network that fails.
import { causeOf, isControlFlow, limitReached, misuse } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import type { ErrorCause } from "../core/errors.js";
import { MISTAKES } from "../core/runtime-words.js";
import { isRecord, kindOf } from "../core/values.js";

/** The errors that what catches them passes on. */
const mistakes: WeakSet<object> = new WeakSet();

/** The classes of errors that a network never gives. */
const PROGRAM_ERRORS = ["ReferenceError", "SyntaxError", "RangeError", "AssertionError"];

/**
 * Calls `fetch`, and checks that it gives a Response.
 *
 * @param name the option
 * @param isGiven whether it is the caller's, and not the runtime's
 * @throws {AuthError} `callback_failed`; what `fetch` throws, if it may be the network's failure
 */
export async function callFetch(
  name: "fetch" | "apiFetch" | "request",
  isGiven: boolean,
  call: () => unknown,
): Promise<Response> {
  let isSent = false;
  let response: unknown;
  try {
    const sent = call();
    isSent = true;
    response = await sent;
  } catch (thrown) {
    // Of one that asks somebody else for the token, as `brokered` does.
    if (name === "request" && thrown instanceof AuthError) mistakes.add(thrown);
    // A function that asked the network rejects. It does not throw.
    const isMistake = isGiven && (!isSent || isProgramError(thrown));
    throw isMistake && !passedThrough(thrown) ? threw(name, thrown) : thrown;
  }

  const problem = problemOf(response);
  if (problem !== undefined) throw callbackFailed(name, `gave ${problem}`);
  return response as Response;
}

/** What of a thrown value reaches the caller as it is, or as the error of a limit. */
export function passedThrough(thrown: unknown): unknown {
  if (isControlFlow(thrown) || mistakes.has(Object(thrown))) return thrown;
  return limitReached(thrown);
}

function isProgramError(thrown: unknown): boolean {
  const { name, reason = "" } = causeOf(thrown);
  if (PROGRAM_ERRORS.includes(name)) return true;
  // One with a cause is of an HTTP client, which may fail in this way where a connection breaks.
  return name === "TypeError" && MISTAKES.includes(reason) && !(thrown as Error).cause;
}

/** What is wrong with a response, or `undefined`. */
function problemOf(response: unknown): string | undefined {
  const isResponse =
    isRecord(response) &&
    typeof response.status === "number" &&
    typeof (response.headers as Headers | undefined)?.get === "function";
  if (!isResponse) return `${kindOf(response)}, and no Response`;
  return response.bodyUsed === true ? "a Response that was read before" : undefined;
}

function threw(name: string, thrown: unknown): AuthError {
  const cause = causeOf(thrown);
  return callbackFailed(name, `threw a ${cause.name}`, cause);
}

function callbackFailed(name: string, problem: string, cause?: ErrorCause): AuthError {
  const hint =
    name === "request"
      ? "it has to give a promise of the Response of the token endpoint, unread"
      : "it is called as the runtime's `fetch` is, and has to give a promise of a Response, a new " +
        "one for each call";
  const error = misuse("callback_failed", `the function \`${name}\` ${problem}`, hint, cause);
  mistakes.add(error);
  return error;
}

// Calls a function of the caller's for a credential.
import type { AuthError, ErrorCause } from "../core/errors.js";
import { causeOf, isControlFlow, limitReached, misuse } from "../core/error-constructors.js";

/** What the functions give. */
const WHAT = {
  clientSecret: "the client secret",
  key: "the key",
  accessToken: "the access token",
  assertion: "a signed JWT that has not ended",
  clientAssertion: "a signed JWT that has not ended",
};

export type CallbackName = keyof typeof WHAT;

/** @throws {AuthError} `callback_failed`; a framework's control flow passes through unchanged */
export async function callCallback(name: CallbackName, given: () => unknown): Promise<unknown> {
  try {
    return await given();
  } catch (thrown) {
    if (isControlFlow(thrown)) throw thrown;
    throw limitReached(thrown) ?? callbackFailed(name, "threw an error", causeOf(thrown));
  }
}

export function callbackFailed(name: CallbackName, problem: string, cause?: ErrorCause): AuthError {
  const sources = cause ? "`cause` and the log" : "the log";
  const hint = `it has to give ${WHAT[name]}, or a promise of it; see ${sources} of what it calls`;
  return misuse("callback_failed", `the function \`${name}\` ${problem}`, hint, cause);
}

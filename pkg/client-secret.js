import { misuse } from "./faults.js";
import { causeOf } from "./transport.js";

/**
 * A client secret, or a function that gives it, asked as seldom as may be.
 * @param {string | (() => string | Promise<string>)} given
 */
export function secretOf(given) {
  /** @type {string | undefined} */
  let known = typeof given === "string" ? given : undefined;

  async function ask() {
    if (typeof given === "string") return given;
    /** @type {unknown} */
    let answer;
    try {
      answer = await given();
    } catch (thrown) {
      throw callbackFailed("the function `clientSecret` threw an error", causeOf(thrown));
    }
    if (typeof answer !== "string") throw callbackFailed("the function `clientSecret` gave no string");
    return answer;
  }

  return {
    get: async () => {
      if (known !== undefined) return known;
      const answer = await ask();
      // A slow answer must not replace what has come since.
      return (known ??= answer);
    },
    /** Asks again. Where that fails, the refusal that led here tells more. */
    hasChanged: async () => {
      const answer = await ask().catch(() => known);
      if (answer === known) return false;
      known = answer;
      return true;
    },
  };
}

/** @type {(message: string, cause?: { name: string, code?: string }) => import("./errors.js").AuthError} */
function callbackFailed(message, cause) {
  const hint = "it has to give the client secret, or a promise of it; see `cause` and the log of what it calls";
  return misuse("callback_failed", message, hint, cause);
}

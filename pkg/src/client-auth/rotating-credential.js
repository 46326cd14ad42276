import { causeOf, isControlFlow, misuse } from "../core/error-constructors.js";
import { withTimeout } from "../io/timeout.js";

/** How long a function is waited for when it is asked again, ms. */
const PATIENCE = 3_000;

/**
 * A client secret or a key, or a function that gives it, asked as seldom as may be.
 *
 * @param {"clientSecret" | "key"} name
 * @param {string | object | (() => unknown)} given
 * @param {(value: unknown) => string | undefined} toText `undefined` for what is none
 */
export function rotatingCredential(name, given, toText) {
  /** @type {string | undefined} */
  let known = isFunction(given) ? undefined : toText(given);

  async function ask() {
    if (!isFunction(given)) return known;
    /** @type {unknown} */
    let answer;
    try {
      answer = await given();
    } catch (thrown) {
      if (isControlFlow(thrown)) throw thrown;
      throw callbackFailed(name, "threw an error", causeOf(thrown));
    }
    return (
      toText(answer) ??
      raise(
        callbackFailed(
          name,
          `gave no ${name === "key" ? "key: neither a string nor a plain object" : "string"}`,
        ),
      )
    );
  }

  return {
    get: async () => {
      if (known !== undefined) return known;
      const answer = /** @type {string} */ (await ask());
      // A slow answer must not replace what has come since.
      return (known ??= answer);
    },
    /** Asks again. Where that fails, or takes long, the refusal that led here tells more; but a framework gets back what it threw. */
    hasChanged: async () => {
      const before = known;
      const asked = async () => {
        const answer = await ask();
        // A slow answer must not replace what has come since; else it is kept for the next attempt.
        if (known === before) known = answer;
      };
      await withTimeout(PATIENCE, `the function \`${name}\``, asked).catch((thrown) => {
        if (isControlFlow(thrown)) throw thrown;
      });
      return known !== before;
    },
  };
}

/**
 * @type {(
 *   name: string,
 *   problem: string,
 *   cause?: { name: string; code?: string },
 * ) => import("../core/errors.js").AuthError}
 */
function callbackFailed(name, problem, cause) {
  const what = name === "key" ? "the key" : "the client secret";
  const hint = `it has to give ${what}, or a promise of it; see ${cause ? "`cause` and " : ""}the log of what it calls`;
  return misuse("callback_failed", `the function \`${name}\` ${problem}`, hint, cause);
}

/**
 * @param {unknown} value
 * @returns {value is () => unknown}
 */
function isFunction(value) {
  return typeof value === "function";
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function raise(error) {
  throw error;
}

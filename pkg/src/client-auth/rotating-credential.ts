// A secret or a key, or a function that loads it, loaded as seldom as possible.
import type { AuthError } from "../core/errors.js";
import { causeOf, isControlFlow, misuse } from "../core/error-constructors.js";
import { withTimeout } from "../io/timeout.js";

/** What the functions give. */
const WHAT = { clientSecret: "the client secret", key: "the key", accessToken: "the access token" };

/** How long `hasChanged` waits for the caller's function, ms. */
const CHANGE_TIMEOUT = 3_000;

/**
 * A client secret or a key, given as a value or as a function. The function is called once, and
 * again only after the server refused the credential. What is made for one request calls it once.
 *
 * @param name the option
 * @param toText returns `undefined` for a value that is no credential
 */
export function rotatingCredential(
  name: keyof typeof WHAT,
  given: string | object | (() => unknown),
  toText: (value: unknown) => string | undefined,
) {
  let current: string | undefined = isFunction(given) ? undefined : toText(given);

  async function load() {
    if (!isFunction(given)) return current;
    const text = toText(await callFunction(name, given));
    if (text !== undefined) return text;

    const expected = name === "key" ? "key: neither a string nor a plain object" : "string";
    throw callbackFailed(name, `gave no ${expected}`);
  }

  return {
    get: async () => {
      if (current !== undefined) return current;
      const loaded = (await load()) as string;
      // A slow result must not replace one that came meanwhile.
      current ??= loaded;
      return current;
    },

    /**
     * Loads the credential again and tells whether it changed. A failure or a timeout is ignored:
     * the server's refusal, which led here, says more. What a framework threw goes through.
     */
    hasChanged: async () => {
      const before = current;
      const reload = async () => {
        const loaded = await load();
        // A slow result must not replace one that came meanwhile. After a timeout, the next attempt
        // uses the result.
        if (current === before) current = loaded;
      };
      await withTimeout(CHANGE_TIMEOUT, `the function \`${name}\``, reload).catch((thrown) => {
        if (isControlFlow(thrown)) throw thrown;
      });
      return current !== before;
    },
  };
}

async function callFunction(name: keyof typeof WHAT, given: () => unknown): Promise<unknown> {
  try {
    return await given();
  } catch (thrown) {
    if (isControlFlow(thrown)) throw thrown;
    throw callbackFailed(name, "threw an error", causeOf(thrown));
  }
}

function callbackFailed(
  name: keyof typeof WHAT,
  problem: string,
  cause?: { name: string; code?: string },
): AuthError {
  const sources = cause ? "`cause` and the log" : "the log";
  const hint = `it has to give ${WHAT[name]}, or a promise of it; see ${sources} of what it calls`;
  return misuse("callback_failed", `the function \`${name}\` ${problem}`, hint, cause);
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === "function";
}

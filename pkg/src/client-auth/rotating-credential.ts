// A secret or a key, or a function that loads it, loaded as seldom as possible.
import { isControlFlow } from "../core/error-constructors.js";
import { withTimeout } from "../io/timeout.js";
import { callbackFailed, callCallback } from "./callback.js";
import type { CallbackName } from "./callback.js";

/** How long a reload waits for the caller's function, ms. */
const RELOAD_TIMEOUT = 3_000;

/** The first pause between two calls of the function, and the longest that doubling leads to, ms. */
const PAUSE = { first: 10_000, longest: 300_000 };

/** A credential that the server may refuse. */
export interface RotatingCredential {
  /** returns the credential; one that was refused is loaded again first, if it is time */
  get: () => Promise<string>;
  /**
   * Loads a credential again that was refused, and tells whether it changed. What the server
   * refused is loaded at most once in 10 s; what could not even be sent, at once.
   */
  renew: (wasSent: boolean) => Promise<boolean>;
  /** The server accepted the credential. */
  accept: () => void;
  /** before when a refused credential is not to be sent again, ms since 1970 */
  pausedUntil: () => number | undefined;
  /** whether the credential has just changed; tells it once */
  takeFresh: () => boolean;
}

/**
 * A client secret or a key, given as a value or as a function. The function is called once, and
 * again after the server refused the credential: at most once in 10 s, doubling to 5 minutes.
 *
 * @param name the option
 * @param toText returns `undefined` for a value that is no credential
 */
export function rotatingCredential(
  name: CallbackName,
  given: string | object | (() => unknown),
  toText: (value: unknown) => string | undefined,
): RotatingCredential {
  let current: string | undefined = isFunction(given) ? undefined : toText(given);
  let refused: string | undefined;
  let isFresh = false;
  let reloading: Promise<boolean> | undefined;
  let pause = PAUSE.first;
  let nextAt = 0;

  async function load() {
    if (!isFunction(given)) return current;
    const text = toText(await callCallback(name, given));
    if (text !== undefined) return text;

    const expected = name === "key" ? "key: neither a string nor a plain object" : "string";
    throw callbackFailed(name, `gave no ${expected}`);
  }

  /** A time further ahead than a pause is from before the clock stepped back. */
  const isTooEarly = () => Date.now() < nextAt && nextAt <= Date.now() + PAUSE.longest;

  /**
   * Loads the credential again, and tells whether it changed. A failure or a timeout is ignored:
   * the server's refusal, which led here, says more. What a framework threw goes through.
   */
  async function reload(): Promise<boolean> {
    const before = current;
    const run = async () => {
      const loaded = await load();
      // A slow result must not replace one that came meanwhile. After a timeout, the next attempt
      // uses the result.
      if (current !== before || loaded === before) return;
      current = loaded;
      isFresh = true;
    };
    await withTimeout(RELOAD_TIMEOUT, `the function \`${name}\``, run).catch((thrown) => {
      if (isControlFlow(thrown)) throw thrown;
    });
    return current !== before;
  }

  /**
   * Concurrent refusals share one call of the function. If the request that made it was cancelled,
   * the call never ends; after the pause there is another one.
   */
  function reloadPaced(): Promise<boolean> {
    nextAt = Date.now() + pause;
    pause = Math.min(2 * pause, PAUSE.longest);
    const started = reload().finally(() => {
      if (reloading === started) reloading = undefined;
    });
    reloading = started;
    return started;
  }

  /** Waits for what another caller started, whose request may be cancelled. */
  const wait = (started: Promise<boolean>) =>
    withTimeout(RELOAD_TIMEOUT, `the function \`${name}\``, () => started).catch(() => false);

  return {
    async get() {
      if (current !== undefined && current === refused && isFunction(given)) {
        if (!isTooEarly()) await reloadPaced();
        else if (reloading) await wait(reloading);
      }
      if (current !== undefined) return current;
      const loaded = (await load()) as string;
      // A slow result must not replace one that came meanwhile.
      current ??= loaded;
      return current;
    },

    async renew(wasSent) {
      if (!isFunction(given) || current === undefined) return false;
      if (!wasSent) return reload();
      refused = current;
      if (!isTooEarly()) return reloadPaced();
      return reloading ? wait(reloading) : false;
    },

    accept() {
      refused = undefined;
      isFresh = false;
      pause = PAUSE.first;
    },

    pausedUntil: () => (current === refused && isTooEarly() ? nextAt : undefined),

    takeFresh() {
      const wasFresh = isFresh;
      isFresh = false;
      return wasFresh;
    },
  };
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === "function";
}

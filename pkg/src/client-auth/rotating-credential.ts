// A secret or a key, or a function that loads it, loaded as seldom as possible.
import { isControlFlow } from "../core/error-constructors.js";
import { withTimeout } from "../io/timeout.js";
import { callbackFailed, callCallback } from "./callback.js";
import type { CallbackName } from "./callback.js";

/** How long a reload waits for the caller's function, ms. */
const RELOAD_TIMEOUT = 3_000;

/** The first pause between two calls of the function, and the longest that doubling leads to, ms. */
const PAUSE = { first: 10_000, longest: 300_000 };

/** How long one call of the function answers all that need one, ms. */
const SHARED = 1_000;

/** A credential that could not be used. */
export interface Refusal {
  /** of the credential that was used */
  generation: number;
  /** whether it was sent, so that the server refused it */
  wasSent: boolean;
  /** whether the server has just accepted it elsewhere, so that others may go on using it */
  isTrusted: boolean;
}

/** A credential that the server may refuse. */
export interface RotatingCredential {
  /** returns the credential; one that was refused is loaded again first, if it is time */
  get: () => Promise<string>;
  /** how often the credential has changed */
  generation: () => number;
  /**
   * Loads a credential again that was refused, and tells whether there is another one. What the
   * server refused is loaded at most once in 10 s; what could not even be sent, once in a second.
   */
  renew: (refusal: Refusal) => Promise<boolean>;
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
  const waiting = `the function \`${name}\``;
  let current: string | undefined = isFunction(given) ? undefined : toText(given);
  let generation = 0;
  let refused: string | undefined;
  let isFresh = false;
  let loading: Promise<string> | undefined;
  let reloading: Promise<boolean> | undefined;
  let askedAt = 0;
  let retriedAt = 0;
  let pause = PAUSE.first;
  let nextAt = 0;

  async function ask(): Promise<string> {
    const text = toText(await callCallback(name, given as () => unknown));
    if (text !== undefined) return text;

    const expected = name === "key" ? "key: neither a string nor a plain object" : "string";
    throw callbackFailed(name, `gave no ${expected}`);
  }

  /** Calls the function. */
  function load(): Promise<string> {
    askedAt = Date.now();
    const started = ask().finally(() => {
      if (loading === started) loading = undefined;
    });
    loading = started;
    return started;
  }

  const isSoonAfter = (time: number) => Math.abs(Date.now() - time) < SHARED;

  /**
   * The first credential. Callers at the same time share one call of the function, whose request
   * may be cancelled.
   */
  function first(): Promise<string> {
    const shared = isSoonAfter(askedAt) ? loading : undefined;
    return shared ? withTimeout(RELOAD_TIMEOUT, waiting, () => shared) : load();
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
      generation += 1;
      isFresh = true;
    };
    await withTimeout(RELOAD_TIMEOUT, waiting, run).catch((thrown) => {
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
    withTimeout(RELOAD_TIMEOUT, waiting, () => started).catch(() => false);

  return {
    async get() {
      if (current !== undefined && current === refused && isFunction(given)) {
        if (!isTooEarly()) await reloadPaced();
        else if (reloading) await wait(reloading);
      }
      if (current !== undefined) return current;
      const loaded = await first();
      // A slow result must not replace one that came meanwhile.
      current ??= loaded;
      return current;
    },

    generation: () => generation,

    async renew({ generation: used, wasSent, isTrusted }) {
      if (!isFunction(given) || current === undefined) return false;
      if (used !== generation) return true;
      if (!wasSent) {
        if (isSoonAfter(retriedAt)) return false;
        retriedAt = Date.now();
        return reload();
      }
      if (!isTrusted) refused = current;
      if (!isTooEarly()) return reloadPaced();
      return reloading ? wait(reloading) : false;
    },

    accept() {
      refused = undefined;
      isFresh = false;
      pause = PAUSE.first;
      nextAt = Math.min(nextAt, askedAt + pause);
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

import { call } from "../core/wasm.js";
import { AuthError } from "../core/errors.js";
import { causeOf, internal } from "../core/error-constructors.js";
import { hasOwn } from "../core/check-options.js";
import { platform } from "../core/platform.js";
import { onAbort, throwIfAborted } from "../io/signal.js";
import { runInBackground } from "../io/background.js";
import { startTimer, timedOut } from "../io/timeout.js";

/** How many numbers the core keeps of one value (`src/freshness/numbers.rs`). */
const LENGTH = 26;
/** Where its decision stands among them. */
const [KIND, FROM, UNTIL, LEASE, LEASE_UNTIL, AT] = [0, 2, 3, 4, 5, 6];
/** Where the generation of the value stands that it keeps, and until when it backs off. */
const [HELD, RETRY_AT] = [7, 22];
/**
 * The kinds of decision; after the last one, which says that the value is gone, there is nothing to
 * do.
 */
const [USE, USE_AND_REFRESH, FETCH, RETRY, WAIT, FAIL] = [0, 1, 2, 3, 4, 5];
/** The events. */
const [ASK, FETCHED, FAILED, REJECTED, RENEW, WITHDRAWN] = [0, 1, 2, 3, 4, 5];

/**
 * How long one attempt may take, ms (ZITADEL may need a second for a token, more when it is busy);
 * and how long before its lease ends a later one has to be over, so that its end is told.
 */
const [ATTEMPT, BEFORE_THE_END] = [10_000, 500];

/** What differs between kinds of value. */
export const POLICIES = { token: 0, metadata: 1, keys: 2, introspection: 3 };
/** When a failed attempt is repeated. */
export const RETRIES = { never: 0, soon: 1, briefly: 2, atOnce: 3, once: 4 };

/** @typedef {{ error: AuthError; retry: number }} Failed `retry` is one of `RETRIES` */
/**
 * @typedef {{ thrown: unknown }} Withdrawn a framework's control flow: for the caller in whose name
 *   it was thrown, and nobody else
 */
/** @typedef {Failed | Withdrawn} Failure */
/**
 * @template V
 * @typedef {{ value: V; sentAt: number; end: number; expiresAt: number | null } | Failure} Attempt
 *   what one attempt brought
 */
/**
 * @template V
 * @typedef {{ value: V } | { error: AuthError } | Withdrawn | "ask again"} Outcome of a flight, for
 *   those who wait
 */
/**
 * @template V
 * @typedef {object} Flight
 * @property {number} generation
 * @property {boolean} background whether there was a value to use meanwhile
 * @property {number} startedAt
 * @property {number} attempts
 * @property {Promise<Outcome<V>>} [landed] how it ended; resolved by the request that started it
 *   and by no other
 */

/**
 * Keeps a value fresh that is fetched from elsewhere: does what the core decides, and is the only
 * place with flights and timers.
 *
 * A flight belongs to the request that started it, and the runtime may cancel that request's I/O at
 * any time: then its promise never settles. So flights are handed to `waitUntil`, and nobody waits
 * for one longer than its lease.
 *
 * @template V
 */
export class RefreshingCache {
  #numbers = new Float64Array(LENGTH).fill(NaN);
  /** @type {V | undefined} */
  #value;
  #valueGeneration = NaN;
  #from = 0;
  #until = 0;
  /** @type {Flight<V> | undefined} */
  #flight;
  /** @type {AuthError | undefined} */
  #error;
  #what;
  #attempt;
  #report;

  /**
   * @param {import("../io/events.js").Subject} what
   * @param {(millis: number) => Promise<Attempt<V>>} attempt one attempt, which has so long; it
   *   does not throw
   * @param {(event: import("../io/events.js").SourceEvent) => void} report
   */
  constructor(what, attempt, report) {
    this.#what = what;
    this.#attempt = attempt;
    this.#report = report;
  }

  /** The value, if there is nothing to decide about it. */
  current() {
    const now = Date.now();
    return this.#from <= now && now < this.#until ? this.#value : undefined;
  }

  /**
   * @param {number} timeout ms that the whole may take
   * @param {AbortSignal} [signal] ends this wait, not the flight
   * @returns {Promise<V>}
   */
  async get(timeout, signal) {
    /** @type {ReturnType<typeof startPatience> | undefined} */
    let patience;
    try {
      for (;;) {
        throwIfAborted(signal);
        const kept = this.current();
        if (kept !== undefined) return kept;
        const { kind, until, leaseUntil, at } = this.#on(ASK);
        if (kind === USE || kind === USE_AND_REFRESH) return /** @type {V} */ (this.#value);
        if (kind === FAIL) throw this.#failure(at);
        patience ??= startPatience(timeout, signal);
        const outcome = await this.#wait(
          kind === WAIT ? until : leaseUntil,
          patience.ended,
          timeout,
        );
        const value = valueOf(outcome, kind);
        if (value !== undefined) return value;
      }
    } finally {
      patience?.end();
    }
  }

  /**
   * Tells that a value was refused where it was used.
   *
   * @param {(value: V) => boolean} isIt whether it is this one
   */
  invalidate(isIt) {
    if (this.#value === undefined || !isIt(this.#value)) return;
    this.#on(REJECTED, this.#valueGeneration);
    // It may stay though it is not used at present: until it ends, should the next request fail.
    const stays = this.#numbers[HELD] === this.#valueGeneration;
    if (!stays) this.#value = undefined;
    this.#report({ type: "invalidate", what: "token", counted: !stays });
  }

  /** The value, whatever there is to decide about it. */
  peek() {
    return this.#value;
  }

  /**
   * A value that was asked for after this call, or the one of a flight that was under way; none
   * where it is too early for another.
   *
   * @param {number} timeout ms that the whole may take
   * @param {AbortSignal} [signal] ends this wait, not the flight
   * @returns {Promise<{ value: V; isNewer: boolean } | { value?: undefined; retryAt: number }>}
   */
  async newer(timeout, signal) {
    const patience = startPatience(timeout, signal);
    try {
      for (;;) {
        throwIfAborted(signal);
        const { kind, at, until, leaseUntil } = this.#on(RENEW);
        if (kind === FAIL) return { value: undefined, retryAt: at };
        const outcome = await this.#wait(
          kind === WAIT ? until : leaseUntil,
          patience.ended,
          timeout,
        );
        const value = valueOf(outcome, kind);
        if (value !== undefined) return { value, isNewer: kind === FETCH };
      }
    } finally {
      patience.end();
    }
  }

  /** Asks for a newer value, though this one stays good. */
  renew() {
    this.#on(RENEW);
  }

  /**
   * Tells the core what happened, and does what it decides.
   *
   * @type {(
   *   event: number,
   *   a?: number,
   *   b?: number,
   *   c?: number,
   * ) => { kind: number; until: number; leaseUntil: number; at: number }}
   */
  #on(event, a = NaN, b = NaN, c = NaN) {
    const numbers = this.#numbers;
    call((glue) =>
      glue.freshness(numbers, POLICIES[this.#what], event, a, b, c, Date.now(), Math.random()),
    );
    // Copied before anything else is done, which may ask the core again.
    const [kind, from, until, lease, leaseUntil, at] = [
      KIND,
      FROM,
      UNTIL,
      LEASE,
      LEASE_UNTIL,
      AT,
    ].map((place) => numbers[place]);
    const usable = kind === USE || kind === USE_AND_REFRESH;
    if (usable) [this.#from, this.#until] = [from, until];
    if (kind === FETCH || kind === USE_AND_REFRESH) this.#start(lease, usable || event === RENEW);
    return { kind, until, leaseUntil, at };
  }

  /** @type {(generation: number, background: boolean) => void} */
  #start(generation, background) {
    /** @type {Flight<V>} */
    const flight = { generation, background, startedAt: Date.now(), attempts: 0 };
    this.#flight = flight;
    // Not at once: what it calls may be the caller's, and ask this again before the decision has been obeyed.
    const landed = Promise.resolve().then(() => this.#fly(flight));
    flight.landed = landed;
    // Outside of a request there is nothing that could be kept going.
    runInBackground(() => platform.waitUntil(landed));
  }

  /**
   * Never rejects: in the background nobody would hear it.
   *
   * @param {Flight<V>} flight
   * @returns {Promise<Outcome<V>>}
   */
  async #fly(flight) {
    try {
      for (let millis = ATTEMPT; ;) {
        const result = await this.#tryOnce(flight, millis);
        if (typeof result === "string" || !hasOwn(result, "pause")) return result;
        const { pause, lease } = result;
        await new Promise((done) => startTimer(() => done(undefined), pause));
        millis = Math.max(1, Math.min(ATTEMPT, lease - pause - BEFORE_THE_END));
      }
    } catch (thrown) {
      this.#error =
        thrown instanceof AuthError
          ? thrown
          : internal("keeping a value fresh failed", causeOf(thrown));
      return { error: this.#error };
    }
  }

  /**
   * @param {Flight<V>} flight
   * @param {number} millis
   * @returns {Promise<Outcome<V> | { pause: number; lease: number }>} how it ended, or after how
   *   many ms it is to be tried again, and how long the lease lasts from now
   */
  async #tryOnce(flight, millis) {
    const { generation, background, startedAt } = flight;
    const what = this.#what;
    const attempts = (flight.attempts += 1);
    const result = await this.#attempt(millis);
    if (hasOwn(result, "value")) {
      const { value, sentAt, end, expiresAt } = result;
      const { kind } = this.#on(FETCHED, generation, sentAt, end);
      const isTaken = kind === USE && this.#numbers[HELD] === generation;
      if (isTaken) [this.#value, this.#valueGeneration] = [value, generation];
      this.#report({
        type: background ? "refresh" : "fetch",
        what,
        startedAt,
        endedAt: Date.now(),
        attempts,
        expiresAt,
      });
      return { value };
    }

    if (hasOwn(result, "thrown")) {
      this.#on(WITHDRAWN, generation);
      return result;
    }

    const { error, retry } = result;
    const { kind, at, leaseUntil } = this.#on(FAILED, generation, retry, error.retryAt);
    const { code, category } = error;
    if (kind === RETRY) {
      this.#report({ type: "retry", what, attempt: attempts + 1, at, code, category });
      const now = Date.now();
      return { pause: Math.max(0, at - now), lease: leaseUntil - now };
    }
    // Another flight took over, and those who wait are to wait for that one.
    if (kind === WAIT || kind === FETCH) return "ask again";
    const retryAt = this.#numbers[RETRY_AT];
    this.#error = error;
    this.#report({
      type: "fail",
      what,
      startedAt,
      endedAt: Date.now(),
      attempts,
      code,
      category,
      retryAt,
    });
    // A value that is not used any more otherwise is good enough now.
    return kind === FAIL ? { error: copy(error, retryAt) } : "ask again";
  }

  /**
   * Waits for the flight. On workerd that has to be a race of the flight's own promise with some of
   * this request's: a promise of this request's that another request resolves goes on there,
   * without any I/O, on compatibility dates before 2024-10-14.
   *
   * @param {number} until the end of the flight's lease
   * @param {Promise<"out of patience">} ended
   * @param {number} timeout after which that comes
   * @returns {Promise<Outcome<V>>}
   */
  async #wait(until, ended, timeout) {
    const landed = this.#flight?.landed;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @type {Promise<"ask again">} */
    const dead = new Promise(
      (done) => (timer = startTimer(() => done("ask again"), Math.max(1, until - Date.now() + 1))),
    );
    try {
      const outcome = await Promise.race(landed ? [landed, dead, ended] : [dead, ended]);
      if (outcome === "out of patience") throw timedOut(`waiting for the ${this.#what}`, timeout);
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {number} retryAt */
  #failure(retryAt) {
    return copy(this.#error ?? internal("keeping a value fresh failed"), retryAt);
  }
}

/**
 * How long a caller waits in all. By a timer, not by the clock, which may stand still or jump.
 *
 * @param {number} timeout ms
 * @param {AbortSignal} [signal]
 */
function startPatience(timeout, signal) {
  /** @type {[done: (value: "out of patience") => void, abort: (reason: unknown) => void]} */
  let [done, abort] = [() => {}, () => {}];
  /** @type {Promise<"out of patience">} rejects with the signal's reason */
  const ended = new Promise((...settle) => ([done, abort] = settle));
  // Who stops waiting for another reason does not hear it.
  runInBackground(() => ended);
  const timer = startTimer(() => done("out of patience"), timeout);
  const end = () => clearTimeout(timer);
  if (!signal) return { ended, end };
  try {
    const ignore = onAbort(signal, abort);
    return { ended, end: () => (end(), ignore()) };
  } catch (thrown) {
    end();
    throw thrown;
  }
}

/**
 * What a flight brought to one who waits for it; `undefined` for whoever is to ask again.
 *
 * @template V
 * @param {Outcome<V>} outcome
 * @param {number} kind of the decision to wait
 * @returns {V | undefined}
 */
function valueOf(outcome, kind) {
  if (outcome === "ask again") return undefined;
  if (hasOwn(outcome, "value")) return outcome.value;
  if (!hasOwn(outcome, "thrown")) throw copy(outcome.error);
  // Who else waits is in another request or page, where the framework may say something else.
  if (kind === FETCH) throw outcome.thrown;
  return undefined;
}

/**
 * An error of its own for each caller, who may change it.
 *
 * @param {AuthError} error
 * @param {number} [retryAt]
 */
export function copy(error, retryAt = error.retryAt) {
  const { message } = error;
  // An own one: a polluted prototype must not add any.
  const cause = Object.hasOwn(error, "cause") ? error.cause : undefined;
  return new AuthError(
    /** @type {import("../core/errors.js").AuthErrorDetails} */ ({
      ...error,
      message,
      cause,
      retryAt,
    }),
  );
}

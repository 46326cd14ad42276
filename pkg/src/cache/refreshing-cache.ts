// Keeps one value fresh: asks the core what to do, and owns the flights and the timers.
import type { Subject, SourceEvent } from "../io/events.js";
import type { AuthErrorDetails } from "../core/errors.js";
import { call } from "../core/wasm.js";
import { AuthError } from "../core/errors.js";
import { causeOf, internal } from "../core/error-constructors.js";
import { hasOwn } from "../core/check-options.js";
import { platform } from "../core/platform.js";
import { runInBackground } from "../io/background.js";
import { onAbort, throwIfAborted } from "../io/signal.js";
import { startTimer, timedOut } from "../io/timeout.js";

/** How many numbers hold the core's state of one value (`src/lifecycle/slots.rs`). */
const LENGTH = 26;

/** The places of the core's last decision among the numbers. */
const [KIND, FROM, UNTIL, LEASE, LEASE_UNTIL, AT] = [0, 2, 3, 4, 5, 6];

/** The places of the generation of the value that the core keeps, and of the end of a back-off. */
const [HELD, RETRY_AT] = [7, 22];

/** The kinds of decisions. The core has one more, which says that the value was dropped. */
const DECISION = { use: 0, useAndRefresh: 1, fetch: 2, retry: 3, wait: 4, fail: 5 };

/** The events that the core decides about. */
const EVENT = { ask: 0, fetched: 1, failed: 2, rejected: 3, renew: 4, withdrawn: 5 };

/**
 * How long one attempt may take, ms. ZITADEL may need a second for a token, and more when it is
 * busy.
 */
const ATTEMPT_TIMEOUT = 10_000;

/** How long before its lease ends a repeated attempt has to end, ms, so that its result counts. */
const LEASE_MARGIN = 500;

/** The core's policies by the subject of a value. */
export const POLICIES = { token: 0, metadata: 1, keys: 2, introspection: 3 };

/** When a failed attempt is repeated. */
export const RETRIES = { never: 0, soon: 1, briefly: 2, atOnce: 3, once: 4 };

/** A failed attempt. `retry` is one of `RETRIES`. */
export type Failed = { error: AuthError; retry: number };

/**
 * A framework's control flow. It belongs to the caller in whose request it was thrown, and to no
 * other.
 */
export type Withdrawn = { thrown: unknown };

export type Failure = Failed | Withdrawn;

/** The result of one attempt. Times are ms since 1970. */
export type AttemptResult<V> =
  { value: V; sentAt: number; end: number; expiresAt: number | null } | Failure;

/** The outcome of a flight, for the callers that wait for it. */
export type Outcome<V> = { value: V } | { error: AuthError } | Withdrawn | "ask again";

/** All attempts to fetch one value, for all callers that wait for it. */
export interface Flight<V> {
  generation: number;
  /** whether callers have a value to use meanwhile */
  isBackground: boolean;
  startedAt: number;
  attempts: number;
  /** only the request that started the flight resolves it */
  outcome?: Promise<Outcome<V>>;
}

/** What the core decided. Times are ms since 1970. */
export interface Decision {
  /** one of `DECISION` */
  kind: number;
  /** to wait: when the lease of the current flight ends */
  until: number;
  /** to fetch: when the lease of the new flight ends */
  leaseUntil: number;
  /** to retry or fail: when the next attempt may start */
  at: number;
}

/**
 * Keeps a value that is fetched from elsewhere fresh. It executes the core's decisions, and is the
 * only place with flights and timers.
 *
 * A flight belongs to the request that started it. The runtime may cancel that request's I/O at any
 * time, and the flight's promise then never settles. So flights are passed to `waitUntil`, and no
 * caller waits for a flight longer than its lease.
 */
export class RefreshingCache<V> {
  #numbers = new Float64Array(LENGTH).fill(NaN);
  #value: V | undefined;
  #valueGeneration = NaN;
  #usableFrom = 0;
  #usableUntil = 0;
  #flight: Flight<V> | undefined;
  #lastError: AuthError | undefined;
  #subject;
  #attempt;
  #report;

  /** @param attempt makes one attempt, with a time limit in ms; it does not throw */
  constructor(
    subject: Subject,
    attempt: (millis: number) => Promise<AttemptResult<V>>,
    report: (event: SourceEvent) => void,
  ) {
    this.#subject = subject;
    this.#attempt = attempt;
    this.#report = report;
  }

  /** Returns the value if it can be used without a decision of the core. */
  current() {
    const now = Date.now();
    return this.#usableFrom <= now && now < this.#usableUntil ? this.#value : undefined;
  }

  /**
   * Returns the value, and fetches it if needed.
   *
   * @param timeout ms that the call may take
   * @param signal ends this wait, not the flight
   */
  async get(timeout: number, signal?: AbortSignal): Promise<V> {
    let deadline: ReturnType<typeof startDeadline> | undefined;
    try {
      for (;;) {
        throwIfAborted(signal);
        const kept = this.current();
        if (kept !== undefined) return kept;

        const decision = this.#decide(EVENT.ask);
        if (isUse(decision)) return this.#value as V;
        if (decision.kind === DECISION.fail) throw this.#failure(decision.at);

        deadline ??= startDeadline(timeout, signal);
        const outcome = await this.#wait(decision, deadline);
        const value = valueOf(outcome, decision);
        if (value !== undefined) return value;
      }
    } finally {
      deadline?.stop();
    }
  }

  /**
   * Drops the value because it was refused where it was used.
   *
   * @param isRefused whether the refused value is this one
   */
  invalidate(isRefused: (value: V) => boolean) {
    if (this.#value === undefined || !isRefused(this.#value)) return;
    this.#decide(EVENT.rejected, this.#valueGeneration);

    // The core may keep an unused value: if the next request fails, it is used until it ends.
    const isKept = this.#numbers[HELD] === this.#valueGeneration;
    if (!isKept) this.#value = undefined;
    this.#report({ type: "invalidate", what: "token", counted: !isKept });
  }

  /** Returns the value, even one that a caller could not use without a decision of the core. */
  peek() {
    return this.#value;
  }

  /**
   * Fetches a newer value, or waits for the flight that is under way. Returns no value, but
   * `retryAt`, if it is too early for another request.
   *
   * @param timeout ms that the call may take
   * @param signal ends this wait, not the flight
   * @returns `isNewer`: whether the request started after the call
   */
  async newer(
    timeout: number,
    signal?: AbortSignal,
  ): Promise<{ value: V; isNewer: boolean } | { value?: undefined; retryAt: number }> {
    const deadline = startDeadline(timeout, signal);
    try {
      for (;;) {
        throwIfAborted(signal);
        const decision = this.#decide(EVENT.renew);
        if (decision.kind === DECISION.fail) return { value: undefined, retryAt: decision.at };

        const outcome = await this.#wait(decision, deadline);
        const value = valueOf(outcome, decision);
        if (value !== undefined) return { value, isNewer: decision.kind === DECISION.fetch };
      }
    } finally {
      deadline.stop();
    }
  }

  /** Fetches a newer value in the background. The current one stays usable. */
  renew() {
    this.#decide(EVENT.renew);
  }

  /**
   * Passes an event to the core, and starts a flight if the core decides so.
   *
   * @param event one of `EVENT`
   * @param a arguments of the event (`src/lifecycle/slots.rs`)
   */
  #decide(event: number, a: number = NaN, b: number = NaN, c: number = NaN): Decision {
    const numbers = this.#numbers;
    const policy = POLICIES[this.#subject];
    call((glue) => glue.freshness(numbers, policy, event, a, b, c, Date.now(), Math.random()));

    // Copied before `#start`, after which other events may overwrite the numbers.
    const lease = numbers[LEASE];
    const decision = {
      kind: numbers[KIND],
      until: numbers[UNTIL],
      leaseUntil: numbers[LEASE_UNTIL],
      at: numbers[AT],
    };
    const { kind, until } = decision;

    const isUsable = isUse(decision);
    if (isUsable) {
      this.#usableFrom = numbers[FROM];
      this.#usableUntil = until;
    }
    if (kind === DECISION.fetch || kind === DECISION.useAndRefresh) {
      this.#start(lease, isUsable || event === EVENT.renew);
    }
    return decision;
  }

  #start(generation: number, isBackground: boolean): void {
    const flight: Flight<V> = { generation, isBackground, startedAt: Date.now(), attempts: 0 };
    this.#flight = flight;

    // Asynchronously: a callback of the caller's may use this cache before the decision is obeyed.
    const outcome = Promise.resolve().then(() => this.#fly(flight));
    flight.outcome = outcome;
    // Fails outside of a request, where nothing has to be kept running.
    runInBackground(() => platform.waitUntil(outcome));
  }

  /**
   * Makes attempts until one succeeds or the core gives up. Never rejects, since nobody would
   * handle that in the background.
   */
  async #fly(flight: Flight<V>): Promise<Outcome<V>> {
    try {
      let millis = ATTEMPT_TIMEOUT;
      for (;;) {
        const result = await this.#tryOnce(flight, millis);
        if (typeof result === "string" || !hasOwn(result, "pause")) return result;

        const { pause, lease } = result;
        await sleep(pause);
        millis = Math.max(1, Math.min(ATTEMPT_TIMEOUT, lease - pause - LEASE_MARGIN));
      }
    } catch (thrown) {
      this.#lastError =
        thrown instanceof AuthError
          ? thrown
          : internal("keeping a value fresh failed", causeOf(thrown));
      return { error: this.#lastError };
    }
  }

  /**
   * Makes one attempt.
   *
   * @param millis its time limit
   * @returns how the flight ended; or the ms until the next attempt, and until the lease ends
   */
  async #tryOnce(
    flight: Flight<V>,
    millis: number,
  ): Promise<Outcome<V> | { pause: number; lease: number }> {
    flight.attempts += 1;
    const { attempts } = flight;
    const result = await this.#attempt(millis);

    if (hasOwn(result, "value")) return this.#succeed(flight, result, attempts);

    if (hasOwn(result, "thrown")) {
      this.#decide(EVENT.withdrawn, flight.generation);
      return result;
    }

    return this.#fail(flight, result, attempts);
  }

  #succeed(
    { generation, isBackground, startedAt }: Flight<V>,
    result: Exclude<AttemptResult<V>, Failure>,
    attempts: number,
  ): Outcome<V> {
    const { value, sentAt, end, expiresAt } = result;
    const { kind } = this.#decide(EVENT.fetched, generation, sentAt, end);

    const isAccepted = kind === DECISION.use && this.#numbers[HELD] === generation;
    if (isAccepted) {
      this.#value = value;
      this.#valueGeneration = generation;
    }

    this.#report({
      type: isBackground ? "refresh" : "fetch",
      what: this.#subject,
      startedAt,
      endedAt: Date.now(),
      attempts,
      expiresAt,
    });
    return { value };
  }

  #fail(
    { generation, startedAt }: Flight<V>,
    { error, retry }: Failed,
    attempts: number,
  ): Outcome<V> | { pause: number; lease: number } {
    const what = this.#subject;
    const { code, category } = error;
    const { kind, at, leaseUntil } = this.#decide(EVENT.failed, generation, retry, error.retryAt);

    if (kind === DECISION.retry) {
      this.#report({ type: "retry", what, attempt: attempts + 1, at, code, category });
      const now = Date.now();
      return { pause: Math.max(0, at - now), lease: leaseUntil - now };
    }

    // Another flight took over. Callers are to wait for that one.
    if (kind === DECISION.wait || kind === DECISION.fetch) return "ask again";

    const retryAt = this.#numbers[RETRY_AT];
    const endedAt = Date.now();
    this.#lastError = error;
    this.#report({ type: "fail", what, startedAt, endedAt, attempts, code, category, retryAt });
    // Otherwise the core permits an older value again, since there is no newer one.
    return kind === DECISION.fail ? { error: copyError(error, retryAt) } : "ask again";
  }

  /**
   * Waits for the flight, the end of its lease or the caller's deadline.
   *
   * On workerd this has to race the flight's own promise with promises of this request. On
   * compatibility dates before 2024-10-14, a promise of this request that another request resolves
   * would continue there, without any I/O.
   */
  async #wait(
    { kind, until, leaseUntil }: Decision,
    { ended, timeout }: ReturnType<typeof startDeadline>,
  ): Promise<Outcome<V>> {
    const leaseEnd = kind === DECISION.wait ? until : leaseUntil;
    const outcomeOfFlight = this.#flight?.outcome;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leaseEnded: Promise<"ask again"> = new Promise((resolve) => {
      const millis = Math.max(1, leaseEnd - Date.now() + 1);
      timer = startTimer(() => resolve("ask again"), millis);
    });

    try {
      const others = [leaseEnded, ended];
      const outcome = await Promise.race(outcomeOfFlight ? [outcomeOfFlight, ...others] : others);
      if (outcome === "deadline") throw timedOut(`waiting for the ${this.#subject}`, timeout);
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  #failure(retryAt: number) {
    return copyError(this.#lastError ?? internal("keeping a value fresh failed"), retryAt);
  }
}

function isUse({ kind }: Decision) {
  return kind === DECISION.use || kind === DECISION.useAndRefresh;
}

function sleep(millis: number) {
  return new Promise((resolve) => {
    startTimer(() => resolve(undefined), millis);
  });
}

/**
 * Starts the time limit of one caller. It uses a timer, since the clock may stand still or jump.
 *
 * @param timeout ms
 */
function startDeadline(timeout: number, signal?: AbortSignal) {
  let expire: (value: "deadline") => void = () => {};
  let abort: (reason: unknown) => void = () => {};
  // Rejects with the signal's reason.
  const ended = new Promise<"deadline">((resolve, reject) => {
    expire = resolve;
    abort = reject;
  });
  // A caller that stopped waiting does not handle the rejection.
  runInBackground(() => ended);

  const timer = startTimer(() => expire("deadline"), timeout);
  const stopTimer = () => clearTimeout(timer);
  if (!signal) return { ended, timeout, stop: stopTimer };

  try {
    const removeListener = onAbort(signal, abort);
    const stop = () => {
      stopTimer();
      removeListener();
    };
    return { ended, timeout, stop };
  } catch (thrown) {
    stopTimer();
    throw thrown;
  }
}

/**
 * The value of an outcome, for one caller. `undefined`: the caller has to ask the core again.
 *
 * @param decision why the caller waited
 */
function valueOf<V>(outcome: Outcome<V>, { kind }: Decision): V | undefined {
  if (outcome === "ask again") return undefined;
  if (hasOwn(outcome, "value")) return outcome.value;
  if (!hasOwn(outcome, "thrown")) throw copyError(outcome.error);

  // Other callers belong to other requests or pages, for which the framework may decide otherwise.
  if (kind === DECISION.fetch) throw outcome.thrown;
  return undefined;
}

/** Copies an error, so that each caller gets one of its own and may change it. */
export function copyError(error: AuthError, retryAt: number | undefined = error.retryAt) {
  const { message } = error;
  // Own properties only: a polluted prototype must not add a cause.
  const cause = Object.hasOwn(error, "cause") ? error.cause : undefined;
  const details = { ...error, message, cause, retryAt };
  return new AuthError(details as AuthErrorDetails);
}

// Keeps one value fresh: asks the core what to do, and owns the flights and the timers.
import { causeOf, internal } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import type { SourceEvent, Subject } from "../core/events.js";
import { DecisionKind, EventKind, newState, PolicyKind, SLOTS, step } from "../core/lifecycle.js";
import type { EventArguments } from "../core/lifecycle.js";
import { platform } from "../core/platform.js";
import { hasOwn } from "../core/values.js";
import { runInBackground } from "../io/background.js";
import { throwIfAborted } from "../io/signal.js";
import { startTimer, timedOut } from "../io/timeout.js";
import { copyError, valueOf } from "./outcome.js";
import type { AttemptResult, Failed, Outcome, Success } from "./outcome.js";
import { startPatience } from "./patience.js";
import type { Patience } from "./patience.js";

/** The core's policies by the subject of a value. */
const POLICIES: Record<Subject, PolicyKind> = {
  token: PolicyKind.Token,
  metadata: PolicyKind.Metadata,
  keys: PolicyKind.Keys,
  introspection: PolicyKind.Introspection,
};

/**
 * How long one attempt may take, ms. ZITADEL may need a second for a token, and more when it is
 * busy.
 */
const ATTEMPT_TIMEOUT = 10_000;

/** How long before its lease ends a repeated attempt has to end, ms, so that its result counts. */
const LEASE_MARGIN = 500;

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
  kind: DecisionKind;
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
  #state = newState();
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
    let patience: Patience | undefined;
    try {
      for (;;) {
        throwIfAborted(signal);
        const kept = this.current();
        if (kept !== undefined) return kept;

        const decision = this.#decide(EventKind.Ask);
        if (isUse(decision.kind)) return this.#value as V;
        if (decision.kind === DecisionKind.Fail) throw this.#failure(decision.at);

        patience ??= startPatience(timeout, signal);
        const value = await this.#wait(decision, patience, timeout);
        if (value !== undefined) return value;
      }
    } finally {
      patience?.stop();
    }
  }

  /**
   * Drops the value because it was refused where it was used.
   *
   * @param isRefused whether the refused value is this one
   */
  invalidate(isRefused: (value: V) => boolean) {
    if (this.#value === undefined || !isRefused(this.#value)) return;
    this.#decide(EventKind.Rejected, { generation: this.#valueGeneration });

    // The core may keep an unused value: if the next request fails, it is used until it ends.
    const isKept = this.#state[SLOTS.heldGeneration] === this.#valueGeneration;
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
    const patience = startPatience(timeout, signal);
    try {
      for (;;) {
        throwIfAborted(signal);
        const decision = this.#decide(EventKind.Renew);
        if (decision.kind === DecisionKind.Fail) return { value: undefined, retryAt: decision.at };

        const value = await this.#wait(decision, patience, timeout);
        if (value !== undefined) return { value, isNewer: decision.kind === DecisionKind.Fetch };
      }
    } finally {
      patience.stop();
    }
  }

  /** Fetches a newer value in the background. The current one stays usable. */
  renew() {
    this.#decide(EventKind.Renew);
  }

  /** Passes an event to the core, and starts a flight if the core decides so. */
  #decide(event: EventKind, given?: EventArguments): Decision {
    const state = this.#state;
    const kind = step(state, POLICIES[this.#subject], event, given);

    // Copied before `#start`, after which other events may overwrite the numbers.
    const lease = state[SLOTS.lease];
    const until = state[SLOTS.until];
    const decision = { kind, until, leaseUntil: state[SLOTS.leaseUntil], at: state[SLOTS.at] };

    const isUsable = isUse(kind);
    if (isUsable) {
      this.#usableFrom = state[SLOTS.from];
      this.#usableUntil = until;
    }
    if (kind === DecisionKind.Fetch || kind === DecisionKind.UseAndRefresh) {
      this.#start(lease, isUsable || event === EventKind.Renew);
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
      this.#decide(EventKind.Withdrawn, { generation: flight.generation });
      return result;
    }

    return this.#fail(flight, result, attempts);
  }

  #succeed(
    { generation, isBackground, startedAt }: Flight<V>,
    result: Success<V>,
    attempts: number,
  ): Outcome<V> {
    const { value, sentAt, end, expiresAt } = result;
    const { kind } = this.#decide(EventKind.Fetched, { generation, at: sentAt, end });

    const isAccepted =
      kind === DecisionKind.Use && this.#state[SLOTS.heldGeneration] === generation;
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
    const { kind, at, leaseUntil } = this.#decide(EventKind.Failed, {
      generation,
      retry,
      at: error.retryAt,
    });

    if (kind === DecisionKind.Retry) {
      this.#report({ type: "retry", what, attempt: attempts + 1, at, code, category });
      const now = Date.now();
      return { pause: Math.max(0, at - now), lease: leaseUntil - now };
    }

    // Another flight took over. Callers are to wait for that one.
    if (kind === DecisionKind.Wait || kind === DecisionKind.Fetch) return "ask again";

    const retryAt = this.#state[SLOTS.retryAt];
    const endedAt = Date.now();
    this.#lastError = error;
    this.#report({ type: "fail", what, startedAt, endedAt, attempts, code, category, retryAt });
    // Otherwise the core permits an older value again, since there is no newer one.
    return kind === DecisionKind.Fail ? { error: copyError(error, retryAt) } : "ask again";
  }

  /** Waits for the flight that the decision is about. */
  async #wait(
    { kind, until, leaseUntil }: Decision,
    patience: Patience,
    timeout: number,
  ): Promise<V | undefined> {
    const leaseEnd = kind === DecisionKind.Wait ? until : leaseUntil;
    const lease = Math.max(1, leaseEnd - Date.now() + 1);
    const outcome = await patience.wait(this.#flight?.outcome, lease);
    if (outcome === "limit") throw timedOut(`waiting for the ${this.#subject}`, timeout);
    if (outcome === "lease") return undefined;
    return valueOf(outcome, kind === DecisionKind.Fetch);
  }

  #failure(retryAt: number) {
    return copyError(this.#lastError ?? internal("keeping a value fresh failed"), retryAt);
  }
}

function isUse(kind: DecisionKind): boolean {
  return kind === DecisionKind.Use || kind === DecisionKind.UseAndRefresh;
}

function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => {
    startTimer(resolve, millis);
  });
}

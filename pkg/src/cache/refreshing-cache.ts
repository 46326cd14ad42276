// Keeps one value fresh: asks the core what to do, and owns the flights and the timers.
import { causeOf, internal } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import type { SourceEvent, Subject } from "../core/events.js";
import {
  DecisionKind,
  EventKind,
  newState,
  PolicyKind,
  RetryKind,
  SLOTS,
  step,
} from "../core/lifecycle.js";
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

/** By how much an attempt may exceed its time limit, ms. */
const LATENESS = 1_000;

/** All attempts to fetch one value, for all callers that wait for it. */
export interface Flight<V> {
  generation: number;
  /** whether callers have a value to use meanwhile */
  isBackground: boolean;
  startedAt: number;
  attempts: number;
  /** how many callers wait for it */
  waiting: number;
  /** whether the platform keeps it running, or it has ended */
  isKept: boolean;
  /** cancels its requests */
  controller: AbortController;
  /** only the request that started the flight resolves it */
  outcome?: Promise<Outcome<V>>;
}

/** When the next attempt of a flight starts, and when its lease ends, ms since 1970. */
type NextAttempt = Pick<Decision, "at" | "leaseUntil">;

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
 * caller waits for a flight longer than its lease. Where there is no `waitUntil`, a flight is
 * canceled when its last caller gives up.
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
  #retries;
  #policy;
  #onRefused;

  /**
   * @param attempt makes one attempt, with a time limit in ms and a signal that cancels it; it does
   *   not throw
   * @param retries how many attempts may follow a failed one
   * @param onRefused is called with a value that is dropped because it was refused
   */
  constructor(
    subject: Subject,
    attempt: (millis: number, canceled: AbortSignal) => Promise<AttemptResult<V>>,
    report: (event: SourceEvent) => void,
    retries = 2,
    policy: PolicyKind = POLICIES[subject],
    onRefused?: (value: V) => void,
  ) {
    this.#retries = retries;
    this.#policy = policy;
    this.#onRefused = onRefused;
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
    const value = this.#value;
    if (value === undefined || !isRefused(value)) return;
    this.#decide(EventKind.Rejected, { generation: this.#valueGeneration });

    // The core may keep an unused value: if the next request fails, it is used until it ends.
    const isKept = this.#state[SLOTS.heldGeneration] === this.#valueGeneration;
    if (!isKept) {
      this.#value = undefined;
      this.#onRefused?.(value);
    }
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
    const kind = step(state, this.#policy, event, given);

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
    const flight: Flight<V> = {
      generation,
      isBackground,
      startedAt: Date.now(),
      attempts: 0,
      waiting: 0,
      // Anybody can make up tokens: one that nobody waits for still takes a place at the server.
      isKept: this.#subject === "introspection",
      controller: new AbortController(),
    };
    this.#flight = flight;

    // Asynchronously: a callback of the caller's may use this cache before the decision is obeyed.
    const outcome = Promise.resolve().then(() => this.#fly(flight));
    flight.outcome = outcome;
    // Fails outside of a request, where nothing has to be kept running.
    runInBackground(() => {
      const kept = platform.waitUntil(outcome);
      flight.isKept ||= kept !== false;
      return kept;
    });
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
        if (typeof result === "string" || !hasOwn(result, "leaseUntil")) return result;

        const { at, leaseUntil } = result;
        await sleep(Math.max(0, at - Date.now()));
        if (flight.controller.signal.aborted || Date.now() >= leaseUntil) {
          return this.#withdraw(flight);
        }
        millis = Math.max(1, Math.min(ATTEMPT_TIMEOUT, leaseUntil - at - LEASE_MARGIN));
      }
    } catch (thrown) {
      this.#lastError =
        thrown instanceof AuthError
          ? thrown
          : internal("keeping a value fresh failed", causeOf(thrown));
      return { error: this.#lastError };
    } finally {
      flight.isKept = true;
    }
  }

  /**
   * Makes one attempt.
   *
   * @param millis its time limit
   * @returns how the flight ended; or when the next attempt starts and the lease ends
   */
  async #tryOnce(flight: Flight<V>, millis: number): Promise<Outcome<V> | NextAttempt> {
    flight.attempts += 1;
    const { attempts } = flight;
    const { signal } = flight.controller;
    const startedAt = Date.now();
    const result = await this.#attempt(millis, signal);

    if (hasOwn(result, "value")) return this.#succeed(flight, result, attempts);

    if (hasOwn(result, "thrown")) {
      this.#withdraw(flight);
      return result;
    }

    // A process that was frozen meanwhile has learned nothing of the server.
    const wasFrozen = Date.now() - startedAt > millis + LATENESS;
    if (signal.aborted || wasFrozen) return this.#withdraw(flight);

    return this.#fail(flight, result, attempts);
  }

  /** Ends a flight that tells nothing of the server. Its callers ask again. */
  #withdraw({ generation }: Flight<V>): "ask again" {
    this.#decide(EventKind.Withdrawn, { generation });
    return "ask again";
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
  ): Outcome<V> | NextAttempt {
    const what = this.#subject;
    const { code, category, status } = error;
    const why = { code, category, ...(status !== undefined && { status }) };
    const mayRetry = attempts <= this.#retries || retry === RetryKind.AtOnce;
    const { kind, at, leaseUntil } = this.#decide(EventKind.Failed, {
      generation,
      retry: mayRetry ? retry : RetryKind.Never,
      at: error.retryAt,
    });

    if (kind === DecisionKind.Retry) {
      this.#report({
        type: "retry",
        what,
        attempt: attempts + 1,
        at,
        ...why,
      });
      return { at, leaseUntil };
    }

    // Another flight took over. Callers are to wait for that one.
    if (kind === DecisionKind.Wait || kind === DecisionKind.Fetch) return "ask again";

    const retryAt = this.#state[SLOTS.retryAt];
    const endedAt = Date.now();
    this.#lastError = error;
    this.#report({
      type: "fail",
      what,
      startedAt,
      endedAt,
      attempts,
      ...why,
      retryAt,
    });
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
    const outcome = await this.#waitFor(this.#flight, patience, lease);
    if (outcome === "limit") throw timedOut(`waiting for the ${this.#subject}`, timeout);
    if (outcome === "lease") return undefined;
    return valueOf(outcome, kind === DecisionKind.Fetch);
  }

  /** Waits for a flight, and cancels it if the caller gives up and nobody else waits. */
  async #waitFor(flight: Flight<V> | undefined, patience: Patience, lease: number) {
    if (!flight) return patience.wait<Outcome<V>>(undefined, lease);

    flight.waiting += 1;
    let hasGivenUp = true;
    try {
      const outcome = await patience.wait(flight.outcome, lease);
      hasGivenUp = outcome === "limit";
      return outcome;
    } finally {
      flight.waiting -= 1;
      if (hasGivenUp && flight.waiting === 0 && !flight.isKept) {
        flight.controller.abort();
        this.#withdraw(flight);
      }
    }
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
    startTimer(resolve, millis, { keepsAlive: false });
  });
}

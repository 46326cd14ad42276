import { LruMap } from "../cache/lru-map.js";
import { rejected, unavailable } from "../core/error-constructors.js";
import { introspectionClient, isNow } from "./introspection-client.js";
import { copyError, RefreshingCache, RETRIES } from "../cache/refreshing-cache.js";
import { hasOwn } from "../core/check-options.js";

/** How many tokens are asked about at once: unknown ones, which anybody can make up, and known ones. */
const [UNKNOWN_AT_ONCE, KNOWN_AT_ONCE] = [32, 128];
/**
 * After how long without a sign an attempt has been cancelled together with the request that made
 * it, ms: it has ten seconds.
 */
const CANCELLED = 12_000;
/**
 * About what a value that is kept fresh takes beside its text, and what an error takes with it,
 * bytes.
 */
const [KEPT, FAILED] = [1_000, 4_000];
/** How much is remembered of tokens that are not known as good, bytes. */
const LITTLE = 2 ** 20;

/** @typedef {import("./introspection-client.js").Answer} Answer */
/** @typedef {RefreshingCache<Answer>} Fresh */

/**
 * Asks the server about tokens, and remembers what it says.
 *
 * @param {Parameters<typeof introspectionClient>[0]} asking
 */
export function introspectionCache(asking) {
  const { ask, pausing } = introspectionClient(asking);
  /**
   * Active ones; what somebody made up never gets in here.
   *
   * @type {LruMap<Fresh>}
   */
  const known = new LruMap(10_000, 8 * 2 ** 20);
  /** @type {LruMap<Answer>} */
  const inactive = new LruMap(1_000, LITTLE);
  /**
   * Those that could not be asked about, which know when to try again.
   *
   * @type {LruMap<Fresh>}
   */
  const failing = new LruMap(1_000, 4 * LITTLE);
  /**
   * Those that are asked about and not known; `since`: when the attempt that runs began.
   *
   * @type {Map<string, { fresh: Fresh; since?: number }>}
   */
  const asked = new Map();
  /**
   * Those that are asked about once more.
   *
   * @type {Map<string, { since: number }>}
   */
  const refreshed = new Map();

  /**
   * @type {(
   *   token: string,
   *   millis: number,
   * ) => Promise<import("../cache/refreshing-cache.js").AttemptResult<Answer>>}
   */
  async function attempt(token, millis) {
    const entry = asked.get(token);
    if (entry) {
      entry.since = Date.now();
      const result = await ask(token, millis);
      // No event will tell of it.
      if (hasOwn(result, "thrown")) asked.delete(token);
      return result;
    }
    if (isFull(refreshed, KNOWN_AT_ONCE)) return { error: overloaded(), retry: RETRIES.never };
    refreshed.set(token, { since: Date.now() });
    try {
      return await ask(token, millis);
    } finally {
      refreshed.delete(token);
    }
  }

  /**
   * @param {string} token
   * @returns {Fresh}
   */
  function make(token) {
    /** @type {Fresh} */
    const fresh = new RefreshingCache(
      "introspection",
      (millis) => attempt(token, millis),
      (event) => {
        if (event.type !== "retry") place(token, fresh, event.type === "fail");
        asking.report(event);
      },
    );
    return fresh;
  }

  /**
   * Where a token belongs after a flight. Not left to who waits for it, who may be gone.
   *
   * @type {(token: string, fresh: Fresh, hasFailed: boolean) => void}
   */
  function place(token, fresh, hasFailed) {
    asked.delete(token);
    const answer = fresh.peek();
    if (hasFailed || !answer) {
      if (!known.has(token)) failing.set(token, fresh, FAILED);
      return;
    }
    failing.delete(token);
    if (answer.claims.active) return known.set(token, fresh, KEPT + 4 * answer.length);
    known.delete(token);
    inactive.set(token, answer, answer.refusal ? FAILED : 0);
  }

  /** @param {string} token */
  function start(token) {
    const paused = pausing();
    if (paused) throw paused;
    if (isFull(asked, UNKNOWN_AT_ONCE)) throw overloaded();
    const fresh = failing.get(token) ?? make(token);
    asked.set(token, { fresh });
    return fresh;
  }

  return {
    /**
     * What is known of a token, if it is good and there is nothing to decide about it.
     *
     * @param {string} token
     */
    current(token) {
      const answer = known.get(token)?.current();
      return answer?.claims.active ? answer.claims : undefined;
    },

    /**
     * @param {string} token
     * @param {number} timeout
     * @param {AbortSignal | undefined} signal
     * @returns {Promise<Answer["claims"]>} of an active one
     * @throws {import("../core/errors.js").AuthError} `token_inactive`, `token_invalid` for another
     *   kind of token, and what any answer can be
     */
    async get(token, timeout, signal) {
      const refused = inactive.get(token);
      if (isNow(refused)) throw refusalOf(refused);
      const fresh = known.get(token) ?? asked.get(token)?.fresh ?? start(token);
      try {
        const answer = await fresh.get(timeout, signal);
        if (answer.claims.active) return answer.claims;
        throw refusalOf(answer);
      } finally {
        // No attempt has begun: it was too early for one, or nobody waits.
        const entry = asked.get(token);
        if (entry && entry.since === undefined) asked.delete(token);
      }
    },
  };
}

/**
 * Whether there is no room for another attempt, after the cancelled ones were forgotten.
 *
 * @type {(attempts: Map<string, { since?: number }>, most: number) => boolean}
 */
function isFull(attempts, most) {
  const now = Date.now();
  for (const [token, { since }] of attempts)
    if (since !== undefined && !(since <= now && now < since + CANCELLED)) attempts.delete(token);
  return attempts.size >= most;
}

function overloaded() {
  return unavailable(
    "server_overloaded",
    "too many tokens are being asked about",
    "try again in a moment; what is known of other tokens goes on being used",
    undefined,
    Date.now() + 1_000,
  );
}

/**
 * An error of its own for each caller.
 *
 * @param {Answer} answer
 */
function refusalOf({ refusal }) {
  return refusal ? copyError(refusal) : tokenInactive();
}

function tokenInactive() {
  const hint =
    "whoever calls must get a new token: this one has ended, was revoked, or is of another server. If a new one is refused too, it is not meant for this API: with ZITADEL ask for the scope `urn:zitadel:iam:org:project:id:{projectId}:aud` of its project";
  return rejected("token_inactive", "the server does not know the token as good", hint);
}

// Remembers introspection results, and bounds how many tokens are asked about at once.
import { copyError } from "../cache/outcome.js";
import type { AttemptResult } from "../cache/outcome.js";
import { isNow } from "../cache/period.js";
import type { IntrospectionResult } from "./introspection-client.js";
import { LruMap } from "../cache/lru-map.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { RetryKind } from "../core/lifecycle.js";
import { hasOwn } from "../core/values.js";
import { rejected, unavailable } from "../core/error-constructors.js";
import { introspectionClient } from "./introspection-client.js";

/** How many unknown tokens are introspected at once. Anybody can make up tokens. */
const MAX_UNKNOWN_REQUESTS = 32;

/** How many known tokens are introspected again at once. */
const MAX_KNOWN_REQUESTS = 128;

/**
 * The age at which an unfinished attempt counts as cancelled together with the request that started
 * it, ms. An attempt has a timeout of ten seconds.
 */
const CANCELLED_AFTER = 12_000;

/** About what a refreshing cache takes in addition to its value, bytes. */
const CACHE_SIZE = 1_000;

/** About what a cache takes that holds an error, bytes. */
const ERROR_SIZE = 4_000;

/** How much is kept about active tokens, bytes. */
const MAX_ACTIVE_BYTES = 8 * 2 ** 20;

/** How much is kept about inactive tokens, bytes. */
const MAX_INACTIVE_BYTES = 2 ** 20;

/** How much is kept about tokens whose introspection failed, bytes. */
const MAX_FAILED_BYTES = 4 * 2 ** 20;

export type IntrospectionCache = ReturnType<typeof introspectionCache>;

export type TokenCache = RefreshingCache<IntrospectionResult>;

/** Introspects tokens and caches the results. */
export function introspectionCache(
  options: Parameters<typeof introspectionClient>[0] & { isZitadel: boolean },
) {
  const refusalOf = ({ refusal }: IntrospectionResult) =>
    // Each caller gets an error of its own.
    refusal ? copyError(refusal) : tokenInactive(options.isZitadel);
  const { introspect, pauseError } = introspectionClient(options);

  /** Active tokens. A token that somebody made up never gets in here. */
  const active: LruMap<TokenCache> = new LruMap(10_000, MAX_ACTIVE_BYTES);

  const inactive: LruMap<IntrospectionResult> = new LruMap(1_000, MAX_INACTIVE_BYTES);

  /** Tokens whose introspection failed. Their caches know when to try again. */
  const failed: LruMap<TokenCache> = new LruMap(1_000, MAX_FAILED_BYTES);

  /** Unknown tokens that are being introspected; `since`: when the current attempt began. */
  const pending: Map<string, { cache: TokenCache; since?: number }> = new Map();

  /** Known tokens that are being introspected again. */
  const refreshing: Map<string, { since: number }> = new Map();

  async function attempt(
    token: string,
    millis: number,
  ): Promise<AttemptResult<IntrospectionResult>> {
    const entry = pending.get(token);
    if (entry) {
      entry.since = Date.now();
      const result = await introspect(token, millis);
      // A framework's control flow ends the flight without an event, so `place` is not called.
      if (hasOwn(result, "thrown")) pending.delete(token);
      return result;
    }

    if (isFull(refreshing, MAX_KNOWN_REQUESTS)) {
      return { error: overloaded(), retry: RetryKind.Never };
    }
    refreshing.set(token, { since: Date.now() });
    try {
      return await introspect(token, millis);
    } finally {
      refreshing.delete(token);
    }
  }

  function makeCache(token: string): TokenCache {
    const cache: TokenCache = new RefreshingCache(
      "introspection",
      (millis) => attempt(token, millis),
      (event) => {
        if (event.type !== "retry") place(token, cache, event.type === "fail");
        options.report(event);
      },
      options.retries,
    );
    return cache;
  }

  /** Files a token after a flight. The callers that waited may be gone, so they cannot do it. */
  function place(token: string, cache: TokenCache, hasFailed: boolean): void {
    pending.delete(token);
    const result = cache.peek();
    if (hasFailed || !result) {
      if (!active.has(token)) failed.set(token, cache, ERROR_SIZE);
      return;
    }

    failed.delete(token);
    if (result.claims.active) {
      active.set(token, cache, CACHE_SIZE + 6 * result.body.length);
      return;
    }

    active.delete(token);
    inactive.set(token, result, result.refusal ? ERROR_SIZE : 0);
  }

  function start(token: string) {
    const paused = pauseError();
    if (paused) throw paused;
    if (isFull(pending, MAX_UNKNOWN_REQUESTS)) throw overloaded();

    const cache = failed.get(token) ?? makeCache(token);
    pending.set(token, { cache });
    return cache;
  }

  return {
    /**
     * Returns the claims of a token that is known to be active, if the cache permits their use
     * without a decision of the core.
     */
    current(token: string) {
      const result = active.get(token)?.current();
      return result?.claims.active ? result : undefined;
    },

    /**
     * Returns what is known of an active token, and introspects it if needed.
     *
     * @param timeout ms
     * @throws {AuthError} `token_inactive`; `token_invalid` for another kind of token; and the
     *   codes of any response
     */
    async get(
      token: string,
      timeout: number,
      signal: AbortSignal | undefined,
    ): Promise<IntrospectionResult> {
      const refused = inactive.get(token);
      if (isNow(refused)) throw refusalOf(refused);

      const cache = active.get(token) ?? pending.get(token)?.cache ?? start(token);
      try {
        const result = await cache.get(timeout, signal);
        if (result.claims.active) return result;
        throw refusalOf(result);
      } finally {
        // No attempt has begun: it was too early for one, or the caller stopped waiting.
        const entry = pending.get(token);
        if (entry && entry.since === undefined) pending.delete(token);
      }
    },
  };
}

/** Whether there is no room for another attempt. Forgets cancelled attempts first. */
function isFull(attempts: Map<string, { since?: number }>, max: number): boolean {
  const now = Date.now();
  for (const [token, { since }] of attempts) {
    const isRunning = since === undefined || (since <= now && now < since + CANCELLED_AFTER);
    if (!isRunning) attempts.delete(token);
  }
  return attempts.size >= max;
}

function overloaded() {
  return unavailable(
    "server_overloaded",
    "too many tokens are being asked about",
    "try again later; known tokens are still taken",
    undefined,
    Date.now() + 1_000,
  );
}

function tokenInactive(isZitadel: boolean) {
  const ask = isZitadel
    ? "ask for the scope `urn:zitadel:iam:org:project:id:{projectId}:aud` of its project"
    : "ask the issuer for a token that names this API";
  const hint =
    "the caller must get a new token: this one has ended, was revoked, or is another server's. " +
    `If a new one is refused too: ${ask}`;
  return rejected("token_inactive", "the server does not know the token as good", hint);
}

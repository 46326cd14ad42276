import { failure } from "./attempt.js";
import { Bounded } from "./bounded.js";
import { AuthError } from "./errors.js";
import { rejected, unavailable } from "./faults.js";
import { buildIntrospectionRequest, parseIntrospectionResponse } from "./introspection.js";
import { copy, KeepFresh, RETRIES } from "./keep-fresh.js";
import { frozen } from "./frozen.js";
import { send, within } from "./transport.js";

/** The most that is read of an answer, bytes: a user's metadata may be in it. */
const LONGEST = 2 ** 20;
/** How long what a server says of a token is believed, ms: of an active one, of any other. */
const [ACTIVE, INACTIVE] = [60_000, 10_000];
/** How many unknown tokens are asked about at once. */
const AT_ONCE = 32;
/** After how long without a sign an attempt has been cancelled together with the request that made it, ms: it has ten seconds. */
const CANCELLED = 12_000;
/** The longest that a server can have nobody asked about, ms. */
const LONGEST_PAUSE = 300_000;
/** About what a value that is kept fresh takes beside its text, and what an error takes with it, bytes. */
const [KEPT, FAILED] = [1_000, 4_000];
/** How much is remembered of tokens that are not known as good, bytes. */
const LITTLE = 2 ** 20;

/** @typedef {import("./introspection.js").Introspection} Introspection */
/** @typedef {{ claims: Introspection, from: number, until: number, size: number }} Answer */
/** @typedef {KeepFresh<Answer>} Fresh */

/**
 * Asks the server about tokens, and remembers what it says.
 * @param {import("./key-set.js").Asking & { proof: import("./proof.js").Proof }} asking `proof`: of who asks
 */
export function introspector({ where, proof, insecureHttp, fetch, report, onFailure }) {
  /** Active ones; what somebody made up never gets in here. @type {Bounded<Fresh>} */
  const known = new Bounded(10_000, 8 * 2 ** 20);
  /** @type {Bounded<{ from: number, until: number }>} */
  const inactive = new Bounded(1_000, LITTLE);
  /** Those that could not be asked about, which know when to try again. @type {Bounded<Fresh>} */
  const failing = new Bounded(1_000, 4 * LITTLE);
  /** Those that are asked about and not known; `since`: when the attempt that runs began. @type {Map<string, { fresh: Fresh, since?: number }>} */
  const asked = new Map();
  /** While the server wants to be left alone. @type {{ from: number, until: number, error: import("./errors.js").AuthError } | undefined} */
  let pause;
  /** How often the credentials were found to have changed. */
  let changes = 0;

  /** @type {(token: string, millis: number) => Promise<import("./keep-fresh.js").Attempt<Answer>>} */
  async function attempt(token, millis) {
    const entry = asked.get(token);
    if (entry) entry.since = Date.now();
    if (isNow(pause)) return { error: copy(pause.error, pause.until), retry: RETRIES.never };
    try {
      return await within(millis, "asking about a token", async (signal) => {
        const introspectionEndpoint = await where(millis, signal);
        const before = changes;
        try {
          const proven = /** @type {import("./token.js").SecretProof | import("./token.js").ClientAssertionProof} */ (await proof.get());
          const request = buildIntrospectionRequest({ introspectionEndpoint, token, insecureHttp, ...proven });
          const { answer, sentAt } = await send("the introspection endpoint", request, { fetch, signal, longest: LONGEST });
          const claims = frozen(read(answer, request));
          const end = claims.active && Object.hasOwn(claims, "exp") && typeof claims.exp === "number" ? claims.exp * 1000 : Infinity;
          const until = Math.min(end, sentAt + (claims.active ? ACTIVE : INACTIVE));
          return { value: { claims, from: sentAt, until, size: KEPT + 4 * answer.body.length }, sentAt, end: until, expiresAt: until };
        } catch (thrown) {
          return await afterFailure(thrown, before);
        }
      });
    } catch (thrown) {
      return failure(thrown);
    }
  }

  /** @type {(thrown: unknown, before: number) => Promise<ReturnType<typeof failure>>} `before`: how often the credentials had changed when the attempt began */
  async function afterFailure(thrown, before) {
    const failed = failure(thrown);
    const { error } = failed;
    const { code, retryAt } = error;
    // Not of this token alone.
    const now = Date.now();
    if (retryAt !== undefined) pause = { from: now, until: Math.min(retryAt, now + LONGEST_PAUSE), error };
    if (["credentials_refused", "key_expired", "option_invalid"].includes(code)) {
      // One that was sent at the same time may have found out first.
      if (changes === before && (await proof.hasChanged())) changes += 1;
      if (changes > before) return { ...failed, retry: RETRIES.atOnce };
    }
    onFailure(error);
    return failed;
  }

  /** @param {string} token @returns {Fresh} */
  function make(token) {
    /** @type {Fresh} */
    const fresh = new KeepFresh("introspection", (millis) => attempt(token, millis), (event) => {
      if (event.type !== "retry") place(token, fresh, event.type === "fail");
      report(event);
    });
    return fresh;
  }

  /** Where a token belongs after a flight. Not left to who waits for it, who may be gone. @type {(token: string, fresh: Fresh, hasFailed: boolean) => void} */
  function place(token, fresh, hasFailed) {
    asked.delete(token);
    const answer = fresh.peek();
    if (hasFailed || !answer) {
      if (!known.has(token)) failing.set(token, fresh, FAILED);
      return;
    }
    failing.delete(token);
    if (answer.claims.active) return known.set(token, fresh, answer.size);
    known.delete(token);
    inactive.set(token, answer, 0);
  }

  /** @param {string} token */
  function start(token) {
    if (isNow(pause)) throw copy(pause.error, pause.until);
    const now = Date.now();
    for (const [other, { since }] of asked) if (since !== undefined && !(since <= now && now < since + CANCELLED)) asked.delete(other);
    if (asked.size >= AT_ONCE) {
      throw unavailable("server_overloaded", "too many tokens that are not known yet are being asked about", "try again in a moment; tokens that are known go on being taken", undefined, now + 1_000);
    }
    const fresh = failing.get(token) ?? make(token);
    asked.set(token, { fresh });
    return fresh;
  }

  return {
    /** What is known of a token, if it is good and there is nothing to decide about it. @param {string} token */
    current(token) {
      const answer = known.get(token)?.current();
      return answer?.claims.active ? answer.claims : undefined;
    },

    /**
     * @param {string} token
     * @param {number} timeout
     * @param {AbortSignal | undefined} signal
     * @returns {Promise<Introspection>} of an active one
     * @throws {import("./errors.js").AuthError} `token_inactive`, and what any answer can be
     */
    async get(token, timeout, signal) {
      if (isNow(inactive.get(token))) throw tokenInactive();
      const fresh = known.get(token) ?? asked.get(token)?.fresh ?? start(token);
      try {
        const { claims } = await fresh.get(timeout, signal);
        if (claims.active) return claims;
      } finally {
        // No attempt has begun: it was too early for one, or nobody waits.
        const entry = asked.get(token);
        if (entry && entry.since === undefined) asked.delete(token);
      }
      throw tokenInactive();
    },
  };
}

/** @type {(answer: import("./http.js").ResponseData, request: import("./http.js").RequestData) => Introspection} */
function read(answer, request) {
  try {
    return parseIntrospectionResponse(answer, { request });
  } catch (error) {
    // Some servers borrow it from RFC 7009 for what looks like a JWT: it is about the token, and whoever calls may have made that up.
    if (error instanceof AuthError && error.error === "unsupported_token_type") return { active: false };
    throw error;
  }
}

/** @type {<T extends { from: number, until: number }>(time: T | undefined) => time is T} */
function isNow(time) {
  const now = Date.now();
  return time !== undefined && time.from <= now && now < time.until;
}

function tokenInactive() {
  const hint =
    "whoever calls must get a new token: this one has ended, was revoked, or is of another server. If a new one is refused too, it is not meant for this API: with ZITADEL ask for the scope `urn:zitadel:iam:org:project:id:{projectId}:aud` of its project";
  return rejected("token_inactive", "the server does not know the token as good", hint);
}

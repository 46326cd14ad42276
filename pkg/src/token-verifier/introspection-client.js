import { failedAttempt } from "../cache/retry.js";
import { AuthError } from "../core/errors.js";
import { deepFreeze } from "../cache/deep-freeze.js";
import {
  buildIntrospectionRequest,
  parseIntrospectionResponse,
} from "../protocol/introspection.js";
import { copyError, RETRIES } from "../cache/refreshing-cache.js";
import { hasOwn } from "../core/check-options.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";

/** The most that is read of an answer, bytes: a user's metadata may be in it. */
const LONGEST = 2 ** 20;
/** How long what a server says of a token is believed, ms: of an active one, of any other. */
const [ACTIVE, INACTIVE] = [60_000, 10_000];
/** How long nobody is asked about after a refusal of this API, ms. */
const REFUSED = 1_000;
/**
 * How long an answer speaks for the credentials, ms: while tokens are in use, each is asked about
 * once a minute.
 */
const TRUSTED = 2 * ACTIVE;

/** @typedef {import("../protocol/introspection.js").Introspection} Introspection */
/**
 * @typedef {{
 *   claims: Introspection;
 *   refusal: AuthError | undefined;
 *   from: number;
 *   until: number;
 *   length: number;
 * }} Answer
 *   `refusal`: why the token is not good, where the server does not say it but the core; `length`: of
 *   its text
 */
/** @typedef {import("../cache/refreshing-cache.js").AttemptResult<Answer>} Attempt */

/**
 * Asks the server about one token, once.
 *
 * @param {import("./jwks.js").Asking & {
 *   authentication: import("../client-auth/client-auth.js").ClientAuthentication;
 * }} asking
 *   `authentication`: of who asks
 */
export function introspectionClient({ where, authentication, insecureHttp, fetch, onFailure }) {
  /**
   * While nobody is to be asked about.
   *
   * @type {{ from: number; until: number; error: AuthError } | undefined}
   */
  let pause;
  /**
   * While the credentials are known to be good, whatever the server makes of one token.
   *
   * @type {{ from: number; until: number } | undefined}
   */
  let trusted;
  /** How often the credentials were found to have changed. */
  let changes = 0;

  /** Why nobody is asked about now, if so. */
  const pausing = () => (isNow(pause) ? copyError(pause.error, pause.until) : undefined);

  /** @type {(token: string, millis: number) => Promise<Attempt>} */
  async function ask(token, millis) {
    const paused = pausing();
    if (paused) return { error: paused, retry: RETRIES.never };
    try {
      return await withTimeout(millis, "asking about a token", async (signal) => {
        const introspectionEndpoint = await where(millis, signal);
        const before = changes;
        try {
          const credentials =
            /**
             * @type {import("../protocol/token.js").SecretCredentials
             *   | import("../protocol/token.js").ClientAssertionCredentials}
             */ (await authentication.get());
          const request = buildIntrospectionRequest({
            introspectionEndpoint,
            token,
            insecureHttp,
            ...credentials,
          });
          const { response, sentAt } = await send("the introspection endpoint", request, {
            fetch,
            signal,
            maxBytes: LONGEST,
          });
          const { refusal, ...said } = read(response, request);
          const claims = deepFreeze(said.claims);
          trust(before);
          const end =
            claims.active && Object.hasOwn(claims, "exp") && typeof claims.exp === "number"
              ? claims.exp * 1000
              : Infinity;
          const until = Math.min(end, sentAt + (claims.active ? ACTIVE : INACTIVE));
          return {
            value: { claims, refusal, from: sentAt, until, length: response.body.length },
            sentAt,
            end: until,
            expiresAt: until,
          };
        } catch (thrown) {
          return await afterFailure(thrown, before);
        }
      });
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  }

  /**
   * What was answered speaks for the credentials that it was asked with.
   *
   * @param {number} before
   */
  function trust(before) {
    if (changes !== before) return;
    const now = Date.now();
    trusted = { from: now, until: now + TRUSTED };
    if (pause?.error.status !== undefined && pause.error.retryAt === undefined) pause = undefined;
  }

  /**
   * @type {(thrown: unknown, before: number) => Promise<ReturnType<typeof failedAttempt>>} `before`:
   *   how often the credentials had changed when the attempt began
   */
  async function afterFailure(thrown, before) {
    const failed = failedAttempt(thrown);
    if (hasOwn(failed, "thrown")) return failed;
    const { error } = failed;
    if (["credentials_refused", "key_expired", "option_invalid"].includes(error.code)) {
      // One that was sent at the same time may have found out first.
      if (changes === before && (await authentication.hasChanged()))
        [changes, trusted] = [changes + 1, undefined];
      if (changes > before) return { ...failed, retry: RETRIES.atOnce };
    }
    const now = Date.now();
    // Not while others are answered: then it was this token that the server did not like. What has no status was never asked.
    const isRefused =
      (error.category === "denied" || error.category === "misuse") &&
      (error.status === undefined || !isNow(trusted));
    const until = error.retryAt ?? (isRefused ? now + REFUSED : now);
    if (!isNow(pause) || pause.until < until) pause = { from: now, until, error };
    onFailure(error);
    return failed;
  }

  return { ask, pausing };
}

/**
 * @type {(
 *   answer: import("../protocol/http.js").ResponseData,
 *   request: import("../protocol/http.js").RequestData,
 * ) => Pick<Answer, "claims" | "refusal">}
 */
function read(answer, request) {
  try {
    return { claims: parseIntrospectionResponse(answer, { request }), refusal: undefined };
  } catch (error) {
    // It is active, but no access token: an answer like any other, which is remembered and lets the others be asked about.
    if (error instanceof AuthError && error.code === "token_invalid")
      return { claims: { active: false }, refusal: error };
    throw error;
  }
}

/** @type {<T extends { from: number; until: number }>(time: T | undefined) => time is T} */
export function isNow(time) {
  const now = Date.now();
  return time !== undefined && time.from <= now && now < time.until;
}

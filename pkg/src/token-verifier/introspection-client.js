// Asks the introspection endpoint about one token.
import { deepFreeze } from "../cache/deep-freeze.js";
import { copyError, RETRIES } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { hasOwn } from "../core/check-options.js";
import { AuthError } from "../core/errors.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import {
  buildIntrospectionRequest,
  parseIntrospectionResponse,
} from "../protocol/introspection.js";

/** @import {AttemptResult} from "../cache/refreshing-cache.js" */
/** @import {ClientAuthentication} from "../client-auth/client-auth.js" */
/**
 * @import {
 *   RequestData,
 *   ResponseData
 * } from "../protocol/http.js"
 */
/** @import {Introspection} from "../protocol/introspection.js" */
/**
 * @import {
 *   ClientAssertionCredentials,
 *   SecretCredentials
 * } from "../protocol/token.js"
 */
/** @import {EndpointOptions} from "./jwks.js" */

/** How much of a response is read, bytes. It may contain the user's metadata. */
const MAX_BYTES = 2 ** 20;

/** How long the server's word that a token is active is used, ms. */
const ACTIVE_LIFETIME = 60_000;

/** How long the server's word that a token is not active is used, ms. */
const INACTIVE_LIFETIME = 10_000;

/** How long no token is introspected after the server refused this API, ms. */
const REFUSAL_PAUSE = 1_000;

/**
 * How long a response proves that the credentials are valid, ms. A token in use is introspected
 * once a minute.
 */
const TRUST_LIFETIME = 2 * ACTIVE_LIFETIME;

/** The errors after which a new secret or key may help. */
const CREDENTIAL_ERRORS = ["credentials_refused", "key_expired", "option_invalid"];

/**
 * What is known about a token. Times are ms since 1970.
 *
 * @typedef {object} IntrospectionResult
 * @property {Introspection} claims
 * @property {AuthError | undefined} refusal why the core refuses a token that the server calls
 *   active
 * @property {number} from
 * @property {number} until
 * @property {number} length of the response's body, in characters
 */

/** @typedef {{ from: number; until: number }} Period ms since 1970 */

/**
 * Introspects tokens (RFC 7662), one attempt a call.
 *
 * @param {EndpointOptions & { authentication: ClientAuthentication }} options `authentication`: of
 *   this API
 */
export function introspectionClient(options) {
  const { resolveUrl, authentication, insecureHttp, fetch, onFailure } = options;
  /**
   * While no token is introspected, and why.
   *
   * @type {(Period & { error: AuthError }) | undefined}
   */
  let pause;
  /**
   * While the credentials are known to be valid, so that a refusal is about one token.
   *
   * @type {Period | undefined}
   */
  let trusted;
  /** How often the credentials changed. */
  let changes = 0;

  /** Returns the error of the current pause, if there is one. */
  const pauseError = () => (isNow(pause) ? copyError(pause.error, pause.until) : undefined);

  /** @type {(token: string, millis: number) => Promise<AttemptResult<IntrospectionResult>>} */
  async function introspect(token, millis) {
    const paused = pauseError();
    if (paused) return { error: paused, retry: RETRIES.never };

    try {
      return await withTimeout(millis, "asking about a token", async (signal) => {
        const introspectionEndpoint = await resolveUrl(millis, signal);
        const changesBefore = changes;
        try {
          const credentials = /** @type {SecretCredentials | ClientAssertionCredentials} */ (
            await authentication.get()
          );
          const request = buildIntrospectionRequest({
            introspectionEndpoint,
            token,
            insecureHttp,
            ...credentials,
          });
          const { response, sentAt } = await send("the introspection endpoint", request, {
            fetch,
            signal,
            maxBytes: MAX_BYTES,
          });

          const result = resultOf(response, request, sentAt);
          trustCredentials(changesBefore);
          return { value: result, sentAt, end: result.until, expiresAt: result.until };
        } catch (thrown) {
          return await afterFailure(thrown, changesBefore);
        }
      });
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  }

  /**
   * Records that the server accepted the credentials of a request, and ends a pause that a refusal
   * began.
   *
   * @param {number} changesBefore `changes` when the request was made
   */
  function trustCredentials(changesBefore) {
    if (changes !== changesBefore) return;
    const now = Date.now();
    trusted = { from: now, until: now + TRUST_LIFETIME };
    if (pause?.error.status !== undefined && pause.error.retryAt === undefined) pause = undefined;
  }

  /**
   * Decides whether a failed attempt is repeated with new credentials, and how long no token is
   * introspected.
   *
   * @param {unknown} thrown
   * @param {number} changesBefore `changes` when the attempt began
   */
  async function afterFailure(thrown, changesBefore) {
    const failed = failedAttempt(thrown);
    if (hasOwn(failed, "thrown")) return failed;
    const { error } = failed;

    if (CREDENTIAL_ERRORS.includes(error.code)) {
      // A concurrent attempt may have found the change already.
      if (changes === changesBefore && (await authentication.hasChanged())) {
        changes += 1;
        trusted = undefined;
      }
      if (changes > changesBefore) return { ...failed, retry: RETRIES.atOnce };
    }

    startPause(error);
    onFailure(error);
    return failed;
  }

  /** @param {AuthError} error */
  function startPause(error) {
    const now = Date.now();
    // While other tokens are introspected successfully, the refusal is about this one. An error
    // without a status came before the request was sent.
    const isAboutClient =
      (error.category === "denied" || error.category === "misuse") &&
      (error.status === undefined || !isNow(trusted));
    const until = error.retryAt ?? (isAboutClient ? now + REFUSAL_PAUSE : now);
    if (!isNow(pause) || pause.until < until) pause = { from: now, until, error };
  }

  return { introspect, pauseError };
}

/**
 * @param {ResponseData} response
 * @param {RequestData} request
 * @param {number} sentAt
 * @returns {IntrospectionResult}
 */
function resultOf(response, request, sentAt) {
  const { claims, refusal } = readClaims(response, request);
  deepFreeze(claims);
  const hasEnd = claims.active && Object.hasOwn(claims, "exp") && typeof claims.exp === "number";
  const end = hasEnd ? Number(claims.exp) * 1000 : Infinity;
  const lifetime = claims.active ? ACTIVE_LIFETIME : INACTIVE_LIFETIME;
  const until = Math.min(end, sentAt + lifetime);
  return { claims, refusal, from: sentAt, until, length: response.body.length };
}

/**
 * @param {ResponseData} response
 * @param {RequestData} request
 * @returns {Pick<IntrospectionResult, "claims" | "refusal">}
 */
function readClaims(response, request) {
  try {
    return { claims: parseIntrospectionResponse(response, { request }), refusal: undefined };
  } catch (error) {
    // Active, but no access token. That is a result, which is cached and does not pause the
    // introspection of other tokens.
    if (error instanceof AuthError && error.code === "token_invalid") {
      return { claims: { active: false }, refusal: error };
    }
    throw error;
  }
}

/** @type {<T extends Period>(period: T | undefined) => period is T} */
export function isNow(period) {
  const now = Date.now();
  return period !== undefined && period.from <= now && now < period.until;
}

// Asks the introspection endpoint about one token.
import { deepFreeze } from "../core/deep-freeze.js";
import { copyError } from "../cache/outcome.js";
import type { AttemptResult } from "../cache/outcome.js";
import { isNow } from "../cache/period.js";
import type { Period } from "../cache/period.js";
import { failedAttempt } from "../cache/retry.js";
import { isAboutCredentials } from "../client-auth/credentials.js";
import { AuthError } from "../core/errors.js";
import { RetryKind } from "../core/lifecycle.js";
import type { RequestData } from "../core/types.js";
import { hasOwn } from "../core/values.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import { introspectionRequest, readIntrospection } from "../protocol/introspection.js";
import type { Introspection } from "../protocol/introspection.js";
import type { SentResponse } from "../protocol/token.js";
import type { ApiAuthentication } from "./api-authentication.js";
import type { EndpointOptions } from "./jwks.js";

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

/** What is known about a token. Times are ms since 1970. */
export interface IntrospectionResult {
  claims: Introspection;
  /** why the core refuses a token that the server calls active */
  refusal: AuthError | undefined;
  from: number;
  until: number;
  /** of the response: the claims as the server wrote them */
  body: string;
  /** the claims of the token itself as they are in it, once they are verified; `null`: it is no JWT */
  jwt: string | null | undefined;
  /** the requirements that the token is known to meet */
  met: Set<string>;
}

/**
 * Introspects tokens (RFC 7662), one attempt a call.
 *
 * @param options `authentication`: of this API
 */
export function introspectionClient(
  options: EndpointOptions & {
    issuer: string;
    authentication: ApiAuthentication;
  },
) {
  const { issuer, resolveUrl, authentication, insecureHttp, fetch, onFailure } = options;
  /** While no token is introspected, and why. */
  let pause: (Period & { error: AuthError }) | undefined;
  /** While the credentials are known to be valid, so that a refusal is about one token. */
  let trusted: Period | undefined;
  /** How often the credentials changed. */
  let changes = 0;

  /** Returns the error of the current pause, if there is one. */
  const pauseError = () => (isNow(pause) ? copyError(pause.error, pause.until) : undefined);

  async function introspect(
    token: string,
    millis: number,
  ): Promise<AttemptResult<IntrospectionResult>> {
    const paused = pauseError();
    if (paused) return { error: paused, retry: RetryKind.Never };

    try {
      return await withTimeout(millis, "asking about a token", async (signal) => {
        const introspectionEndpoint = await resolveUrl(millis, signal);
        const changesBefore = changes;
        try {
          const { clientId = "", ...credentials } = await authentication.get();
          const request = introspectionRequest({
            introspectionEndpoint,
            token,
            insecureHttp,
            clientAuth: authentication.clientAuth,
            accessToken: undefined,
            clientId,
            ...credentials,
          });
          const { response, sentAt } = await send("the introspection endpoint", request, {
            fetch,
            signal,
            maxBytes: MAX_BYTES,
          });

          const result = resultOf(response, request, sentAt, issuer);
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
   * @param changesBefore `changes` when the request was made
   */
  function trustCredentials(changesBefore: number) {
    if (changes !== changesBefore) return;
    const now = Date.now();
    trusted = { from: now, until: now + TRUST_LIFETIME };
    authentication.rotation.accept();
    if (pause?.error.status !== undefined && pause.error.retryAt === undefined) pause = undefined;
  }

  /**
   * Decides whether a failed attempt is repeated with new credentials, and how long no token is
   * introspected.
   *
   * @param changesBefore `changes` when the attempt began
   */
  async function afterFailure(thrown: unknown, changesBefore: number) {
    const failed = failedAttempt(thrown);
    if (hasOwn(failed, "thrown")) return failed;
    const { error } = failed;

    if (isAboutCredentials(error)) {
      // A concurrent attempt may have found the change already.
      const wasSent = error.status !== undefined;
      if (changes === changesBefore && (await authentication.rotation.renew(wasSent))) {
        changes += 1;
        trusted = undefined;
      }
      if (changes > changesBefore) return { ...failed, retry: RetryKind.AtOnce };
    }

    startPause(error);
    onFailure(error);
    return failed;
  }

  function startPause(error: AuthError) {
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

function resultOf(
  response: SentResponse,
  request: RequestData,
  sentAt: number,
  issuer: string,
): IntrospectionResult {
  const { claims, refusal } = readClaims(response, request, issuer);
  deepFreeze(claims);
  const hasEnd = claims.active && Object.hasOwn(claims, "exp") && typeof claims.exp === "number";
  const end = hasEnd ? Number(claims.exp) * 1000 : Infinity;
  const lifetime = claims.active ? ACTIVE_LIFETIME : INACTIVE_LIFETIME;
  const until = Math.min(end, sentAt + lifetime);
  return {
    claims,
    refusal,
    from: sentAt,
    until,
    body: response.body,
    jwt: undefined,
    met: new Set(),
  };
}

function readClaims(
  response: SentResponse,
  request: RequestData,
  issuer: string,
): Pick<IntrospectionResult, "claims" | "refusal"> {
  try {
    return { claims: readIntrospection(response, { request }, issuer), refusal: undefined };
  } catch (error) {
    // Active, but no access token. That is a result, which is cached and does not pause the
    // introspection of other tokens.
    if (error instanceof AuthError && error.code === "token_invalid") {
      return { claims: { active: false }, refusal: error };
    }
    throw error;
  }
}

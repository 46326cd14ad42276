// Keeps a token that is requested from the server.
import { copyError } from "../cache/outcome.js";
import type { AttemptResult, Success } from "../cache/outcome.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { isAboutCredentials } from "../client-auth/credentials.js";
import type { AuthenticationMethod } from "../client-auth/credentials.js";
import type { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import { RetryKind } from "../core/lifecycle.js";
import { platform } from "../core/platform.js";
import { hasOwn } from "../core/values.js";
import { runInBackground } from "../io/background.js";
import { discovery } from "../io/discovery.js";
import { withTimeout } from "../io/timeout.js";
import type { Token } from "../protocol/token.js";
import { cachedToken } from "./cached-token.js";
import type { CachedToken } from "./cached-token.js";
import type { SourceOptions } from "./options.js";
import { tokenEndpointOf } from "./token-endpoint.js";
import type { Endpoint } from "./token-endpoint.js";
import { tokenRequests } from "./token-requests.js";

/** How long a token without a known end is used, ms. */
const UNKNOWN_LIFETIME = 300_000;

/** What ZITADEL says of a secret or a key that is not there yet: 30 to 850 ms after it was made. */
const LATE = [
  "Errors.User.Machine.Secret.NotExisting",
  "Errors.User.Machine.Secret.Invalid",
  "invalid assertion",
];

/**
 * Keeps the token of a source.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function tokenCache(
  options: SourceOptions,
  report: (event: SourceEvent) => void,
): RefreshingCache<CachedToken> {
  const { tokenEndpoint, clientAuth } = options;
  const { method, rotation, requestToken } = tokenRequests(options, report);
  const metadata = endpointCache(options, method, report);
  const warn = shortLifeWarning(report);
  const shared = options.store?.({ options: { ...options }, report });

  async function attempt(
    millis: number,
    canceled: AbortSignal,
  ): Promise<AttemptResult<CachedToken>> {
    const run = async (signal: AbortSignal) => {
      const reading = shared && (await shared.read(await rotation.get?.(), cache.peek()?.token));
      if (reading?.token) return successOf(reading.token);

      const endpoint = metadata
        ? await metadata.get(millis, signal)
        : { tokenEndpoint, clientAuth };
      let generation = rotation.generation();
      const onCredentials = () => {
        generation = rotation.generation();
      };
      try {
        const token = await requestToken(endpoint, signal, onCredentials);
        rotation.accept();
        warn(token);
        if (reading) keepRunning(reading.write(token));
        return successOf(token);
      } catch (thrown) {
        return await afterFailure(thrown, generation);
      }
    };
    try {
      return await withTimeout(millis, "getting a token", run, canceled);
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  }

  /** Decides whether a failed attempt is repeated with new credentials or at a new endpoint. */
  async function afterFailure(
    thrown: unknown,
    generation: number,
  ): Promise<AttemptResult<CachedToken>> {
    const failed = failedAttempt(thrown);
    if (hasOwn(failed, "thrown")) return failed;
    const { error } = failed;
    const mayBeRefusal = mayBeRefusedAssertion(error, method);

    if (isAboutCredentials(error) || mayBeRefusal) {
      const wasSent = error.status !== undefined;
      const isRenewed = await rotation.renew({ generation, wasSent, isTrusted: false });
      if (isRenewed) return { ...failed, retry: RetryKind.AtOnce };

      // ZITADEL may say more behind it (`parent`).
      const isLate = LATE.some((text) => error.errorDescription?.startsWith(text));
      if (isLate && rotation.takeFresh()) return { ...failed, retry: RetryKind.Late };
    }

    // The server may have moved the endpoint.
    if (error.code.startsWith("endpoint_")) metadata?.renew();
    const retry = mayBeRefusal ? RetryKind.Once : failed.retry;
    return { error: copyError(error, error.retryAt ?? rotation.pausedUntil()), retry };
  }

  const cache: RefreshingCache<CachedToken> = new RefreshingCache(
    "token",
    attempt,
    report,
    options.retries,
    shared?.policy,
    shared && (({ token }) => keepRunning(shared.refuse(token))),
  );
  return cache;
}

/** Lets a write go on after the response, on which nobody waits. */
function keepRunning(written: Promise<void>): void {
  runInBackground(() => platform.waitUntil(written));
}

/** Keeps the token endpoint that the issuer's metadata name, if the options name none. */
function endpointCache(
  options: SourceOptions,
  method: AuthenticationMethod | undefined,
  report: (event: SourceEvent) => void,
): RefreshingCache<Partial<Endpoint>> | undefined {
  const { issuer, tokenEndpoint, clientAuth, clientSecret, insecureHttp, fetch, retries } = options;
  if (tokenEndpoint !== undefined || issuer === undefined) return undefined;
  const hasSecret = clientSecret !== undefined;
  const discover = discovery<Partial<Endpoint>>({ issuer, insecureHttp, fetch }, (metadata) =>
    method === undefined
      ? { tokenEndpoint: metadata.tokenEndpoint ?? undefined }
      : tokenEndpointOf(metadata, { method, hasSecret, wanted: clientAuth }),
  );

  const attempt = async (
    millis: number,
    canceled: AbortSignal,
  ): Promise<AttemptResult<Partial<Endpoint>>> => {
    try {
      return await withTimeout(millis, "asking the issuer", discover, canceled);
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  };
  return new RefreshingCache("metadata", attempt, report, retries);
}

/** Reports once that tokens end as soon as they are there, at the second one in a row. */
function shortLifeWarning(report: (event: SourceEvent) => void): (token: Token) => void {
  let inRow = 0;
  return ({ obtainedAt, expiresAt }) => {
    const isOver = expiresAt !== null && expiresAt <= obtainedAt;
    inRow = isOver ? inRow + 1 : Math.min(inRow, 0);
    if (inRow !== 2) return;
    // Never again.
    inRow = -Infinity;
    report({ type: "warn", what: "token", code: "token_expired" });
  };
}

/**
 * Whether a server error may mean that the assertion was refused: ZITADEL answered 500 until 2025
 * (zitadel/zitadel#11892), and Hydra does. Both name an error; a page of somebody in between does
 * not.
 */
function mayBeRefusedAssertion(
  { code, status, error, retryAt }: AuthError,
  method: AuthenticationMethod | undefined,
): boolean {
  const isByAssertion = method === "private_key_jwt" || method === "jwt_profile";
  const isNamed = code === "server_failed" && status === 500 && error !== undefined;
  return isNamed && isByAssertion && retryAt === undefined;
}

function successOf(token: Token): Success<CachedToken> {
  const { obtainedAt, expiresAt, accessToken } = token;
  return {
    // The core has checked that a header can hold the token.
    value: cachedToken(token, `Bearer ${accessToken}`),
    sentAt: obtainedAt,
    end: expiresAt ?? obtainedAt + UNKNOWN_LIFETIME,
    expiresAt,
  };
}

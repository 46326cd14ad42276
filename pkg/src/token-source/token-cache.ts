// Keeps a token that is requested from the server.
import type { AttemptResult, Success } from "../cache/outcome.js";
import { RefreshingCache } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import type { ClientAuthentication, Credentials } from "../client-auth/client-auth.js";
import { checkCredentials, checkRequested, checkServer } from "../core/calls.js";
import type { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import { RetryKind } from "../core/lifecycle.js";
import type { RequestData } from "../core/types.js";
import { hasOwn } from "../core/values.js";
import { discover } from "../io/discovery.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";
import type { Metadata } from "../protocol/metadata.js";
import { checkAddress } from "../protocol/request.js";
import { readTokenResponse, tokenRequest } from "../protocol/token.js";
import { cachedToken } from "./cached-token.js";
import type { CachedToken } from "./cached-token.js";
import type { SourceOptions } from "./options.js";
import { tokenEndpointOf } from "./token-endpoint.js";
import type { Endpoint } from "./token-endpoint.js";

/** How much of a token response is read, bytes. */
const MAX_BYTES = 256 * 1024;

/** How long a token without a known end is used, ms. */
const UNKNOWN_LIFETIME = 300_000;

/**
 * The errors after which a new secret or key may help. `option_invalid`: the caller's function
 * returned an unusable value, and the next one may be better.
 */
const CREDENTIAL_ERRORS = ["credentials_refused", "key_expired", "option_invalid"];

/**
 * Keeps the token of a source.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function tokenCache(
  options: SourceOptions,
  authentication: ClientAuthentication,
  report: (event: SourceEvent) => void,
): RefreshingCache<CachedToken> {
  const { tokenEndpoint, fetch } = options;
  const buildRequest = requestBuilder(options);
  if (tokenEndpoint !== undefined && authentication.fixed) {
    // The request itself, which is kept.
    buildRequest({ tokenEndpoint, clientAuth: options.clientAuth }, authentication.fixed);
  } else {
    const clientAuth = authentication.method === "client_secret" ? options.clientAuth : undefined;
    checkServer(options);
    checkCredentials({ ...authentication.known, clientAuth });
    checkRequested(options);
    if (tokenEndpoint !== undefined) checkAddress("the token endpoint", tokenEndpoint);
  }
  if (options.issuer !== undefined) {
    checkServer(options);
    checkAddress("the issuer", options.issuer);
  }

  const metadata =
    tokenEndpoint === undefined
      ? new RefreshingCache(
          "metadata",
          (millis, canceled) => requestEndpoint(options, authentication, millis, canceled),
          report,
        )
      : undefined;

  async function requestToken(
    millis: number,
    canceled: AbortSignal,
  ): Promise<AttemptResult<CachedToken>> {
    const attempt = async (signal: AbortSignal) => {
      const endpoint = metadata ? await metadata.get(millis, signal) : options;
      try {
        const credentials = authentication.fixed ?? (await authentication.get());
        // After the timeout nobody waits: a token would be lost.
        if (signal.aborted) throw signal.reason;

        const request = buildRequest(endpoint as Endpoint, credentials);
        const { response, sentAt } = await send("the token endpoint", request, {
          fetch,
          signal,
          maxBytes: MAX_BYTES,
        });
        return successOf(readTokenResponse(response, sentAt, request));
      } catch (thrown) {
        return await afterFailure(thrown);
      }
    };
    try {
      return await withTimeout(millis, "getting a token", attempt, canceled);
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  }

  /** Decides whether a failed attempt is repeated with new credentials or at a new endpoint. */
  async function afterFailure(thrown: unknown): Promise<AttemptResult<CachedToken>> {
    const failed = failedAttempt(thrown);
    if (hasOwn(failed, "thrown")) return failed;
    const { error } = failed;
    const mayBeRefusal = mayBeRefusedAssertion(error, authentication);

    if (CREDENTIAL_ERRORS.includes(error.code) || mayBeRefusal) {
      if (await authentication.hasChanged()) return { ...failed, retry: RetryKind.AtOnce };
    }

    // The server may have moved the endpoint.
    if (error.code.startsWith("endpoint_")) metadata?.renew();
    return mayBeRefusal ? { ...failed, retry: RetryKind.Once } : failed;
  }

  return new RefreshingCache("token", requestToken, report);
}

/**
 * Builds token requests. One with a secret is kept, since the next one is the same; an assertion
 * makes each request another one.
 */
function requestBuilder(options: SourceOptions) {
  let kept: { endpoint: Endpoint; secret: string; request: RequestData } | undefined;

  return (endpoint: Endpoint, credentials: Credentials): RequestData => {
    const { tokenEndpoint, clientAuth = options.clientAuth } = endpoint;
    const { clientSecret } = credentials;
    const isKept =
      kept !== undefined &&
      kept.secret === clientSecret &&
      kept.endpoint.tokenEndpoint === tokenEndpoint &&
      kept.endpoint.clientAuth === clientAuth;
    if (kept && isKept) return kept.request;

    const request = tokenRequest({
      ...options,
      ...credentials,
      tokenEndpoint,
      clientAuth,
    });
    if (clientSecret !== undefined) {
      kept = { endpoint: { tokenEndpoint, clientAuth }, secret: clientSecret, request };
    }
    return request;
  };
}

/**
 * Whether a server error may mean that the assertion was refused: ZITADEL answers 500 to an
 * assertion that it refuses (zitadel/zitadel#11892).
 */
function mayBeRefusedAssertion(
  { code, status, retryAt }: AuthError,
  { method }: ClientAuthentication,
): boolean {
  return (
    code === "server_failed" &&
    status === 500 &&
    method !== "client_secret" &&
    retryAt === undefined
  );
}

/** Requests the issuer's metadata and selects the token endpoint. */
async function requestEndpoint(
  { issuer = "", clientAuth, insecureHttp, fetch }: SourceOptions,
  { method }: ClientAuthentication,
  millis: number,
  canceled: AbortSignal,
): Promise<AttemptResult<Endpoint>> {
  const select = (metadata: Metadata) => tokenEndpointOf(metadata, method, clientAuth);
  try {
    return await withTimeout(
      millis,
      "asking the issuer",
      (signal) => discover({ issuer, insecureHttp }, select, fetch, signal),
      canceled,
    );
  } catch (thrown) {
    return failedAttempt(thrown);
  }
}

function successOf(token: ReturnType<typeof readTokenResponse>): Success<CachedToken> {
  const { obtainedAt, expiresAt, accessToken } = token;
  return {
    // The core has checked that a header can hold the token.
    value: cachedToken(token, `Bearer ${accessToken}`),
    sentAt: obtainedAt,
    end: expiresAt ?? obtainedAt + UNKNOWN_LIFETIME,
    expiresAt,
  };
}

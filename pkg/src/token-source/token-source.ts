// The token source.
import type { AttemptResult } from "../cache/refreshing-cache.js";
import type { ClientAuthentication } from "../client-auth/client-auth.js";
import type { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../io/events.js";
import type { Metadata } from "../protocol/metadata.js";
import type { Token } from "../protocol/token.js";
import type { CachedToken } from "./authorized-fetch.js";
import type { AnySourceOptions, TokenSourceOptions } from "./options.js";
import type { Endpoint } from "./token-endpoint.js";
import { RefreshingCache, RETRIES } from "../cache/refreshing-cache.js";
import { failedAttempt } from "../cache/retry.js";
import { instanceFor } from "../cache/instances.js";
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import {
  checkOptions,
  guardReads,
  hasOwn,
  invalidOption,
  isSignal,
} from "../core/check-options.js";
import { discover } from "../io/discovery.js";
import { emitEvent } from "../io/emit-event.js";
import { send } from "../io/fetch.js";
import { throwIfAborted } from "../io/signal.js";
import { withTimeout } from "../io/timeout.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import { authorizationHeader, buildTokenRequest, parseTokenResponse } from "../protocol/token.js";
import { resolveAllowedOrigins } from "./allowed-origins.js";
import { authorizedFetch } from "./authorized-fetch.js";
import { checkSourceOptions, sourceIdentity, TIMEOUT } from "./options.js";
import { tokenEndpointOf } from "./token-endpoint.js";
export type {
  AccessTokenSourceOptions,
  KeySourceOptions,
  SecretSourceOptions,
  TokenSourceOptions,
} from "./options.js";
export type { Fetch } from "../io/fetch.js";

/** How much of a token response is read, bytes. */
const MAX_BYTES = 64 * 1024;

/** How long a token without a known end is used, ms. */
const UNKNOWN_LIFETIME = 300_000;

/**
 * The errors after which a new secret or key may help. `option_invalid`: the caller's function
 * returned an unusable value, and the next one may be better.
 */
const CREDENTIAL_ERRORS = ["credentials_refused", "key_expired", "option_invalid"];

export interface WaitOptions {
  /** ends this call's wait, not the request, for which other calls may wait too */
  signal?: AbortSignal;
}

/**
 * Returns fresh access tokens. The methods do not use `this`. They throw an `AuthError` (the README
 * lists the codes), the reason of an aborted signal, or what a framework's `fetch` threw to the
 * framework (an error with a string `digest`, or a promise).
 */
export interface TokenSource {
  /** returns the token */
  get: (options?: WaitOptions) => Promise<Token>;
  /** returns the value of the `authorization` header (RFC 6750 section 2.1) */
  authorization: (options?: WaitOptions) => Promise<string>;
  /**
   * the standard `fetch` with the header added, for allowed origins only. After a 401 it tries once
   * more with another token
   */
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** tells that a token was refused where it was used; the next call requests another one */
  invalidate: (token: string | Pick<Token, "accessToken">) => void;
}

/**
 * Creates a source of access tokens for a service user. It requests a token when it is first
 * needed, caches it, and refreshes it ahead of time. Concurrent callers share one request.
 *
 * Equal options return the same source, so it may be called in every request. It does no I/O, so it
 * may be called at module level.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function tokenSource(options: TokenSourceOptions): TokenSource {
  const checked = checkSourceOptions(options);
  const origins = [...new Set([checked.allowedOrigins ?? []].flat())].sort();
  const [data, functions] = sourceIdentity(checked, origins);

  const source = instanceFor(data, functions, () => makeSource(checked, origins));
  if (checked.onEvent) listeners.set(source, checked.onEvent);
  return source;
}

const listeners: WeakMap<TokenSource, TokenSourceOptions["onEvent"]> = new WeakMap();

function makeSource(options: AnySourceOptions, allowedOrigins: string[]): TokenSource {
  const { issuer, tokenEndpoint, accessToken, timeout = TIMEOUT, fetch } = options;
  const { insecureHttp = false } = options;
  const origins = resolveAllowedOrigins([issuer, tokenEndpoint], allowedOrigins, insecureHttp);
  const authentication = clientAuthenticationOf(options);
  if (accessToken === undefined) checkRequests(options, authentication);

  const report = (event: SourceEvent) => emitEvent(listeners.get(source), event);
  const tokens =
    accessToken === undefined
      ? tokenCache(options, authentication, report)
      : fixedToken(accessToken);

  async function waitForToken(
    caller: string,
    options: WaitOptions | undefined = {},
  ): Promise<CachedToken> {
    if (guardReads(() => isSignal(options))) {
      throw invalidOption(
        `${caller} takes an object with the signal, not the signal itself`,
        "write `{ signal }`",
      );
    }
    const { signal } = checkOptions(caller, options, { signal: "signal" });
    return tokens.get(timeout, signal);
  }

  const get: TokenSource["get"] = (options) => {
    const cached = options === undefined ? tokens.current() : undefined;
    return cached?.tokenPromise ?? waitForToken("get", options).then(({ token }) => token);
  };

  const authorization: TokenSource["authorization"] = (options) => {
    const cached = options === undefined ? tokens.current() : undefined;
    return (
      cached?.headerPromise ?? waitForToken("authorization", options).then(({ header }) => header)
    );
  };

  const invalidate: TokenSource["invalidate"] = (token) => {
    const text = guardReads(() => (typeof token === "string" ? token : token?.accessToken));
    checkOptions("invalidate", { accessToken: text }, { accessToken: "string!" });
    tokens.invalidate((cached) => cached.token.accessToken === text);
  };

  const source = Object.freeze({
    get,
    authorization,
    fetch: authorizedFetch({
      origins,
      fetch,
      getToken: async (signal) => tokens.get(timeout, signal),
      invalidate: (refused) => tokens.invalidate((cached) => cached === refused),
    }),
    invalidate,
  });
  return source;
}

/** Keeps a token that is requested from the server. */
function tokenCache(
  options: AnySourceOptions,
  authentication: ClientAuthentication,
  report: (event: SourceEvent) => void,
): RefreshingCache<CachedToken> {
  const { tokenEndpoint, fetch } = options;
  const metadata = new RefreshingCache(
    "metadata",
    (millis) => requestEndpoint(options, authentication, millis),
    report,
  );

  async function requestToken(millis: number): Promise<AttemptResult<CachedToken>> {
    try {
      return await withTimeout(millis, "getting a token", async (signal) => {
        const endpoint = tokenEndpoint ? { tokenEndpoint } : await metadata.get(millis, signal);
        try {
          const credentials = await authentication.get();
          // After the timeout nobody waits: a token would be lost.
          if (signal.aborted) throw signal.reason;

          const request = buildTokenRequest({
            ...requestOptions(options),
            ...endpoint,
            ...credentials,
          });
          const { response, sentAt } = await send("the token endpoint", request, {
            fetch,
            signal,
            maxBytes: MAX_BYTES,
          });
          return cachedToken(parseTokenResponse(response, { requestedAt: sentAt, request }));
        } catch (thrown) {
          return await afterFailure(thrown);
        }
      });
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
      if (await authentication.hasChanged()) return { ...failed, retry: RETRIES.atOnce };
    }

    // The server may have moved the endpoint.
    if (!tokenEndpoint && error.code.startsWith("endpoint_")) metadata.renew();
    return mayBeRefusal ? { ...failed, retry: RETRIES.once } : failed;
  }

  return new RefreshingCache("token", requestToken, report);
}

/**
 * Whether a server error may mean that the assertion was refused: ZITADEL answers 500 to an
 * assertion that it refuses (zitadel/zitadel#11892).
 */
function mayBeRefusedAssertion(
  { code, status, retryAt }: AuthError,
  { method }: ClientAuthentication,
) {
  return (
    code === "server_failed" &&
    status === 500 &&
    method !== "client_secret" &&
    retryAt === undefined
  );
}

/** Builds each request of a source once, without I/O, so that invalid options are reported at once. */
function checkRequests(options: AnySourceOptions, authentication: ClientAuthentication): void {
  const { issuer, tokenEndpoint, timeout, insecureHttp = false } = options;
  const address = tokenEndpoint ?? issuer;
  if (address === undefined) {
    throw invalidOption("`issuer` or `tokenEndpoint` is missing", "set one of them");
  }
  if (timeout === 0) {
    throw invalidOption("`timeout` is 0", "it is in milliseconds; leave it out for 20 seconds");
  }

  if (issuer !== undefined) buildMetadataRequest({ issuer, insecureHttp });
  buildTokenRequest({
    ...requestOptions(options),
    tokenEndpoint: address,
    ...authentication.check(),
  });
}

function requestOptions({
  scope = "",
  resource = "",
  params = {},
  insecureHttp = false,
}: AnySourceOptions) {
  return { scope, resource, params, insecureHttp };
}

/** Requests the issuer's metadata and selects the token endpoint. */
async function requestEndpoint(
  options: AnySourceOptions,
  { method }: ClientAuthentication,
  millis: number,
): Promise<AttemptResult<Endpoint>> {
  const { issuer = "", clientAuth, insecureHttp = false, fetch } = options;
  const select = (metadata: Metadata) => tokenEndpointOf(metadata, method, clientAuth);

  try {
    return await withTimeout(millis, "asking the issuer", (signal) =>
      discover({ issuer, insecureHttp }, select, fetch, signal),
    );
  } catch (thrown) {
    return failedAttempt(thrown);
  }
}

/** A token that was issued elsewhere. It has the methods of a cache, but never changes. */
function fixedToken(accessToken: string) {
  const { value } = cachedToken({
    accessToken,
    tokenType: "Bearer",
    scope: null,
    obtainedAt: 0,
    expiresAt: null,
  });
  return {
    current: () => value,
    get: async (_: number, signal: AbortSignal | undefined) => {
      throwIfAborted(signal);
      return value;
    },
    invalidate() {},
  };
}

/** The result of an attempt that obtained a token. */
function cachedToken(token: Token) {
  const { obtainedAt, expiresAt } = token;
  const header = authorizationHeader(token);
  const value = {
    token: Object.freeze(token),
    header,
    tokenPromise: Promise.resolve(token),
    headerPromise: Promise.resolve(header),
  };
  return { value, sentAt: obtainedAt, end: expiresAt ?? obtainedAt + UNKNOWN_LIFETIME, expiresAt };
}

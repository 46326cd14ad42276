import { failedAttempt } from "../cache/retry.js";
import { authorizedFetch } from "./authorized-fetch.js";
import { discover } from "../io/discovery.js";
import { AuthError } from "../core/errors.js";
import { causeOf, internal } from "../core/error-constructors.js";
import { RefreshingCache, RETRIES } from "../cache/refreshing-cache.js";
import { buildMetadataRequest } from "../protocol/metadata.js";
import {
  checkOptions,
  invalidOption,
  isSignal,
  hasOwn,
  guardReads,
} from "../core/check-options.js";
import { resolveAllowedOrigins } from "./allowed-origins.js";
import { clientAuthenticationOf } from "../client-auth/client-auth.js";
import { instanceFor } from "../cache/instances.js";
import { throwIfAborted } from "../io/signal.js";
import { checkSourceOptions, identityOf, TIMEOUT } from "./options.js";
import { emitEvent } from "../io/emit-event.js";
import { tokenEndpointOf } from "./token-endpoint.js";
import { authorizationHeader, buildTokenRequest, parseTokenResponse } from "../protocol/token.js";
import { send } from "../io/fetch.js";
import { withTimeout } from "../io/timeout.js";

/** The most that a token response can have, bytes. */
const LONGEST = 64 * 1024;
/** How long a token without an end is used, ms. */
const UNKNOWN_LIFETIME = 300_000;

/** @typedef {import("../io/fetch.js").Fetch} Fetch */
/** @typedef {import("./options.js").TokenSourceOptions} TokenSourceOptions */
/** @typedef {import("./options.js").SecretSourceOptions} SecretSourceOptions */
/** @typedef {import("./options.js").KeySourceOptions} KeySourceOptions */
/** @typedef {import("./options.js").AccessTokenSourceOptions} AccessTokenSourceOptions */

/**
 * @typedef {object} WaitOptions
 * @property {AbortSignal} [signal] ends this call's wait, not the request that others wait for too
 */

/**
 * Gives out a token that is fresh. Its functions need no `this`. What they throw, or reject with,
 * is an `AuthError` (the README has the codes), the reason of a signal that was aborted, or what a
 * framework's `fetch` threw to the framework (an error with a text `digest`, a promise).
 *
 * @typedef {object} TokenSource
 * @property {(options?: WaitOptions) => Promise<import("../protocol/token.js").Token>} get the
 *   token
 * @property {(options?: WaitOptions) => Promise<string>} authorization the value of the
 *   `authorization` header
 * @property {(input: string | URL | Request, init?: RequestInit) => Promise<Response>} fetch the
 *   standard `fetch` with the header added, to allowed origins only; after a 401 it tries once more
 *   with another token
 * @property {(token: string | Pick<import("../protocol/token.js").Token, "accessToken">) => void} invalidate
 *   tells that a token was refused where it was used; the next call gets another
 */

/**
 * A source of tokens for a service user: it asks for one when somebody needs one, keeps it, and
 * asks for the next ahead of time. Any number of callers make one request.
 *
 * Equal options give the same source, so that it can be called in every request. It does no I/O, so
 * it can be called at module level.
 *
 * @param {TokenSourceOptions} options
 * @returns {TokenSource}
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function tokenSource(options) {
  const own = checkSourceOptions(options);
  const origins = [...new Set([own.allowedOrigins ?? []].flat())].sort();
  const source = instanceFor(...identityOf(own, origins), () => makeSource(own, origins));
  if (own.onEvent) listeners.set(source, own.onEvent);
  return source;
}

/** @type {WeakMap<TokenSource, TokenSourceOptions["onEvent"]>} */
const listeners = new WeakMap();

/**
 * @type {(
 *   options: import("./options.js").AnySourceOptions,
 *   allowedOrigins: string[],
 * ) => TokenSource}
 */
function makeSource(options, allowedOrigins) {
  const {
    issuer,
    tokenEndpoint,
    accessToken,
    timeout = TIMEOUT,
    insecureHttp = false,
    fetch,
  } = options;
  const origins = resolveAllowedOrigins([issuer, tokenEndpoint], allowedOrigins, insecureHttp);
  const authentication = clientAuthenticationOf(options);
  if (accessToken === undefined) checkNow(options, authentication);
  const report = (/** @type {import("../io/events.js").SourceEvent} */ event) =>
    emitEvent(listeners.get(source), event);

  const metadata = new RefreshingCache(
    "metadata",
    (millis) => discovered(options, authentication, millis),
    report,
  );
  const tokens =
    accessToken === undefined
      ? new RefreshingCache("token", requestToken, report)
      : fixed(accessToken);

  /**
   * @returns {Promise<
   *   import("../cache/refreshing-cache.js").AttemptResult<import("./authorized-fetch.js").Kept>
   * >}
   */
  async function requestToken(/** @type {number} */ millis) {
    try {
      return await withTimeout(millis, "getting a token", async (signal) => {
        const where = tokenEndpoint ? { tokenEndpoint } : await metadata.get(millis, signal);
        try {
          const credentials = await authentication.get();
          // Nobody waits any more: what was obtained would be lost.
          if (signal.aborted) throw signal.reason;
          const request = buildTokenRequest({
            ...requestOptions(options),
            ...where,
            ...credentials,
          });
          const { response, sentAt } = await send("the token endpoint", request, {
            fetch,
            signal,
            maxBytes: LONGEST,
          });
          return kept(parseTokenResponse(response, { requestedAt: sentAt, request }));
        } catch (thrown) {
          return await afterFailure(thrown);
        }
      });
    } catch (thrown) {
      return failedAttempt(thrown);
    }
  }

  /**
   * @param {unknown} thrown
   * @returns {Promise<
   *   import("../cache/refreshing-cache.js").AttemptResult<import("./authorized-fetch.js").Kept>
   * >}
   */
  async function afterFailure(thrown) {
    const failed = failedAttempt(thrown);
    if (hasOwn(failed, "thrown")) return failed;
    const { code, status, retryAt } = failed.error;
    // ZITADEL does not say that it refuses an assertion, but that it failed (zitadel/zitadel#11892).
    const mayBeRefusal =
      code === "server_failed" &&
      status === 500 &&
      authentication.method !== "client_secret" &&
      retryAt === undefined;
    // `option_invalid`: what a function gave cannot be used, and it may give better the next time.
    const isRefusal =
      ["credentials_refused", "key_expired", "option_invalid"].includes(code) || mayBeRefusal;
    if (isRefusal && (await authentication.hasChanged()))
      return { ...failed, retry: RETRIES.atOnce };
    // The endpoint may have moved.
    if (!tokenEndpoint && code.startsWith("endpoint_")) metadata.renew();
    return mayBeRefusal ? { ...failed, retry: RETRIES.once } : failed;
  }

  const source = Object.freeze({
    get: (/** @type {WaitOptions | undefined} */ options) =>
      (options === undefined ? tokens.current()?.given : undefined) ??
      wait("get", options).then(({ token }) => token),
    authorization: (/** @type {WaitOptions | undefined} */ options) =>
      (options === undefined ? tokens.current()?.givenHeader : undefined) ??
      wait("authorization", options).then(({ header }) => header),
    fetch: authorizedFetch({
      origins,
      fetch,
      token: async (signal) => tokens.get(timeout, signal),
      invalidate: (kept) => tokens.invalidate((other) => other === kept),
    }),
    invalidate: (
      /** @type {string | Pick<import("../protocol/token.js").Token, "accessToken">} */ token,
    ) => {
      const text = guardReads(() => (typeof token === "string" ? token : token?.accessToken));
      checkOptions("invalidate", { accessToken: text }, { accessToken: "string!" });
      tokens.invalidate((kept) => kept.token.accessToken === text);
    },
  });

  /**
   * @type {(
   *   caller: string,
   *   options: WaitOptions | undefined,
   * ) => Promise<import("./authorized-fetch.js").Kept>}
   */
  async function wait(caller, options = {}) {
    if (guardReads(() => isSignal(options)))
      throw invalidOption(
        `${caller} takes an object with the signal, not the signal itself`,
        "write `{ signal }`",
      );
    const { signal } = checkOptions(caller, options, { signal: "signal" });
    return tokens.get(timeout, signal);
  }
  return source;
}

/**
 * Tells now what would be wrong later, and asks nobody for that.
 *
 * @type {(
 *   options: import("./options.js").AnySourceOptions,
 *   authentication: import("../client-auth/client-auth.js").ClientAuthentication,
 * ) => void}
 */
function checkNow(options, authentication) {
  const { issuer, tokenEndpoint, timeout, insecureHttp = false } = options;
  const address = tokenEndpoint ?? issuer;
  if (address === undefined)
    throw invalidOption("`issuer` or `tokenEndpoint` is missing", "set one of them");
  if (timeout === 0)
    throw invalidOption("`timeout` is 0", "it is in milliseconds; leave it out for 20 seconds");
  if (issuer !== undefined) buildMetadataRequest({ issuer, insecureHttp });
  buildTokenRequest({
    ...requestOptions(options),
    tokenEndpoint: address,
    ...authentication.check(),
  });
}

/** @param {import("./options.js").AnySourceOptions} options */
function requestOptions({ scope = "", resource = "", params = {}, insecureHttp = false }) {
  return { scope, resource, params, insecureHttp };
}

/**
 * @type {(
 *   options: import("./options.js").AnySourceOptions,
 *   authentication: import("../client-auth/client-auth.js").ClientAuthentication,
 *   millis: number,
 * ) => Promise<
 *   import("../cache/refreshing-cache.js").AttemptResult<import("./token-endpoint.js").Endpoint>
 * >}
 */
async function discovered(
  { issuer = "", clientAuth, insecureHttp = false, fetch },
  { method },
  millis,
) {
  try {
    return await withTimeout(millis, "asking the issuer", (signal) =>
      discover(
        { issuer, insecureHttp },
        (found) => tokenEndpointOf(found, method, clientAuth),
        fetch,
        signal,
      ),
    );
  } catch (thrown) {
    return failedAttempt(thrown);
  }
}

/**
 * A token that is given out elsewhere: nothing happens to it.
 *
 * @param {string} accessToken
 */
function fixed(accessToken) {
  const { value } = kept({
    accessToken,
    tokenType: "Bearer",
    scope: null,
    obtainedAt: 0,
    expiresAt: null,
  });
  return {
    current: () => value,
    get: async (/** @type {number} */ _, /** @type {AbortSignal | undefined} */ signal) => {
      throwIfAborted(signal);
      return value;
    },
    invalidate() {},
  };
}

/**
 * With promises that are settled, so that a cached call makes none.
 *
 * @param {import("../protocol/token.js").Token} token
 */
function kept(token) {
  const { obtainedAt, expiresAt } = token;
  const header = authorizationHeader(token);
  const value = {
    token: Object.freeze(token),
    header,
    given: Promise.resolve(token),
    givenHeader: Promise.resolve(header),
  };
  return { value, sentAt: obtainedAt, end: expiresAt ?? obtainedAt + UNKNOWN_LIFETIME, expiresAt };
}

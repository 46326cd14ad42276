// The token source.
import { instanceFor } from "../cache/instances.js";
import type { Made } from "../cache/instances.js";
import { accessTokenKinds, authorizationHeader, waitOptionsKinds } from "../core/calls.js";
import type {
  CheckedWaitOptions,
  SecretSourceOptions,
  TokenSourceOptions,
  WaitOptions,
} from "../core/calls.js";
import { checkerOf } from "../core/check.js";
import type { SourceEvent } from "../core/events.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { isSignal } from "../core/values.js";
import { emitEvent } from "../io/emit-event.js";
import { throwIfAborted } from "../io/signal.js";
import type { Token } from "../protocol/token.js";
import { allowedOriginsOf, checkAllowedOrigins } from "./allowed-origins.js";
import { authorizedFetch } from "./authorized-fetch.js";
import { cachedToken } from "./cached-token.js";
import type { CachedToken } from "./cached-token.js";
import { checkSourceOptions } from "./options.js";
import type { SourceOptions } from "./options.js";
import { tokenCache } from "./token-cache.js";

/**
 * Returns fresh access tokens. The methods do not use `this`. They throw an `AuthError`
 * (docs/errors.md lists the codes), the reason of an aborted signal, or what a framework's `fetch`
 * threw to the framework (an error with a string `digest`, or a promise).
 */
export interface TokenSource {
  /** returns the token */
  get: (options?: WaitOptions) => Promise<Token>;
  /** returns the value of the `authorization` header (RFC 6750 section 2.1) */
  authorization: (options?: WaitOptions) => Promise<string>;
  /**
   * the standard `fetch` with the header added, for allowed origins only. After a 401, or a 403
   * whose challenge says `invalid_token`, it tries once more with another token
   */
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** tells that a token was refused where it was used; the next call requests another one */
  invalidate: (token: string | Pick<Token, "accessToken">) => void;
  /** the issuer that the options name, if they name one */
  issuer?: string;
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
export function tokenSource(options: SecretSourceOptions): TokenSource;
export function tokenSource(options: TokenSourceOptions): TokenSource;
// The first signature alone says what is missing where a secret is forgotten.
export function tokenSource(options: TokenSourceOptions): TokenSource {
  const checked = checkSourceOptions(options);
  const make = () => makeSource(checked);
  const source = instanceFor("source", checked, make, (dropped, event) =>
    emitEvent(listeners.get(dropped), event, checked.name),
  );
  if (checked.onEvent) listeners.set(source, checked.onEvent);
  return source;
}

const listeners: WeakMap<TokenSource, (event: SourceEvent) => void> = new WeakMap();

const checkWaits = {
  get: checkerOf<CheckedWaitOptions>("get", waitOptionsKinds),
  authorization: checkerOf<CheckedWaitOptions>("authorization", waitOptionsKinds),
};
const checkRefused = checkerOf<{ accessToken: string }>("invalidate", accessTokenKinds);

function makeSource(options: SourceOptions): Made<TokenSource> {
  const { apiFetch, name, timeout, accessToken } = options;
  checkAllowedOrigins(options);
  const report = (event: SourceEvent) => emitEvent(listeners.get(source), event, name);
  const start = () =>
    accessToken === undefined ? tokenCache(options, report) : fixedToken(accessToken);
  let tokens = start();

  async function waitForToken(
    caller: keyof typeof checkWaits,
    options: WaitOptions = {},
  ): Promise<CachedToken> {
    if (guardReads(() => isSignal(options))) {
      throw invalidOption(
        `${caller} takes an object with the signal, not the signal itself`,
        "write `{ signal }`",
      );
    }
    const { signal } = checkWaits[caller](options);
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
    const { accessToken } = checkRefused({ accessToken: text });
    tokens.invalidate((cached) => cached.token.accessToken === accessToken);
  };

  const source = Object.freeze({
    get,
    authorization,
    fetch: authorizedFetch({
      allowedOrigins: () => allowedOriginsOf(options),
      apiFetch,
      report,
      getToken: async (signal) => tokens.get(timeout, signal),
      invalidate: (refused) => tokens.invalidate((cached) => cached === refused),
    }),
    invalidate,
    ...(options.issuer !== undefined && { issuer: options.issuer }),
  });
  const restart = () => {
    tokens = start();
  };
  return { instance: source, restart };
}

/** A token that was issued elsewhere. It has the methods of a cache, but never changes. */
function fixedToken(accessToken: string) {
  const header = authorizationHeader({ accessToken });
  const unknown = { scope: null, extra: Object.freeze({}), obtainedAt: 0, expiresAt: null };
  const value = cachedToken({ accessToken, tokenType: "Bearer", ...unknown }, header);
  return {
    current: () => value,
    get: async (_: number, signal: AbortSignal | undefined) => {
      throwIfAborted(signal);
      return value;
    },
    invalidate() {},
  };
}

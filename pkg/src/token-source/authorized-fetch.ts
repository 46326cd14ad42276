// `source.fetch`: the standard `fetch` with the token added.
import type { Fetch } from "../core/types.js";
import type { CachedToken } from "./cached-token.js";
import type { TokenSource } from "./token-source.js";
import type { SourceEvent } from "../core/events.js";
import { guardReads } from "../core/guard-reads.js";
import { runInBackground } from "../io/background.js";
import { callFetch, passedThrough } from "../io/call-fetch.js";
import { networkFailed } from "../io/fetch.js";
import { throwIfAborted } from "../io/signal.js";
import { httpOrigin, originRefused } from "./allowed-origins.js";
import { copyBody } from "./copy-body.js";
import { readOutgoingRequest } from "./outgoing-request.js";

const INVALID_TOKEN = /(?:^|[\s,])error\s*=\s*"?invalid_token\b/i;

/**
 * Makes a `fetch` that adds a token, to allowed origins only. After a 401, or a 403 that calls the
 * token invalid, it tries once more with another token.
 */
export function authorizedFetch({
  allowedOrigins,
  apiFetch,
  report,
  getToken,
  invalidate,
}: {
  allowedOrigins: () => Set<string>;
  apiFetch: Fetch | undefined;
  report: (event: SourceEvent) => void;
  getToken: (signal: AbortSignal | undefined) => Promise<CachedToken>;
  invalidate: (cached: CachedToken) => void;
}): TokenSource["fetch"] {
  let origins: Set<string> | undefined;
  const checkOrigin = (origin: string | undefined) => {
    origins ??= allowedOrigins();
    if (origin === undefined || !origins.has(origin)) throw originRefused(origin);
    return origin;
  };

  return async (input, init) => {
    const outgoing = readOutgoingRequest(input, init, apiFetch !== undefined);
    const { signal } = outgoing;
    const origin = checkOrigin(outgoing.origin);
    const first = await getToken(signal);

    // Prepared this late, so that a caller can use their Request again if the call fails before.
    const request = outgoing.prepare();
    checkOrigin(guardReads(() => (request instanceof Request ? httpOrigin(request.url) : origin)));

    const copy = outgoing.isCopied ? copyBody(request as Request) : undefined;

    const send = async ({ header }: CachedToken, body?: Uint8Array) => {
      const headers = new Headers(outgoing.headers);
      headers.set("authorization", header);
      const init = { ...outgoing.init, headers, ...(body && { body }) } as RequestInit;
      try {
        const call = apiFetch ?? globalThis.fetch;
        const isGiven = apiFetch !== undefined;
        const response = await callFetch("apiFetch", isGiven, () => call(request as string, init));
        const { status } = response;
        return { response, isRefused: status === 401 || (status === 403 && saysInvalid(response)) };
      } catch (thrown) {
        copy?.stop();
        // A caller who aborts gets their reason, as from the standard `fetch`.
        throwIfAborted(signal);
        throw passedThrough(thrown) ?? networkFailed(origin, thrown);
      }
    };

    const { response, isRefused } = await send(first);
    if (!isRefused) {
      copy?.stop();
      return response;
    }
    invalidate(first);
    const body = await copy?.bytes();
    if (!outgoing.isRepeatable && body === undefined) {
      report({ type: "unrepeated", what: "request", status: response.status });
      return response;
    }

    let second: CachedToken | undefined;
    try {
      second = await getToken(signal);
    } finally {
      if (second !== first) discard(response);
    }
    if (second === first) return response;

    const retried = await send(second, body);
    return retried.response;
  };
}

/** Whether a challenge calls the token invalid (RFC 6750 section 3.1). */
function saysInvalid(response: Response): boolean {
  try {
    const challenge: unknown = response.headers.get("www-authenticate");
    return typeof challenge === "string" && INVALID_TOKEN.test(challenge);
  } catch {
    return false; // A custom fetch may return any object. The response is the caller's.
  }
}

/**
 * Frees a response's connection, without waiting: the `cancel` of a cloned body ends only after
 * that of the clone.
 */
function discard(response: Response) {
  runInBackground(() => response.body?.cancel?.());
}

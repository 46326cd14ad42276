// Requests and responses as plain data.
import { checkOptions, invalidOption } from "../core/check-options.js";
import { platform } from "../core/platform.js";

/**
 * A request as plain data, ready for `fetch(request.url, request)`. Do not log it: it prints in
 * full, secrets included.
 *
 * `redirect` is `manual`, since following a redirect would send the credentials along. `cache` is
 * `no-store`, since Next 13 and 14 cache the response to a POST too. On workerd `cache` is left
 * out: older compatibility dates throw at it, and workerd caches no response by itself.
 */
export interface RequestData {
  method: "GET" | "POST";
  url: string;
  /** names in lower case */
  headers: Record<string, string>;
  /** an encoded form */
  body?: string;
  redirect: "manual";
  cache?: "no-store";
}

/**
 * A response as plain data: `{ status: response.status, headers: response.headers, body: await
 * response.text() }`.
 */
export interface ResponseData {
  /** the HTTP status */
  status: number;
  headers?: Headers | Record<string, string | string[] | undefined>;
  body: string;
}

/**
 * Turns the result of a builder into a standard `Request`, with `redirect: "manual"` and, except on
 * workerd, `cache: "no-store"`.
 *
 * @throws {AuthError} `option_invalid` if no builder returned it
 */
export function toRequest(request: RequestData): Request {
  const { method, url, headers, body } = checkOptions("toRequest", request, {
    method: "string!",
    url: "string!",
    headers: "record!",
    body: "body",
    redirect: "string",
    cache: "string",
  });
  const init = {
    __proto__: null,
    method,
    headers,
    body,
    redirect: "manual",
    ...platform.noStore,
  } as RequestInit;

  try {
    // A URL is absolute. A page would resolve a relative address against its own, and send the
    // credentials there.
    return new Request(new URL(url), init);
  } catch {
    // The thrown error is dropped, since Node quotes header values in it.
    throw invalidOption(
      "this is no request that can be sent",
      "pass the object that the builder returned, unchanged",
    );
  }
}

// Requests and responses as the runtime has them.
import { checkerOf } from "../core/check.js";
import { invalidOption } from "../core/guard-reads.js";
import { platform } from "../core/platform.js";
import type { RequestData } from "../core/types.js";

const checkRequest = checkerOf<RequestData>("toRequest", {
  method: "text!",
  url: "text!",
  headers: "headers!",
  body: "body",
  redirect: "text",
  cache: "text",
});

/**
 * Turns the result of a builder into a standard `Request`, with `redirect: "manual"` and, except on
 * workerd, `cache: "no-store"`.
 *
 * @throws {AuthError} `option_invalid` if no builder returned it
 */
export function toRequest(request: RequestData): Request {
  const { method, url, headers, body } = checkRequest(request);
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

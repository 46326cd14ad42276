import { checkOptions, invalidOption } from "../core/check-options.js";
import { platform } from "../core/platform.js";

/**
 * A request as plain data, ready for `fetch(request.url, request)`. It prints in full, secrets
 * included: do not log it.
 *
 * `redirect` is `manual`, since a redirect that is followed takes the credentials with it. `cache`
 * is `no-store`, since Next 13 and 14 keep the answer to a POST too; on workerd it is left out:
 * older compatibility dates throw at it, and nothing there keeps answers by itself.
 *
 * @typedef {object} RequestData
 * @property {"GET" | "POST"} method
 * @property {string} url
 * @property {Record<string, string>} headers names in lower case
 * @property {string} [body] a form, encoded
 * @property {"manual"} redirect
 * @property {"no-store"} [cache]
 */

/**
 * An answer as plain data: `{ status: response.status, headers: response.headers, body: await
 * response.text() }`.
 *
 * @typedef {object} ResponseData
 * @property {number} status the HTTP status
 * @property {Headers | Record<string, string | string[] | undefined>} [headers]
 * @property {string} body
 */

/**
 * The standard `Request` of what a builder returned, with `redirect: "manual"` and, but on workerd,
 * `cache: "no-store"`.
 *
 * @param {RequestData} request
 * @returns {Request}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`: what no builder returns
 */
export function toRequest(request) {
  const { method, url, headers, body } = checkOptions("toRequest", request, {
    method: "string!",
    url: "string!",
    headers: "record!",
    body: "body",
    redirect: "string",
    cache: "string",
  });
  const init = /** @type {RequestInit} */ ({
    __proto__: null,
    method,
    headers,
    body,
    redirect: "manual",
    ...platform.noStore,
  });
  try {
    // A page would complete a relative address with its own, and send the credentials there; a URL must be absolute.
    return new Request(new URL(url), init);
  } catch {
    // What was thrown is dropped: Node quotes header values in it.
    throw invalidOption(
      "this is no request that can be sent",
      "pass the object that the builder returned, unchanged",
    );
  }
}

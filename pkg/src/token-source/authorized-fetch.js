import { isControlFlow } from "../core/error-constructors.js";
import { guardReads } from "../core/check-options.js";
import { httpOrigin, originRefused } from "./allowed-origins.js";
import { readOutgoingRequest } from "./outgoing-request.js";
import { throwIfAborted } from "../io/signal.js";
import { runInBackground } from "../io/background.js";
import { networkFailed } from "../io/fetch.js";

/**
 * @typedef {{
 *   token: import("../protocol/token.js").Token;
 *   header: string;
 *   given: Promise<import("../protocol/token.js").Token>;
 *   givenHeader: Promise<string>;
 * }} Kept
 */

/**
 * @param {object} source
 * @param {Set<string>} source.origins
 * @param {import("../io/fetch.js").Fetch | undefined} source.fetch
 * @param {(signal: AbortSignal | undefined) => Promise<Kept>} source.token
 * @param {(kept: Kept) => void} source.invalidate
 * @returns {import("./token-source.js").TokenSource["fetch"]}
 */
export function authorizedFetch({ origins, fetch, token, invalidate }) {
  return async (input, init) => {
    const call = readOutgoingRequest(input, init, fetch !== undefined);
    const { origin } = call;
    if (origin === undefined || !origins.has(origin)) throw originRefused(origin);
    const first = await token(call.signal);
    // Only now: a Request whose call fails before can be used again.
    const request = call.prepare();
    const prepared = guardReads(() =>
      request instanceof Request ? httpOrigin(request.url) : origin,
    );
    if (prepared === undefined || !origins.has(prepared)) throw originRefused(prepared);

    /** @param {Kept} kept */
    const send = async ({ header }) => {
      const headers = new Headers(call.headers);
      headers.set("authorization", header);
      try {
        const response = await (fetch ?? globalThis.fetch)(/** @type {string} */ (request), {
          ...call.init,
          headers,
        });
        // Once: it may be anybody's.
        const { status } = response;
        if (typeof status !== "number") throw new TypeError("no response");
        return { response, status };
      } catch (thrown) {
        // Whoever aborts gets the reason, as from the standard's own.
        throwIfAborted(call.signal);
        if (isControlFlow(thrown)) throw thrown;
        throw networkFailed(origin, thrown);
      }
    };

    const { response, status } = await send(first);
    if (status !== 401) return response;
    invalidate(first);
    if (!call.isRepeatable) return response;
    /** @type {Kept | undefined} */
    let second;
    try {
      second = await token(call.signal);
    } finally {
      if (second !== first) discard(response);
    }
    return second === first ? response : (await send(second)).response;
  };
}

/**
 * Frees its connection. Nobody waits for that: of a body that was cloned, it ends only with the
 * other half.
 *
 * @param {Response} response
 */
function discard(response) {
  runInBackground(() => response.body?.cancel?.());
}

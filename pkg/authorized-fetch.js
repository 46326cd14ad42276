import { isControlFlow } from "./faults.js";
import { originRefused } from "./origins.js";
import { readCall } from "./outgoing-call.js";
import { networkFailed, quietly } from "./transport.js";

/** @typedef {{ token: import("./token.js").Token, header: string, given: Promise<import("./token.js").Token>, givenHeader: Promise<string> }} Kept */

/**
 * @param {object} source
 * @param {Set<string>} source.origins
 * @param {import("./transport.js").Fetch | undefined} source.fetch
 * @param {(signal: AbortSignal | undefined) => Promise<Kept>} source.token
 * @param {(kept: Kept) => void} source.reject
 * @returns {import("./token-source.js").TokenSource["fetch"]}
 */
export function authorizedFetch({ origins, fetch, token, reject }) {
  return async (input, init) => {
    const call = readCall(input, init, fetch !== undefined);
    if (!origins.has(call.origin)) throw originRefused(call.origin);
    const first = await token(call.signal);
    // Only now: a Request whose call fails before can be used again.
    const request = call.prepare();
    if (request instanceof Request && !origins.has(new URL(request.url).origin)) throw originRefused(new URL(request.url).origin);

    /** @param {Kept} kept */
    const send = async ({ header }) => {
      const headers = new Headers(call.headers);
      headers.set("authorization", header);
      try {
        const response = await (fetch ?? globalThis.fetch)(/** @type {string} */ (request), { ...call.init, headers });
        if (typeof response.status !== "number") throw new TypeError("no response");
        return response;
      } catch (thrown) {
        // Whoever aborts gets the reason, as from the standard's own.
        if (call.signal?.aborted) throw call.signal.reason;
        if (isControlFlow(thrown)) throw thrown;
        throw networkFailed(call.origin, thrown);
      }
    };

    const response = await send(first);
    if (response.status !== 401) return response;
    reject(first);
    if (!call.isRepeatable) return response;
    /** @type {Kept | undefined} */
    let second;
    try {
      second = await token(call.signal);
    } finally {
      if (second !== first) discard(response);
    }
    return second === first ? response : send(second);
  };
}

/**
 * Frees its connection. Nobody waits for that: of a body that was cloned, it ends only with the other half.
 * @param {Response} response
 */
function discard(response) {
  quietly(() => response.body?.cancel?.());
}

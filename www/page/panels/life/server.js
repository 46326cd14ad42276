// @ts-check
// A token endpoint that is a function, so that its lifetimes, its delay and its outages are in the
// visitor's hand.

/** How long an answer takes, ms: as usual, and when it is slow. */
export const DELAYS = { usual: 200, slow: 3_000 };

/**
 * @typedef {{ lifetime: number; isDown: boolean; isSlow: boolean }} Server `lifetime` of its
 *   tokens, in seconds
 */
/**
 * @typedef {{ id: number; sentAt: number; endedAt?: number; answered?: boolean }} Request that the
 *   endpoint got; times by the machine's clock
 */

/**
 * @param {Server} server is read at every request
 * @param {(request: Request) => void} tell of each when it comes and when it ends
 * @param {() => number} now the machine's clock
 * @returns {(url: string, init: RequestInit) => Promise<Response>}
 */
export function tokenEndpoint(server, tell, now) {
  let count = 0;
  return async (_, { signal }) => {
    count += 1;
    const request = { id: count, sentAt: now() };
    let answered = false;

    tell(request);
    try {
      await pause(server.isSlow ? DELAYS.slow : DELAYS.usual, signal);
      // As `fetch` fails where nobody listens.
      if (server.isDown) throw new TypeError("Failed to fetch");
      answered = true;
      return Response.json({
        access_token: `demo-${count}`,
        token_type: "Bearer",
        expires_in: server.lifetime,
      });
    } finally {
      tell({ ...request, endedAt: now(), answered });
    }
  };
}

/** @type {(millis: number, signal: AbortSignal | null | undefined) => Promise<void>} */
function pause(millis, signal) {
  return new Promise((done, abort) => {
    const timer = setTimeout(done, millis);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      abort(signal.reason);
    });
  });
}

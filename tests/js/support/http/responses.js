// @ts-check
// The responses of a server that is a function, for tests that pass `fetch` an implementation of
// their own.

/**
 * What the server answers.
 *
 * @typedef {object} Answer
 * @property {number} [status]
 * @property {unknown} [body] a string, or what becomes JSON
 * @property {Record<string, string>} [headers]
 * @property {number} [delay] ms until anything happens
 * @property {boolean} [fails] the connection is refused
 * @property {boolean} [hangs] nothing comes until the request is aborted
 */

/**
 * @param {Answer} answer
 * @param {RequestInit} init
 */
export async function respond(
  { status = 200, body, headers, delay = 0, fails, hangs },
  { signal },
) {
  if (delay) await new Promise((done) => setTimeout(done, delay));
  if (hangs) await aborted(signal);
  if (fails) throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });

  return new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** @param {AbortSignal | null | undefined} signal */
function aborted(signal) {
  return new Promise((_, reject) =>
    signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))),
  );
}

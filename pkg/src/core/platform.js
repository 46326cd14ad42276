/**
 * What differs between runtimes, beside how they load the module.
 *
 * @type {{
 *   waitUntil: (promise: Promise<unknown>) => unknown;
 *   noStore: { cache?: "no-store" };
 * }} `waitUntil`
 *   keeps a request's I/O going after its answer, and after its client went away; `noStore` goes with
 *   every request
 */
export const platform = {
  waitUntil(promise) {
    const runtime = /** @type {any} */ (globalThis);
    const contexts = ["@vercel/request-context", "@next/request-context"].map((name) =>
      runtime[Symbol.for(name)]?.get?.(),
    );
    return [...contexts, runtime.Netlify?.context]
      .find((context) => context?.waitUntil)
      ?.waitUntil(promise);
  },
  // Next 13 and 14 keep answers otherwise, those to a POST too: a token of the build would be used for ever.
  noStore: { cache: "no-store" },
};

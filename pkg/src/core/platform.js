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
  noStore: takesCache() ? { cache: "no-store" } : {},
};

/** Workers of compatibility dates before 2024-11-11 throw at it, whichever entry they use. */
function takesCache() {
  if (typeof Request !== "function") return true;

  try {
    return Boolean(new Request("https://a.example", { cache: "no-store" }));
  } catch {
    return false;
  }
}

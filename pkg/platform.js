/**
 * What differs between runtimes, beside how they load the module.
 * @type {{ waitUntil: (promise: Promise<unknown>) => unknown, getInit: RequestInit }} `waitUntil` keeps a request's I/O going after
 *   its answer, and after its client went away; `getInit` goes with every GET
 */
export const platform = {
  waitUntil(promise) {
    const runtime = /** @type {any} */ (globalThis);
    const contexts = ["@vercel/request-context", "@next/request-context"].map((name) => runtime[Symbol.for(name)]?.get?.());
    return [...contexts, runtime.Netlify?.context].find((context) => context?.waitUntil)?.waitUntil(promise);
  },
  // Next.js caches GETs otherwise.
  getInit: { cache: "no-store" },
};

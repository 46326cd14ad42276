// What differs between runtimes, apart from how they load the module.

/** What differs between runtimes, apart from how they load the module. Entries may replace it. */
export interface Platform {
  /**
   * keeps a request's I/O running after its response was sent and after its client disconnected;
   * `false` where nothing of the kind is needed
   */
  waitUntil: (promise: Promise<unknown>) => unknown;
  /** options of every request */
  noStore: { cache?: "no-store" };
}

/** By a global of its own: `navigator` says it on newer compatibility dates alone. */
export const isWorkerd: boolean = "WebSocketPair" in globalThis;

export const platform: Platform = {
  // On workerd a request must not abort what another one started.
  waitUntil: () => isWorkerd && undefined,

  // Next 13 and 14 cache responses otherwise, to a POST too: a token from the build would be used
  // forever. workerd caches no response by itself, and throws at `cache` on compatibility dates
  // before 2024-11-11.
  noStore: isWorkerd ? {} : { cache: "no-store" },
};

/** `waitUntil` of Vercel, Next and Netlify, for the entries that run there. */
export function waitUntilOfContext(promise: Promise<unknown>): unknown {
  const runtime = globalThis as any;
  const contexts = ["@vercel/request-context", "@next/request-context"].map((name) =>
    runtime[Symbol.for(name)]?.get?.(),
  );
  const context = [...contexts, runtime.Netlify?.context].find((context) => context?.waitUntil);
  return context ? context.waitUntil(promise) : isWorkerd && undefined;
}

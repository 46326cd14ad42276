// @ts-check
// Which runtime this is, where runtimes differ in what they can do.

/** @typedef {"browser" | "workerd" | "edge-runtime" | "Deno" | "Bun" | "Node"} Runtime */

/** @returns {Runtime} */
export function runtime() {
  const all = /** @type {any} */ (globalThis);
  if (all.document) return "browser";
  if (all.navigator?.userAgent === "Cloudflare-Workers" || all.WebSocketPair) return "workerd";
  if (all.EdgeRuntime) return "edge-runtime";
  return all.Deno ? "Deno" : all.Bun ? "Bun" : "Node";
}

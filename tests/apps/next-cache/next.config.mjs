import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** What a page waits for is made for each request then, and all else by the build. */
export default {
  cacheComponents: true,
  partialPrefetching: true,
  turbopack: { root: dirname(dirname(fileURLToPath(import.meta.url))) },
};

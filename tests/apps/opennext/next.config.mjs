import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export default {
  // Without it Next bundles the entry for Node, which compiles its module from bytes. Workers forbid
  // that.
  serverExternalPackages: ["edge-credentials"],
  turbopack: { root: dirname(dirname(fileURLToPath(import.meta.url))) },
};

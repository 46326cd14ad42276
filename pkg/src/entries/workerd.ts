// The entry for Cloudflare Workers and other uses of workerd. The runtime compiles the imported
// .wasm file.
import { install } from "../core/wasm.js";
import { platform } from "../core/platform.js";
// @ts-expect-error TypeScript does not know such imports
import module from "../../dist/wasm/edge_credentials_bg.wasm";

install(() => module);

let workers: { waitUntil?: (promise: Promise<unknown>) => void } | undefined;
// A bundler that does not know this module would refuse a static import. It is there before the
// first request. Older versions lack the function.
// @ts-expect-error the runtime has its types
import("cloudflare:workers").then(
  (module) => (workers = module),
  () => {}, // Another runtime with this condition has no such module, and needs none.
);
platform.waitUntil = (promise) => workers?.waitUntil?.(promise);

export * from "../index.js";

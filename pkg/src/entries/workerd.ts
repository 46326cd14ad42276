// The entry for Cloudflare Workers and other uses of workerd. The runtime compiles the imported
// .wasm file.
import { install } from "../core/wasm.js";
import { platform } from "../core/platform.js";
// @ts-expect-error TypeScript does not know such imports
import module from "../../dist/wasm/edge_credentials_bg.wasm";

install(() => module);
platform.waitUntil = async (promise) => {
  // At the first use: a bundler that does not know this module would refuse a static import.
  // @ts-expect-error the runtime has its types
  const workers = await import("cloudflare:workers");
  // Older versions lack the function.
  workers.waitUntil?.(promise);
};

export * from "../index.js";

// For Cloudflare Workers and everything else on workerd: the runtime compiles the .wasm file that is imported.
// @ts-expect-error its types are the runtime's
import * as workers from "cloudflare:workers";
import { install } from "../core/wasm.js";
import { platform } from "../core/platform.js";
// @ts-expect-error TypeScript knows no such import
import module from "../../dist/wasm/edge_credentials_bg.wasm";
import * as glue from "../../dist/wasm/glue.js";

install(glue, module);
// By the namespace: older versions lack the export, and importing it by name would not link.
platform.waitUntil = (promise) => workers.waitUntil?.(promise);
// Older compatibility dates throw at `cache`, and nothing here caches by itself.
platform.noStore = {};

export * from "../index.js";

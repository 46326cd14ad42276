// The entry for Cloudflare Workers and other uses of workerd. The runtime compiles the imported
// .wasm file.
// @ts-expect-error the runtime has its types
import * as workers from "cloudflare:workers";
import { install } from "../core/wasm.js";
import { platform } from "../core/platform.js";
// @ts-expect-error TypeScript does not know such imports
import module from "../../dist/wasm/edge_credentials_bg.wasm";

install(() => module);
// Through the namespace: older versions lack the export, and an import by name would not link.
platform.waitUntil = (promise) => workers.waitUntil?.(promise);

export * from "../index.js";

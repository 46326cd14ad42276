// For Vercel's edge runtime, as in Next.js: bundlers for it turn what is imported so into a compiled module.
import { install } from "./core.js";
// @ts-expect-error TypeScript knows no such import
import module from "./wasm/edge_credentials_bg.wasm?module";
import * as glue from "./wasm/glue.js";

install(glue, module);

export * from "./index.js";

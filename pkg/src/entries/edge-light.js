// For Vercel's edge runtime, as in Next.js: bundlers for it turn what is imported so into a compiled module.
import { install } from "../core/wasm.js";
// @ts-expect-error TypeScript knows no such import
import module from "../../dist/wasm/edge_credentials_bg.wasm?module";
import * as glue from "../../dist/wasm/glue.js";

install(glue, module);

export * from "../index.js";

// The entry for Vercel's edge runtime, as in Next.js. Its bundlers turn an import with `?module`
// into a compiled module.
import { install } from "../core/wasm.js";
// @ts-expect-error TypeScript does not know such imports
import module from "../../dist/wasm/edge_credentials_bg.wasm?module";
import * as glue from "../../dist/wasm/glue.js";

install(glue, module);

export * from "../index.js";

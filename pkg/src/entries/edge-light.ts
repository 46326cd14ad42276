// The entry for Vercel's edge runtime, as in Next.js. Its bundlers turn an import with `?module`
// into a compiled module.
import { platform, waitUntilOfContext } from "../core/platform.js";
import { install } from "../core/wasm.js";
// @ts-expect-error TypeScript does not know such imports
import module from "../../dist/wasm/edge_credentials_bg.wasm?module";

// Next's sandbox makes the module in another realm, whose class the glue does not know.
Object.setPrototypeOf(module, WebAssembly.Module.prototype);
install(() => module);
platform.waitUntil = waitUntilOfContext;

export * from "../index.js";

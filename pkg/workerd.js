// For Cloudflare Workers and everything else on workerd: the runtime compiles the .wasm file that is imported.
import { install } from "./core.js";
import * as glue from "./wasm/workerd.js";

install(glue);

export * from "./index.js";

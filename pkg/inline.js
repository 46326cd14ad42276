// For every other runtime: the module comes as text inside the package, so that nothing has to be read or fetched.
import { install } from "./core.js";
import module from "./wasm/bytes.js";
import * as glue from "./wasm/glue.js";

install(glue, module);

export * from "./index.js";

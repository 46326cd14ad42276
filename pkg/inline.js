// For every other runtime: the module comes as text inside the package, so that nothing has to be read or fetched.
import { install } from "./core.js";
import * as glue from "./wasm/inline.js";

install(glue);

export * from "./index.js";

// The entry for all other runtimes. The module is text inside the package, so that no file has to
// be read or fetched.
import { install } from "../core/wasm.js";
import module from "../../dist/wasm/bytes.js";
import * as glue from "../../dist/wasm/glue.js";

install(glue, module);

export * from "../index.js";

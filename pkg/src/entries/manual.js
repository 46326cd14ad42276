// For runtimes that no other entry knows: the caller brings the module.
import { install } from "../core/wasm.js";
import { invalidOption } from "../core/check-options.js";
import * as glue from "../../dist/wasm/glue.js";

/**
 * Makes the package ready; to be called before anything else of it is.
 *
 * Only `edge-credentials/manual` has it, for runtimes that neither import a .wasm file by
 * themselves nor permit to compile bytes.
 *
 * @param {WebAssembly.Module} module compiled from this version's
 *   `edge-credentials/edge_credentials_bg.wasm`
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function initialize(module) {
  try {
    install(glue, module);
  } catch {
    const hint =
      "compile `edge-credentials/edge_credentials_bg.wasm` of the same version, and pass the module: neither its bytes nor an instance";
    throw invalidOption("`module` is no WebAssembly.Module of this package", hint);
  }
}

export * from "../index.js";

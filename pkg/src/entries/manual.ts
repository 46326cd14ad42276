// The entry for runtimes that no other entry supports. The caller provides the module.
import { invalidOption } from "../core/guard-reads.js";
import type { WasmModule } from "../core/runtime-types.js";
import { platform, waitUntilOfContext } from "../core/platform.js";
import { install } from "../core/wasm.js";

platform.waitUntil = waitUntilOfContext;

/**
 * Initializes the package. Call it before any other function of the package.
 *
 * Only `edge-credentials/manual` has it, for runtimes that can neither import a .wasm file nor
 * compile bytes.
 *
 * @param module compiled from this version's `edge-credentials/edge_credentials_bg.wasm`
 * @throws {AuthError} `option_invalid`
 */
export function initialize(module: WasmModule): void {
  try {
    // Throws at what is no module. Another program's module is refused now, not at the first call.
    const exported = WebAssembly.Module.exports(module as WebAssembly.Module);
    const has = (wanted: string) => exported.some(({ name }) => name === wanted);
    if (!has("call") || !has("step")) throw new TypeError("another module");
    install(() => module);
  } catch {
    const hint =
      "compile `edge-credentials/edge_credentials_bg.wasm` of the same version, and pass the " +
      "module: neither its bytes nor an instance";
    throw invalidOption("`module` is no WebAssembly.Module of this package", hint);
  }
}

export * from "../index.js";

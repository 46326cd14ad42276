// Calls into the WebAssembly module, and survives its traps.
import { call as callCore, __wbg_reset_state, initSync } from "../../dist/wasm/edge_credentials.js";
import type { WasmModule } from "./runtime-types.js";
import { AuthError } from "./errors.js";
import { errorName, internal, misuse } from "./error-constructors.js";

/**
 * The most memory that an instance keeps, bytes. It starts with about one MiB; a large response
 * makes it grow, and memory never shrinks.
 */
const MAX_MEMORY = 8 * 2 ** 20;

/** Gives the module in which all calls run. */
let load: (() => WasmModule) | undefined;

/** The module, once there is an instance. */
let loaded: WasmModule | undefined;

/** Whether an instance trapped and could not be replaced yet. */
let isBroken = false;

/**
 * Sets how the module is loaded. Each entry of the package has its own way. The first call loads it
 * and makes the instance, so that an import which calls nothing does not pay for it.
 */
export function install(loadModule: () => WasmModule): void {
  load = loadModule;
}

/**
 * Calls a function of the core with a text of fields.
 *
 * @param place of the function in `CALLS` of src/calls
 * @returns a text of fields
 * @throws {AuthError}
 */
export function invoke(place: number, fields: string): string {
  return call(() => callCore(place, fields));
}

/**
 * Runs one call into WebAssembly, and replaces the instance after a trap.
 *
 * A trap leaves the instance unusable sooner or later, since its stack pointer is not restored.
 * Replacing the instance loses nothing, since the core keeps no state in it.
 */
export function call<T>(run: () => T): T {
  const memory = instanceMemory();
  try {
    return run();
  } catch (thrown) {
    // The core throws its errors as JSON.
    if (typeof thrown === "string") throw new AuthError(JSON.parse(thrown));
    reset();
    throw failed(thrown);
  } finally {
    if (memory.buffer.byteLength > MAX_MEMORY) reset();
  }
}

/** The memory of the current instance, which is made if there is none. */
function instanceMemory(): WebAssembly.Memory {
  if (!load) {
    throw misuse(
      "module_missing",
      "there is no WebAssembly module yet",
      "call `initialize(module)` of edge-credentials/manual before anything else",
    );
  }
  loaded ??= makeInstance(load);
  if (isBroken) reset();
  // Returns the current instance, since there is one.
  return initSync({ module: loaded }).memory;
}

function makeInstance(load: () => WasmModule): WasmModule {
  try {
    const module = load();
    initSync({ module });
    return module;
  } catch (thrown) {
    const hint = "use edge-credentials/manual, or allow `'wasm-unsafe-eval'`";
    const cause = { name: errorName(thrown) };
    throw misuse(
      "module_missing",
      "the runtime does not permit the WebAssembly module",
      hint,
      cause,
    );
  }
}

function reset(): void {
  try {
    __wbg_reset_state();
    isBroken = false;
  } catch {
    isBroken = true; // No memory is left for another instance. The next call tries again.
  }
}

function failed(thrown: unknown): AuthError {
  const message = "the WebAssembly module failed";
  return internal(message, { name: errorName(thrown) });
}

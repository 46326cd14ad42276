import { AuthError } from "./errors.js";

/** @typedef {typeof import("./wasm/glue.js")} Glue */

/** @type {Glue | undefined} */
let installed;

/**
 * Makes the instance that everything runs in; each entry of the package has its own way to the module.
 * @param {Glue} glue
 * @param {WebAssembly.Module} module
 */
export function install(glue, module) {
  glue.instantiate(module);
  installed = glue;
}

/**
 * Runs one call into WebAssembly.
 *
 * A trap leaves the instance unusable sooner or later (its stack pointer is not restored), and loses nothing when the instance is
 * replaced, since the core keeps no state in it.
 * @template T
 * @param {(glue: Glue) => T} run
 * @returns {T}
 */
export function call(run) {
  const glue = installed;
  if (!glue) throw moduleMissing();
  try {
    return run(glue);
  } catch (thrown) {
    if (typeof thrown === "string") throw new AuthError(JSON.parse(thrown));
    glue.__wbg_reset_state();
    throw new AuthError({
      code: "internal",
      class: "internal",
      message: "the WebAssembly module failed; it has been reset",
      hint: "this is a bug of edge-credentials: please report it; the next call works again",
      cause: { name: errorName(thrown) },
    });
  }
}

function moduleMissing() {
  return new AuthError({
    code: "module_missing",
    class: "misuse",
    message: "there is no WebAssembly module yet",
    hint: "call `initialize(module)` of edge-credentials/manual before anything else",
  });
}

/** The name of an error that is not ours. @param {unknown} thrown */
export function errorName(thrown) {
  // By name: a trap's class may come from another realm. Only names that the language itself gives, never a text.
  try {
    const name = /** @type {{ name?: unknown }} */ (thrown).name;
    return typeof name === "string" && /^[A-Z][A-Za-z]{0,30}Error$/.test(name) ? name : "Error";
  } catch {
    return "Error"; // Nothing can be read from what was thrown.
  }
}

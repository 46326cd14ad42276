import { AuthError } from "./errors.js";
import { errorName, internal, misuse } from "./faults.js";

/** @typedef {typeof import("./wasm/glue.js")} Glue */

/** @type {Glue | undefined} */
let installed;
/** Whether an instance that trapped could not be replaced yet. */
let isBroken = false;

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
 * Calls a function of the core's; both ways it is JSON that crosses (`src/wasm/run.rs`).
 * @param {string} name
 * @param {Record<string, string | number | boolean | null | undefined>} given its arguments by name; `null` and `undefined` are none
 * @param {string} [body] an answer's, as it is
 * @returns {string}
 */
export function run(name, given, body = "") {
  // A `toJSON` of its own, since a polluted prototype could have one.
  const text = JSON.stringify({ toJSON: undefined, ...given });
  return taken(call((glue) => glue.run(name, text, body)));
}

/**
 * What the core gave, unless it is an error.
 * @param {string} gives
 * @throws {AuthError}
 */
export function taken(gives) {
  if (gives.startsWith("!")) throw new AuthError(JSON.parse(gives.slice(1)));
  return gives;
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
  if (!glue) throw misuse("module_missing", "there is no WebAssembly module yet", "call `initialize(module)` of edge-credentials/manual before anything else");
  if (isBroken) reset(glue);
  try {
    return run(glue);
  } catch (thrown) {
    reset(glue);
    throw internal("the WebAssembly module failed and has been reset: the next call works again", { name: errorName(thrown) });
  }
}

/** @param {Glue} glue */
function reset(glue) {
  try {
    glue.__wbg_reset_state();
    isBroken = false;
  } catch {
    isBroken = true; // Without memory for another instance; the next call tries again.
  }
}

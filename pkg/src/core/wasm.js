import { AuthError } from "./errors.js";
import { errorName, internal, misuse } from "./error-constructors.js";

/**
 * What wasm-bindgen makes of the core's exports.
 *
 * @typedef {object} Glue
 * @property {(arguments_: Uint8Array, body: Uint8Array) => string} run
 * @property {(
 *   numbers: Float64Array,
 *   policy: number,
 *   event: number,
 *   a: number,
 *   b: number,
 *   c: number,
 *   now: number,
 *   random: number,
 * ) => void} freshness
 * @property {(module: WebAssembly.Module) => void} instantiate
 * @property {() => void} __wbg_reset_state
 */

/** @type {Glue | undefined} */
let installed;
const encoder = new TextEncoder();
/** Whether an instance that trapped could not be replaced yet. */
let isBroken = false;

/**
 * Makes the instance that everything runs in; each entry of the package has its own way to the
 * module.
 *
 * @param {Glue} glue
 * @param {WebAssembly.Module} module
 */
export function install(glue, module) {
  glue.instantiate(module);
  installed = glue;
}

/**
 * Calls a function of the core's, by bytes: its arguments as JSON, and a body as it is. What it
 * gives is a text (`src/wasm/run.rs`).
 *
 * @param {string} name
 * @param {Record<string, string | number | boolean | null | undefined>} given its arguments by
 *   name; `null` and `undefined` are none
 * @param {string | Uint8Array} [body] an answer's, as it is, or a token or a part of one as bytes
 * @returns {string}
 * @throws {AuthError}
 */
export function run(name, given, body = "") {
  // A `toJSON` of its own, since a polluted prototype could have one.
  const text = encoder.encode(JSON.stringify({ toJSON: undefined, ...given, call: name }));
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const gives = call((glue) => glue.run(text, bytes));
  if (gives.startsWith("!")) throw new AuthError(JSON.parse(gives.slice(1)));
  return gives;
}

/**
 * Runs one call into WebAssembly.
 *
 * A trap leaves the instance unusable sooner or later (its stack pointer is not restored), and
 * loses nothing when the instance is replaced, since the core keeps no state in it.
 *
 * @template T
 * @param {(glue: Glue) => T} run
 * @returns {T}
 */
export function call(run) {
  const glue = installed;
  if (!glue)
    throw misuse(
      "module_missing",
      "there is no WebAssembly module yet",
      "call `initialize(module)` of edge-credentials/manual before anything else",
    );
  if (isBroken) reset(glue);
  try {
    return run(glue);
  } catch (thrown) {
    reset(glue);
    throw internal("the WebAssembly module failed and has been reset: the next call works again", {
      name: errorName(thrown),
    });
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

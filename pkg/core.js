import { AuthError } from "./errors.js";

/** @typedef {typeof import("./wasm/inline.js")} Glue */

/** @type {Glue} */
let glue;

/**
 * Hands over the WebAssembly module's bindings; each entry of the package does so before anything is called.
 * @param {Glue} bindings
 */
export function install(bindings) {
  glue = bindings;
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
  try {
    return run(glue);
  } catch (thrown) {
    if (thrown instanceof glue.CoreError) throw fromCore(thrown);
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

/**
 * Copies an object that lives in WebAssembly into a plain one and frees it. Left to the garbage collector, such objects cost
 * memory and a hundred times the time.
 * @template {{ free(): void }} C, T
 * @param {C} object
 * @param {(object: C) => T} copy
 * @returns {T}
 */
export function take(object, copy) {
  const plain = copy(object);
  object.free();
  return plain;
}

/** @param {import("./wasm/inline.js").CoreError} thrown */
function fromCore(thrown) {
  return take(
    thrown,
    (core) =>
      new AuthError({
        code: /** @type {import("./errors.js").ErrorCode} */ (core.code),
        class: /** @type {import("./errors.js").ErrorClass} */ (core.class),
        message: core.message,
        hint: core.hint,
        error: core.error,
        errorDescription: core.errorDescription,
        status: core.status,
        retryable: core.retryable,
        retryAt: core.retryAt,
      }),
  );
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

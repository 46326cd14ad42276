// Calls into the WebAssembly module, and survives its traps.
import { AuthError } from "./errors.js";
import { errorName, internal, misuse } from "./error-constructors.js";

/** The core's exports, as wasm-bindgen makes them. */
export interface Glue {
  run: (arguments_: Uint8Array, body: Uint8Array) => string;
  freshness: (
    numbers: Float64Array,
    policy: number,
    event: number,
    a: number,
    b: number,
    c: number,
    now: number,
    random: number,
  ) => void;
  instantiate: (module: WebAssembly.Module) => void;
  __wbg_reset_state: () => void;
}

let installed: Glue | undefined;

/** Whether an instance trapped and could not be replaced yet. */
let isBroken = false;

const encoder = new TextEncoder();

/**
 * Creates the instance in which all calls run. Each entry of the package loads the module in its
 * own way.
 */
export function install(glue: Glue, module: WebAssembly.Module) {
  glue.instantiate(module);
  installed = glue;
}

/**
 * Calls a function of the core (`src/wasm/run.rs`). Arguments cross the boundary as JSON, a body as
 * it is; the result is a string.
 *
 * @param given the arguments by name; `null` and `undefined` count as missing
 * @param body the body of a response, or the bytes of a token or of a part of one
 * @throws {AuthError}
 */
export function run(
  name: string,
  given: Record<string, string | number | boolean | null | undefined>,
  body: string | Uint8Array = "",
): string {
  // The own `toJSON` hides one that a polluted prototype may have.
  const json = JSON.stringify({ toJSON: undefined, ...given, call: name });
  const arguments_ = encoder.encode(json);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;

  const result = call((glue) => glue.run(arguments_, bytes));
  if (result.startsWith("!")) throw new AuthError(JSON.parse(result.slice(1)));
  return result;
}

/**
 * Runs one call into WebAssembly, and replaces the instance after a trap.
 *
 * A trap leaves the instance unusable sooner or later, since its stack pointer is not restored.
 * Replacing the instance loses nothing, since the core keeps no state in it.
 */
export function call<T>(run: (glue: Glue) => T): T {
  const glue = installed;
  if (!glue) {
    throw misuse(
      "module_missing",
      "there is no WebAssembly module yet",
      "call `initialize(module)` of edge-credentials/manual before anything else",
    );
  }
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

function reset(glue: Glue) {
  try {
    glue.__wbg_reset_state();
    isBroken = false;
  } catch {
    isBroken = true; // No memory is left for another instance. The next call tries again.
  }
}

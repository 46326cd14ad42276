// @ts-check
// Builds what npm ships beside the hand-written pkg/src: pkg/dist/wasm (the module, the module as text, and the glue that works
// with either), pkg/dist/types, pkg/dist/esm and pkg/dist/cjs. With --trap: a module with an export that traps into target/trap, built fast.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeBundled } from "./bundled.js";
import { writeCommonJs } from "./commonjs.js";
import { root, run, runIfMain, runPackaged, Stop, temporaryFolder } from "../run.js";
import { setUp } from "../setup/setup.js";
import { printSizes } from "./sizes.js";
import { writeTypes } from "./types.js";

const WASM = "edge_credentials_bg.wasm";
const WRITTEN = [WASM, "bytes.js", "bytes.d.ts", "glue.js", "glue.d.ts"];

const BIND = [
  "--target",
  "module",
  "--experimental-reset-state-function",
  "--remove-producers-section",
];
// Named one by one: `--all-features` also means encodings that no runtime reads yet (WebAssembly/binaryen#8926).
const FEATURES = [
  "--enable-mutable-globals",
  "--enable-sign-ext",
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-multivalue",
];
// Inlining less than -Oz does leaves more for brotli to find again.
const LESS_INLINING = "--one-caller-inline-max-function-size=20";
// The first kilobyte is the last of the stack: small sums can go into the offsets of loads and stores.
const STACK_FIRST = "--low-memory-unused";
const PASSES = ["-Oz", "--flatten", "--rereloop", "--merge-blocks", "-Oz", "-Oz"];
const OPTIMIZE = [
  ...PASSES,
  LESS_INLINING,
  STACK_FIRST,
  "--strip-producers",
  "--strip-target-features",
  ...FEATURES,
];

// A panic's words would be a tenth of the module, and reach nobody: without a console, std drops them and traps.
const PANIC =
  /\bpanicking::|::fmt::|_fail(ed)?\b|\bhandle(_alloc)?_error\b|\bcapacity_overflow\b|\brust_begin_unwind\b/;
const OF_RUST = /^<*&?(core|alloc|std|str|__rustc)\b/;

// Counts lines for each text that is no JSON, into an error of serde_json's that nobody reads.
const UNREAD = /^serde_json::read::SliceRead::position_of_index\b/;

const AT_ONCE = `let wasmInstance = new WebAssembly.Instance(wasmModule, __wbg_get_imports());
let wasm = wasmInstance.exports;
wasm.__wbindgen_start();
`;
const GUARD = `function __wbg_call_guard() {
    if (__wbg_reinit_scheduled) {
        __wbg_reset_state();
        return;
    }
}
`;
// For classes that outlive their instance, and instances that replace themselves: there are none here.
const UNUSED = [
  "    __wbg_instance_id++;\n",
  "let __wbg_instance_id = 0;\n",
  "    __wbg_reinit_scheduled = false;\n",
  "let __wbg_reinit_scheduled = false;\n",
  "    if (typeof numBytesDecoded !== 'undefined') numBytesDecoded = 0;\n",
  "    if (typeof WASM_VECTOR_LEN !== 'undefined') WASM_VECTOR_LEN = 0;\n",
];
const INSTANTIATE = `
let wasmModule;

export function instantiate(module) {
    const before = wasmModule;
    wasmModule = module;
    try {
        __wbg_reset_state();
    } catch (error) {
        wasmModule = before;
        throw error;
    }
}
`;
const INSTANTIATE_TYPE = "\nexport function instantiate(module: WebAssembly.Module): void;\n";

const FILES = /(\/rustc\/[0-9a-f]{40}\/|index\.crates\.io-[0-9a-f]{16}\/|src\/)[\w/.-]+\.rs/g;
const WORDS = new RegExp(
  [
    "slice index starts at ",
    " but ends at ",
    "index out of bounds: the len is ",
    " but the index is ",
    "range start index ",
    "range end index ",
    " out of range for slice of length ",
    "insertion index \\(is ",
    "\\) should be <= len \\(is ",
    "attempt to divide by zero",
    "capacity overflow",
    "called `(Result|Option)::unwrap\\(\\)` on an? `(Err|None)` value",
    "RefCell already (mutably )?borrowed",
    "Tried to shrink to a larger capacity",
    "0001020304\\d{190}",
    "Utf8Errorvalid_up_toerror_len",
    "mid > len",
    " {4}0x0123456789ABCDEF",
    "usize overflow when calculating (b64 length|buffer size)",
    "closure invoked recursively or after being dropped",
  ].join("|"),
  "g",
);

// With the `rlib` of Cargo.toml beside it cargo leaves out the profile's link-time optimisation, and says nothing.
const BUILD = [
  "rustc",
  "--lib",
  "--crate-type=cdylib",
  "--locked",
  "--no-default-features",
  "--features=npm",
  "--target=wasm32-unknown-unknown",
  "--message-format=json-render-diagnostics",
];
const TRAP_PROFILE = ['inherits="release"', 'lto="off"', "codegen-units=16", "opt-level=1"];
const TRAP_SETTINGS = TRAP_PROFILE.flatMap((setting) => [
  "--config",
  `profile.trapping.${setting}`,
]);
const TRAP = ["--profile=trapping", "--features=test-trap", ...TRAP_SETTINGS];

/**
 * @param {{ trap?: boolean; types?: boolean }} [options] `types`: also the types and the CommonJS
 *   twin, which the demo does without
 */
export async function build({ trap = false, types = true } = {}) {
  await setUp();
  takeBackFromWasmPack();
  const compiled = await compile(trap ? TRAP : ["--release"]);
  await writeModule(compiled, {
    folder: join(root, trap ? "target/trap" : "pkg/dist/wasm"),
    optimize: !trap,
  });
  if (trap) return;
  await writeBundled();
  if (!types) return;
  await writeTypes();
  await writeCommonJs();
}

/**
 * What a bare `wasm-pack build` wrote for its own package makes bundlers leave out our entries' one
 * statement (`sideEffects`), and hides new files from git.
 */
export function takeBackFromWasmPack() {
  for (const name of ["package.json", ".gitignore"])
    rmSync(join(root, "pkg", name), { force: true });
}

/** @param {string[]} profile */
async function compile(profile) {
  // Panics name source files: without this they would carry the builder's home folder into the package.
  const sources = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry/src");
  const flags = `target.wasm32-unknown-unknown.rustflags=${JSON.stringify([`--remap-path-prefix=${sources}=`])}`;
  const messages = await run("cargo", [...BUILD, "--config", flags, ...profile], {
    stdout: "return",
  });
  // Cargo says where the module is: CARGO_TARGET_DIR and configuration files may move it.
  const files = messages
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line).filenames ?? []);
  const compiled = files.find((file) => file.endsWith("edge_credentials.wasm"));
  if (!compiled)
    throw new Stop(
      "cargo built no edge_credentials.wasm: Cargo.toml must list `cdylib` in crate-type",
    );
  return compiled;
}

/**
 * @param {string} compiled
 * @param {{ folder: string; optimize: boolean }} options
 */
async function writeModule(compiled, { folder, optimize }) {
  const sources = [
    compiled,
    fileURLToPath(import.meta.url),
    join(root, "node_modules/binaryen/package.json"),
  ];
  const header = `// Generated by scripts/build/build.js from ${digest(sources)}; changes are lost.\n`;
  if (isUpToDate(folder, header)) return;
  const { wasm, glue, types } = await bind(compiled, optimize);
  mkdirSync(folder, { recursive: true });
  /**
   * @param {string} name
   * @param {string | Buffer} content
   */
  const write = (name, content) =>
    writeFileSync(join(folder, name), typeof content === "string" ? header + content : content);
  write(WASM, wasm);
  write("bytes.js", bytesModule(wasm));
  write("bytes.d.ts", "declare const module: WebAssembly.Module;\nexport default module;\n");
  write("glue.d.ts", types + INSTANTIATE_TYPE);
  write("glue.js", instantiatedLater(glue));
}

/**
 * @type {(
 *   compiled: string,
 *   optimize: boolean,
 * ) => Promise<{ wasm: Buffer; glue: string; types: string }>}
 */
async function bind(compiled, optimize) {
  const { path: work, remove } = temporaryFolder("build");
  try {
    const module = join(work, WASM);
    await run("wasm-bindgen", [
      ...BIND,
      "--out-name=edge_credentials",
      "--out-dir",
      work,
      compiled,
    ]);
    if (optimize) {
      writeFileSync(module, await withoutWordsInPanics(readFileSync(module)));
      await runPackaged("binaryen/bin/wasm-opt", [...OPTIMIZE, module, "-o", module]);
    }
    const [glue, types] = ["js", "d.ts"].map((ending) =>
      readFileSync(join(work, `edge_credentials.${ending}`), "utf8"),
    );
    return { wasm: readFileSync(module), glue, types };
  } finally {
    remove();
  }
}

/**
 * Lets what only panics call trap at once, so that wasm-opt removes what led there. Whoever formats
 * something else, in Rust for the module, finds that it traps too: `concat` of src/encoding/text.rs
 * is smaller anyway.
 *
 * @param {Buffer} wasm with the names of its functions
 */
async function withoutWordsInPanics(wasm) {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.readBinary(wasm);
  const indices = Array.from({ length: module.getNumFunctions() }, (_, index) => index);
  const functions = indices.map((index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  const silenced = functions.filter(({ name }) => OF_RUST.test(name) && PANIC.test(name));
  if (silenced.length < 10)
    throw new Stop("Rust has renamed what panics: adapt PANIC in scripts/build/build.js");
  /** @type {(what: typeof functions, body: () => number) => void} */
  const replace = (what, body) => {
    for (const { name, params, results } of what) {
      module.removeFunction(name);
      module.addFunction(name, params, results, [], body());
    }
  };
  replace(silenced, () => module.unreachable());
  replace(
    functions.filter(({ name }) => UNREAD.test(name)),
    () => module.nop(),
  );
  return withoutTexts(Buffer.from(module.emitBinary()));
}

/**
 * What panics would say, where in which file, and what with, stays in the data when nobody reads it
 * any more: blank, at its place, it costs nothing.
 *
 * @param {Buffer} wasm
 */
function withoutTexts(wasm) {
  const blank = (/** @type {string} */ text) => "\0".repeat(text.length);
  return Buffer.from(
    wasm.toString("latin1").replaceAll(FILES, blank).replaceAll(WORDS, blank),
    "latin1",
  );
}

/** @type {(folder: string, header: string) => boolean} */
function isUpToDate(folder, header) {
  const paths = WRITTEN.map((name) => join(folder, name));
  return paths.every(
    (path) =>
      existsSync(path) && (path.endsWith(WASM) || readFileSync(path, "utf8").startsWith(header)),
  );
}

/**
 * Leaves it to the entries of the package where the module comes from, so that one glue serves all
 * of them.
 *
 * @param {string} glue of wasm-bindgen's target `module`, which imports the module and makes its
 *   instance at once
 */
function instantiatedLater(glue) {
  const typed = replaceOnce(
    glue,
    '@ts-self-types="./edge_credentials.d.ts"',
    '@ts-self-types="./glue.d.ts"',
  );
  const imported = replaceOnce(typed, `import source wasmModule from "./${WASM}";`, INSTANTIATE);
  const later = replaceOnce(imported, AT_ONCE, "let wasmInstance, wasm;\n");
  return UNUSED.reduce(
    (text, unused) => replaceOnce(text, unused, ""),
    replaceOnce(later, GUARD, "function __wbg_call_guard() {}\n"),
  );
}

/** @type {(text: string, from: string, to: string) => string} */
function replaceOnce(text, from, to) {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Stop(
      `wasm-bindgen's glue has \`${from}\` ${parts.length - 1} times, not once: adapt scripts/build/build.js`,
    );
  }
  return parts.join(to);
}

/**
 * The plain loop is on purpose: `Uint8Array.from(text, callback)` takes ten times as long, at every
 * cold start.
 *
 * @param {Buffer} wasm
 */
function bytesModule(wasm) {
  return `
/** @param {string} base64 */
function decode(base64) {
  // @ts-ignore: newer than what TypeScript is told to know
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  // @ts-ignore: Node's, where the one above is missing; in a tenth of the time
  if (globalThis.Buffer) return globalThis.Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export default new WebAssembly.Module(decode("${wasm.toString("base64")}"));
`;
}

/** @param {string[]} paths */
function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

runIfMain(import.meta, async () => {
  const trap = process.argv.includes("--trap");
  await build({ trap });
  if (!trap) await printSizes();
});

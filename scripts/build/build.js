// @ts-check
// Builds pkg/dist, which is all that npm ships, in this order:
//   1. cargo compiles the crate to WebAssembly, and beside it the program that binds (scripts/bind);
//      npm installs the packages meanwhile, if they are missing;
//   2. the program that binds writes pkg/dist/wasm: the module and its glue, as wasm-bindgen makes
//      them; the module is written once more, as text;
//   3. esbuild writes pkg/dist/esm, a file an entry and one that they share;
//   4. tsc writes pkg/dist/types, and esbuild pkg/dist/cjs and pkg/dist/cli; the licences of the
//      crates in the module are written beside them.
// With --trap: 1 and 2 alone, with an export that traps, into target/trap.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ask, root, run, runIfMain, Stop, temporaryFolder } from "../run.js";
import { providePackages, provideRust } from "../setup/setup.js";
import { writeBundled } from "./bundled.js";
import { writeCli } from "./cli.js";
import { writeCommonJs } from "./commonjs.js";
import { writeLicenses } from "./licenses.js";
import { printSizes } from "./sizes.js";
import { writeTypes } from "./types.js";
import { writeIfChanged } from "./written.js";

const MODULE = "edge_credentials_bg.wasm";
// With the `rlib` of Cargo.toml beside it, cargo leaves out the link-time optimisation.
const COMPILE = [
  "rustc",
  "--lib",
  "--crate-type=cdylib",
  "--locked",
  "--no-default-features",
  "--target=wasm32-unknown-unknown",
];
const BINDER = ["build", "--package=edge-credentials-bind", "--locked", "--profile=bind"];

export const SHIPPED = { profile: "release", features: "npm", folder: "pkg/dist/wasm" };
const TRAP = { profile: "trap", features: "test-trap", folder: "target/trap" };

/**
 * @param {{ trap?: boolean; types?: boolean }} [options] `types`: also the types, the CommonJS
 *   twin, the commands and the licences, which the demo does without
 */
export async function build({ trap = false, types = true } = {}) {
  const kind = trap ? TRAP : SHIPPED;
  takeBackFromWasmPack();
  await provideRust();
  await Promise.all([providePackages(), compile(kind), run("cargo", BINDER)]);
  writeIfChanged(join(root, kind.folder), await bind(kind));
  if (trap) return;

  await writeBundled();
  if (!types) return;

  await writeTypes();
  await writeCommonJs();
  await writeCli();
  writeLicenses();
}

/**
 * What a bare `wasm-pack build` wrote for its own package makes bundlers leave out our entries' one
 * statement (`sideEffects`), and hides new files from git.
 */
export function takeBackFromWasmPack() {
  for (const name of ["package.json", ".gitignore"])
    rmSync(join(root, "pkg", name), { force: true });
}

/** @param {typeof SHIPPED} kind */
async function compile({ profile, features }) {
  // Panics name source files: without this the module would name the builder's home folder.
  const sources = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry/src");
  // Inlines what is shorter than its call: 5 % less of the module, and calls take as long.
  const inlining = "-Cllvm-args=--inline-threshold=5";
  const flags = JSON.stringify([`--remap-path-prefix=${sources}=`, inlining]);
  const setting = `target.wasm32-unknown-unknown.rustflags=${flags}`;
  const options = [`--features=${features}`, `--profile=${profile}`, "--config", setting];
  await run("cargo", [...COMPILE, ...options]);
}

/**
 * @param {typeof SHIPPED} kind
 * @returns {Promise<Map<string, Buffer>>} the files by name
 */
export async function bind({ profile }) {
  const target = targetFolder();
  const module = join(target, "wasm32-unknown-unknown", profile, "edge_credentials.wasm");
  const { path: work, remove } = temporaryFolder("bind");
  try {
    await run(join(target, "bind/edge-credentials-bind"), [module, work]);
    const files = new Map(readdirSync(work).map((name) => [name, readFileSync(join(work, name))]));
    const text = files.get(MODULE)?.toString("base64");
    files.set("base64.js", Buffer.from(`// The module as text.\nexport default "${text}";\n`));
    files.set(
      "base64.d.ts",
      Buffer.from("declare const base64: string;\nexport default base64;\n"),
    );
    return files;
  } finally {
    remove();
  }
}

/** CARGO_TARGET_DIR and configuration files may move it. */
function targetFolder() {
  const metadata = ask("cargo", "metadata", "--no-deps", "--offline", "--format-version=1");
  if (!metadata) throw new Stop("`cargo metadata` failed: run it to see why");
  return JSON.parse(metadata).target_directory;
}

runIfMain(import.meta, async () => {
  const trap = process.argv.includes("--trap");
  await build({ trap });
  if (!trap) await printSizes();
});

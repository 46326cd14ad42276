// @ts-check
// Programs that are neither npm packages of ours nor parts of Rust: the one on PATH if it will do,
// else one in a per-user cache, installed on first use.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { ask, root, run, Stop } from "../run.js";

const WASM_PACK = "0.15.1";
const CARGO_DENY = "0.20.2";

// npm's own retries take 75 s to find that there is no network.
export const NPM_OPTIONS = ["--no-audit", "--no-fund", "--fetch-retries=1"];

/** For `wasm-pack test`: the `wasm-bindgen` CLI, which must have the very version of the crate. */
export async function provideWasmBindgen() {
  const locked = lockedWasmBindgen();
  if (versionOf("wasm-bindgen") === locked) return;
  await provideByCargo("wasm-bindgen", "wasm-bindgen-cli", locked);
}

export function lockedWasmBindgen() {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  const locked = /^name = "wasm-bindgen"\nversion = "([\d.]+)"/m.exec(lock)?.[1];
  if (!locked) throw new Stop("Cargo.lock has no wasm-bindgen: run `cargo generate-lockfile`");
  return locked;
}

export async function provideWasmPack() {
  if (!atLeast(versionOf("wasm-pack"), "0.13.0"))
    await provideByCargo("wasm-pack", "wasm-pack", WASM_PACK);
}

export async function provideCargoDeny() {
  if (!atLeast(versionOf("cargo-deny"), "0.18.0"))
    await provideByCargo("cargo-deny", "cargo-deny", CARGO_DENY);
}

/** @param {string} folder */
export function prependToPath(folder) {
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
}

/**
 * @param {string | null} version
 * @param {string} least
 */
export function atLeast(version, least) {
  return version !== null && version.localeCompare(least, "en", { numeric: true }) >= 0;
}

/** @param {string} program */
export function versionOf(program) {
  return /\d+\.\d+\.\d+/.exec(ask(program, "--version") ?? "")?.[0] ?? null;
}

/** @type {(program: string, crate: string, version: string) => Promise<void>} */
async function provideByCargo(program, crate, version) {
  const folder = cached(`${program}-${version}`);
  prependToPath(join(folder, "bin"));
  if (versionOf(program) === version) return;

  console.log(`setup: building ${crate} ${version} into ${folder} (2 to 5 minutes)`);
  // What is set for this crate's builds must not steer the build of a tool.
  const env = { ...process.env };
  for (const name of ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS"]) delete env[name];
  const failure = offline(`${crate} ${version}`, "cargo");
  const args = ["install", "--quiet", crate, "--version", version, "--root", folder];
  await run("cargo", args, { env, tick: `setup: still building ${crate}`, failure });
}

/**
 * Installs a package of npm into a folder of its own, unless it is there.
 *
 * @type {(folder: string, name: string, version: string) => Promise<void>}
 */
export async function provideByNpm(folder, name, version) {
  if (existsSync(join(folder, "node_modules", name, "package.json"))) return;

  mkdirSync(folder, { recursive: true });
  const what = `${name} ${version}`;
  console.log(`setup: installing ${what} into ${folder} (about 20 seconds)`);
  const args = ["install", "--prefix", folder, "--no-save", "--no-package-lock", ...NPM_OPTIONS];
  await run("npm", [...args, `${name}@${version}`], {
    tick: `setup: still installing ${what}`,
    failure: offline(what, "npm"),
  });
}

/** @type {(what: string, tool: string) => string} */
export function offline(what, tool) {
  return (
    `could not install ${what}: ${tool} says why above; ` +
    "without a network connection, connect once and run this again"
  );
}

/**
 * A folder that outlives the clone.
 *
 * @param {string} name
 */
export function cached(name) {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "edge-credentials", name);
}

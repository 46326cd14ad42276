// @ts-check
// Installs what a build or a test needs and is missing. Runs before node_modules exists: Node
// built-ins only.
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { provideAppTools } from "./apps.js";
import { provideBrowsers, provideRedis } from "./programs.js";
import { provideNodes } from "./nodes.js";
import { ask, root, run, runIfMain, Stop } from "../run.js";
import {
  atLeast,
  NPM_OPTIONS,
  offline,
  prependToPath,
  provideCargoDeny,
  provideWasmBindgen,
  provideWasmPack,
  versionOf,
} from "./tools.js";

/** The first whose `util.styleText` knows terminals. */
const LEAST_NODE = "20.18.0";

/**
 * Afterwards the programs are on this process's PATH, and so on that of its children.
 *
 * @param {{ tests?: boolean; slow?: boolean }} [options] `tests`: also what `npm test` needs beyond
 *   a build; `slow`: also what `npm run test:slow` needs
 */
export async function setUp({ tests = false, slow = false } = {}) {
  await provideRust();
  await providePackages();
  if (tests) await provideTestTools();
  if (!slow) return;
  await provideNodes();
  await provideRedis();
  // One waits for the network, the other for the processor.
  await Promise.all([provideAppTools(), provideCargoDeny()]);
}

/** What a build needs beside the packages of npm, which are installed while cargo compiles. */
export async function provideRust() {
  checkNode();
  checkRust();
  await provideTarget("wasm32-unknown-unknown");
  await provideCrates();
}

async function provideTestTools() {
  await provideTarget("wasm32-wasip1");
  await provideComponents();
  await provideBrowsers();
  await provideWasmBindgen();
  await provideWasmPack();
}

function checkNode() {
  const { node } = process.versions;
  if (atLeast(node, LEAST_NODE)) return;
  throw new Stop(
    `node ${node} is too old: install Node ${LEAST_NODE} or later from https://nodejs.org`,
  );
}

function checkRust() {
  if (!ask("cargo", "--version"))
    prependToPath(join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "bin"));

  const manifest = readFileSync(join(root, "Cargo.toml"), "utf8");
  const least = /^rust-version = "([\d.]+)"/m.exec(manifest)?.[1] ?? "0";
  const version = versionOf("cargo") && versionOf("rustc");
  if (!version && versionOf("rustup"))
    throw new Stop("rustup has no toolchain: run `rustup default stable`");
  if (!version)
    throw new Stop(
      "cargo is missing: install Rust with rustup from https://rustup.rs and run this again",
    );
  if (!atLeast(version, least))
    throw new Stop(`rust ${version} is too old: this needs ${least}, run \`rustup update stable\``);
}

export async function providePackages() {
  const installed = join(root, "node_modules/.package-lock.json");
  const locked = statSync(join(root, "package-lock.json"));
  if (existsSync(installed) && statSync(installed).mtimeMs >= locked.mtimeMs) return;

  console.log("setup: installing npm packages (350 MB, up to a minute)");
  const args = ["ci", ...NPM_OPTIONS];
  await run("npm", args, {
    tick: "setup: still installing npm packages",
    failure: offline("the npm packages", "npm"),
  });
}

/** @param {string} target */
async function provideTarget(target) {
  const sysroot = ask("rustc", "--print", "sysroot") ?? "";
  if (existsSync(join(sysroot, "lib/rustlib", target))) return;
  console.log(`setup: adding Rust's ${target} target (about 20 seconds)`);
  await rustup("target", target);
}

/** What cargo would fetch in the middle of a build; 0.1 s when everything is there. */
async function provideCrates() {
  const host = /^host: (\S+)$/m.exec(ask("rustc", "-vV") ?? "")?.[1];
  const args = ["fetch", "--locked", "--target", "wasm32-unknown-unknown"];
  if (host) args.push("--target", host);
  await run("cargo", args, { failure: offline("the crates", "cargo") });
}

async function provideComponents() {
  const programs = { rustfmt: "cargo-fmt", clippy: "cargo-clippy" };
  for (const [component, program] of Object.entries(programs)) {
    if (ask(program, "--version")) continue;
    console.log(`setup: adding Rust's ${component} (about 10 seconds)`);
    await rustup("component", component);
  }
}

/** @type {(kind: string, name: string) => Promise<unknown>} */
function rustup(kind, name) {
  if (!versionOf("rustup"))
    throw new Stop(
      `rust's ${name} is missing and there is no rustup to add it: ` +
        "install it as your system's package",
    );
  return run("rustup", [kind, "add", name], { failure: offline(`rust's ${name}`, "rustup") });
}

runIfMain(import.meta, () => setUp({ tests: process.argv.includes("--tests") }));

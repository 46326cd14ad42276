// @ts-check
// Prepares target/apps: the small apps of tests/apps with the tools of users, and the package as `npm pack` makes it.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, runIfMain, Stop } from "./run.js";
import { NPM_OPTIONS, offline } from "./tools.js";

const { platform, arch } = process;
export const apps = join(root, "target/apps");

const SOURCES = join(root, "tests/apps");
const SHARED = ["package.json", "package-lock.json", "use.js"];
const MODULES = join(apps, "node_modules");
const INSTALLED = join(MODULES, ".installed-lock.json");

/** Installs the tools, if what is pinned has changed. */
export async function provideAppTools() {
  const lock = readFileSync(join(SOURCES, "package-lock.json"), "utf8");
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, "utf8") === lock) return;
  console.log("setup: installing the bundlers and runtimes of the tests (850 MB, up to a minute)");
  mkdirSync(apps, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) cpSync(join(SOURCES, name), join(apps, name));
  // Below errors npm only says which tools want a newer Node; they get one in nodes.js.
  const args = ["ci", "--prefix", apps, ...NPM_OPTIONS, "--loglevel=error"];
  await run("npm", args, { tick: "setup: still installing bundlers and runtimes", failure: offline("the tools of the tests", "npm") });
  writeFileSync(INSTALLED, lock);
}

/** Lays the apps and the packed package afresh. */
export async function prepareApps() {
  await provideAppTools();
  for (const name of readdirSync(apps)) if (name !== "node_modules") rmSync(join(apps, name), { recursive: true });
  // Vite keeps what it made of packages, and does not see that one has changed under the same version.
  rmSync(join(MODULES, ".vite"), { recursive: true, force: true });
  const sources = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory() || SHARED.includes(entry.name));
  for (const { name } of sources) cpSync(join(SOURCES, name), join(apps, name), { recursive: true });
  cpSync(join(root, "tests/js/suite"), join(apps, "suite"), { recursive: true });
  for (const name of ["worker.js", "wrangler.toml"]) cpSync(join(root, "www", name), join(apps, "wrangler", name));
  await installPackage();
}

/** The packages `bun` and `deno` would fetch their program at install time; it comes in packages of its own. */
export function bunProgram() {
  return join(MODULES, `@oven/bun-${platform === "win32" ? "windows" : platform}-${arch === "arm64" ? "aarch64" : arch}/bin/bun`);
}

export function denoProgram() {
  return join(MODULES, `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}/deno`);
}

async function installPackage() {
  if (!existsSync(join(root, "pkg/wasm"))) throw new Stop("the package is not built: run `npm run build`");
  const folder = join(MODULES, "edge-credentials");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const packed = JSON.parse(await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", apps], { stdout: "return" }));
  const { status, stderr } = spawnSync("tar", ["-xzf", packed[0].filename, "-C", folder, "--strip-components=1"], { cwd: apps, encoding: "utf8" });
  if (status !== 0) throw new Stop(`tar could not unpack the package: ${stderr}`);
}

runIfMain(import.meta, prepareApps);

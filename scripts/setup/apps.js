// @ts-check
// Prepares target/apps: the small apps of tests/apps with the tools of users, and the package as
// `npm pack` makes it.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root, run, runIfMain, Stop } from "../run.js";
import { NPM_OPTIONS, offline } from "./tools.js";

const { platform, arch } = process;
export const apps = join(root, "target/apps");

const SOURCES = join(root, "tests/apps");
const SHARED = ["package.json", "package-lock.json", "tokens.js", "use.js"];
const MODULES = join(apps, "node_modules");
/** The apps with tools of their own: older ones, many, or with another wrangler. */
const OWN_TOOLS = {
  fleet: "the clients of Redis (20 MB, some seconds)",
  mcp: "the SDKs of MCP (140 MB, half a minute)",
  "next-14": "Next 14 (240 MB, half a minute)",
  "next-15": "Next 15 (300 MB, half a minute)",
  frameworks: "Astro, SvelteKit, Nitro and Nuxt (600 MB, a minute)",
  "vitest-plugin": "vitest in workerd (275 MB, half a minute)",
  recipes: "the servers and SDKs of docs/recipes (130 MB, a quarter of a minute)",
};

/** Installs the tools, if what is pinned has changed. */
export async function provideAppTools() {
  await provideToolsOf(".", "the bundlers and runtimes of the tests (850 MB, up to a minute)");
  for (const [app, what] of Object.entries(OWN_TOOLS)) await provideToolsOf(app, what);
}

/** @type {(app: string, what: string) => Promise<void>} */
async function provideToolsOf(app, what) {
  const source = join(SOURCES, app);
  const target = join(apps, app);
  const installed = join(target, "node_modules/.installed-lock.json");
  const lock = readFileSync(join(source, "package-lock.json"), "utf8");
  if (existsSync(installed) && readFileSync(installed, "utf8") === lock) return;

  console.log(`setup: installing ${what}`);
  mkdirSync(target, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    cpSync(join(source, name), join(target, name));

  // Below errors npm only says which tools want a newer Node; they get one in nodes.js.
  const args = ["ci", "--prefix", target, ...NPM_OPTIONS, "--loglevel=error"];
  await run("npm", args, {
    tick: "setup: still installing bundlers and runtimes",
    failure: offline("the tools of the tests", "npm"),
  });
  writeFileSync(installed, lock);
}

/** Lays the apps and the packed package afresh. */
export async function prepareApps() {
  await provideAppTools();
  clear(apps, ["node_modules", ...Object.keys(OWN_TOOLS)]);
  for (const app of Object.keys(OWN_TOOLS)) clear(join(apps, app), ["node_modules"]);
  // Vite keeps what it made of packages, and does not see that one has changed under the same
  // version.
  rmSync(join(MODULES, ".vite"), { recursive: true, force: true });

  const sources = readdirSync(SOURCES, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() || SHARED.includes(entry.name),
  );
  for (const { name } of sources)
    cpSync(join(SOURCES, name), join(apps, name), { recursive: true });
  // What all versions of Next have in common.
  for (const name of ["next", "next-14", "next-15"])
    cpSync(join(SOURCES, "next-shared"), join(apps, name), { recursive: true });
  cpSync(join(root, "tests/js/suite"), join(apps, "suite"), { recursive: true });
  for (const name of ["worker.js", "wrangler.toml"])
    cpSync(join(root, "www", name), join(apps, "wrangler", name));
  await installPackage();
}

/** @type {(folder: string, kept: string[]) => void} */
function clear(folder, kept) {
  for (const name of readdirSync(folder))
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true });
}

/**
 * The packages `bun` and `deno` would fetch their program at install time; it comes in packages of
 * its own.
 */
export function bunProgram() {
  const system = platform === "win32" ? "windows" : platform;
  const processor = arch === "arm64" ? "aarch64" : arch;
  return join(MODULES, `@oven/bun-${system}-${processor}/bin/bun`);
}

export function denoProgram() {
  return join(MODULES, `@deno/${platform}-${arch}${platform === "linux" ? "-glibc" : ""}/deno`);
}

async function installPackage() {
  if (!existsSync(join(root, "pkg/dist/wasm")))
    throw new Stop("the package is not built: run `npm run build`");
  const folder = join(MODULES, "edge-credentials");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);

  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", apps];
  const [{ filename }] = JSON.parse(await run("npm", pack, { stdout: "return" }));
  const unpack = ["-xzf", filename, "-C", folder, "--strip-components=1"];
  const { status, stderr } = spawnSync("tar", unpack, { cwd: apps, encoding: "utf8" });
  if (status !== 0) throw new Stop(`tar could not unpack the package: ${stderr}`);
}

runIfMain(import.meta, prepareApps);

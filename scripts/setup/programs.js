// @ts-check
// The system's programs that tests run: the browser, the driver that wasm-pack steers it by, and
// Redis. Those named in the environment, those on PATH, or on Debian the system's packages.
// Built-ins only, as all of the set-up.
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ask, run, runIfMain, Stop } from "../run.js";
import { offline } from "./tools.js";

const PROGRAMS = {
  chromium: {
    variable: "CHROMIUM",
    // The headless shell first: the same engine without a browser's window starts in half the time.
    names: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"],
    aptPackage: "chromium-headless-shell",
  },
  chromedriver: {
    variable: "CHROMEDRIVER",
    names: ["chromedriver"],
    aptPackage: "chromium-driver",
  },
  redis: {
    variable: "REDIS_SERVER",
    names: ["redis-server"],
    aptPackage: "redis-server",
  },
};
const NONINTERACTIVE = { DEBIAN_FRONTEND: "noninteractive" };

/** How the tests start Chromium: it opens pages of this machine only, and calls nobody. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @typedef {keyof typeof PROGRAMS} Program */

export async function provideBrowsers() {
  await provide(["chromium", "chromedriver"], "400 MB, about a minute");
}

export async function provideRedis() {
  await provide(["redis"], "5 MB, some seconds");
}

/**
 * Installs what is missing where that can be done, and says what to do elsewhere.
 *
 * @param {Program[]} programs
 * @param {string} effort what it takes
 */
async function provide(programs, effort) {
  const findMissing = () => programs.filter((program) => !find(program));
  const missing = findMissing();
  if (missing.length === 0) return;
  if (!onPath("apt-get") || ask("id", "-u") !== "0") throw new Stop(remedy(missing));

  const names = missing.join(" and ");
  const packages = missing.map((program) => PROGRAMS[program].aptPackage);
  const options = /** @type {const} */ ({
    env: { ...process.env, ...NONINTERACTIVE },
    stdout: "return",
    tick: `setup: still installing ${names}`,
    failure: offline(names, "apt-get"),
  });
  console.log(`setup: installing ${names} by apt-get (${effort})`);
  await run("apt-get", ["update", "-qq"], options);
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
  await run("apt-get", install, options);

  const still = findMissing();
  if (still.length) throw new Stop(remedy(still));
}

/**
 * Where a program is; only after it was provided.
 *
 * @param {Program} program
 */
export function systemProgram(program) {
  const path = find(program);
  if (!path) throw new Stop(remedy([program]));
  return path;
}

/** @param {Program[]} missing */
function remedy(missing) {
  const names = missing.join(" and ");
  const verb = missing.length > 1 ? "are" : "is";
  const packages = missing.map((program) => PROGRAMS[program].aptPackage).join(" ");
  const variables = missing.map((program) => PROGRAMS[program].variable).join(" and ");
  return (
    `${names} ${verb} missing: on Debian run \`apt-get install ${packages}\` as root, ` +
    `elsewhere install ${missing.includes("redis") ? "Redis 7" : "Chrome or Chromium with its driver"} ` +
    `and set ${variables} to where they are`
  );
}

/** @param {Program} program */
function find(program) {
  const { variable, names } = PROGRAMS[program];
  const named = process.env[variable];
  if (named && !isProgram(named))
    throw new Stop(
      `${variable} is \`${named}\`, where there is no program: correct it or unset it`,
    );
  return named || names.map(onPath).find(Boolean);
}

/** @param {string} name */
function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

runIfMain(import.meta, provideBrowsers);

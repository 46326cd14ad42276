// @ts-check
// Servers that are Go modules.
import { existsSync } from "node:fs";
import { ask, run, Stop } from "../../../scripts/run.js";

/**
 * The folder of a module of the Go module proxy.
 *
 * @param {string} module with its version
 */
export async function goModule(module) {
  const answer = ask("go", "mod", "download", "-json", module);
  const { Dir: folder } = answer === null ? {} : JSON.parse(answer);
  if (!folder) throw new Stop(`the Go module ${module} cannot be downloaded`);
  return String(folder);
}

/**
 * Go itself knows what has changed since.
 *
 * @param {string} program
 * @param {string} folder
 * @param {string[]} [options]
 */
export async function goBuild(program, folder, options = []) {
  const tick = existsSync(program) ? undefined : `${program} is built, minutes at first`;
  const args = ["build", "-trimpath", "-buildvcs=false", ...options, "-o", program, "."];
  await run("go", args, { cwd: folder, tick });
}

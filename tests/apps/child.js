// @ts-check
// Runs the tools and runtimes of users in target/apps.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { apps } from "../../scripts/apps.js";

const packed = join(apps, "node_modules/edge-credentials/package.json");
if (!existsSync(packed)) throw new Error("the apps are not prepared: run `npm test -- apps`");

/** @typedef {{ code: number | string | null, stdout: string, stderr: string }} Outcome */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeout?: number }} [options] `cwd`: inside of target/apps
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { cwd = ".", env = {}, timeout = 120_000 } = {}) {
  return start(command, args, { cwd, env, timeout }).outcome;
}

/**
 * The same, for a program that goes on until it is stopped.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeout?: number }} [options]
 */
export function start(command, args, { cwd = ".", env = {}, timeout = 120_000 } = {}) {
  // Colours would get between the words, and a test runner's children would report to it.
  const { NODE_TEST_CONTEXT, FORCE_COLOR, ...inherited } = process.env;
  const child = spawn(command, args, { cwd: join(apps, cwd), env: { ...inherited, NO_COLOR: "1", ...env }, timeout, killSignal: "SIGKILL" });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (output.stderr += text));
  process.once("exit", () => child.kill("SIGKILL"));
  /** @type {Promise<Outcome>} */
  const outcome = new Promise((done, reject) => {
    child.on("error", reject).on("close", (code, signal) => done({ code: code ?? signal, ...output }));
  });
  /** @param {RegExp} what @returns {Promise<string>} what it matches in the output, as soon as it does */
  async function says(what) {
    for (;;) {
      const found = what.exec(output.stdout)?.[0];
      if (found) return found;
      const ended = await Promise.race([once(child.stdout, "data").then(() => undefined), outcome]);
      if (ended) throw new Error(`${command} ${args.join(" ")} ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
    }
  }
  return { outcome, output, says, stop: () => (child.kill("SIGKILL"), outcome) };
}

/** The version of a tool that is installed there. @param {string} name */
export function versionOf(name) {
  return JSON.parse(readFileSync(join(apps, "node_modules", name, "package.json"), "utf8")).version;
}

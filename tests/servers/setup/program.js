// @ts-check
// A server in a process of its own.
import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { root, Stop } from "../../../scripts/run.js";
import { setTimeout as wait } from "node:timers/promises";

const START = 300_000;
const GRACE = 15_000;

/**
 * @typedef {object} Started
 * @property {(line: string) => Promise<void>} say writes a line to its standard input, and waits
 *   until it prints `done`
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a program, and waits until an address answers.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ ready: string; log: string; env?: NodeJS.ProcessEnv; cwd?: string }} options `ready`:
 *   an address that answers 200 once it is up; `log`: the file that has what it prints
 * @returns {Promise<Started>}
 */
export async function startProgram(command, args, { ready, log, env = {}, cwd = root }) {
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, "");
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => appendFileSync(log, text));
  let end = "";
  child.on("error", (error) => (end = String(error)));
  child.on("exit", (code, signal) => (end = `it ended with ${code ?? signal}`));
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);

  async function stop() {
    process.off("exit", kill);
    if (end) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(kill, GRACE);
    await exit;
    clearTimeout(timer);
  }

  /** @param {string} line */
  async function say(line) {
    child.stdin.write(`${line}\n`);
    const signal = AbortSignal.timeout(GRACE);
    for await (const [text] of on(child.stdout, "data", { signal }))
      if (/^done$/m.test(String(text))) return;
  }

  const deadline = Date.now() + START;
  while (!(await answers(ready))) {
    if (!end && Date.now() < deadline) {
      await wait(250);
      continue;
    }
    await stop();
    const reason = end || `${ready} does not answer`;
    const tail = readFileSync(log, "utf8").split("\n").slice(-15).join("\n");
    throw new Stop(`\`${command}\` does not start: ${reason}\n${tail}`);
  }
  return { stop, say };
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

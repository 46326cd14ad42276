// @ts-check
// Starting other programs, and ending with one sentence when that fails.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** What shells say of a program that SIGPIPE ended. */
const BROKEN_PIPE = 141;

/** An expected failure: its message is for people and is printed without a stack. */
export class Stop extends Error {}

/**
 * Runs `main` when the module was started as a program, not when it was imported.
 *
 * @param {ImportMeta} meta
 * @param {() => Promise<unknown>} main
 */
export function runIfMain(meta, main) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(meta.url)) return;
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endWithReader);
  main().catch((error) => {
    console.error(error instanceof Stop ? `error: ${error.message}` : error);
    process.exitCode = 1;
  });
}

/**
 * Whoever reads the output may stop early, as `head` does. That ends a program like an interruption
 * does: quietly.
 *
 * @param {NodeJS.ErrnoException} error
 */
function endWithReader(error) {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? BROKEN_PIPE);
}

/**
 * What an exit in the middle of something would leave behind.
 *
 * @type {Set<() => void>}
 */
const leftovers = new Set();
process.on("exit", () => leftovers.forEach((remove) => remove()));

/**
 * A folder that is gone when the process is, however that ends.
 *
 * @param {string} name
 */
export function temporaryFolder(name) {
  const path = mkdtempSync(join(tmpdir(), `edge-credentials-${name}-`));
  const remove = () => {
    leftovers.delete(remove);
    rmSync(path, { recursive: true, force: true });
  };
  leftovers.add(remove);
  return { path, remove };
}

/**
 * Runs a program in the repository's top folder with its output on the terminal.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{
 *   env?: NodeJS.ProcessEnv;
 *   tick?: string;
 *   stdout?: "show" | "show and return" | "return";
 *   failure?: string;
 *   cwd?: string;
 * }} [options]
 *   `tick`: a line to repeat with the seconds gone while a quiet program works; `failure`: the
 *   sentence to stop with
 * @returns {Promise<string>} its standard output, unless that was only shown
 */
export async function run(
  command,
  args,
  { cwd = root, env = process.env, tick, stdout = "show", failure } = {},
) {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ["ignore", stdout === "show" ? "inherit" : "pipe", "inherit"],
  });
  const end = () => child.kill();
  leftovers.add(end);
  const stopTicking = tick ? startTicking(tick) : () => {};

  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output += text;
    if (stdout === "show and return") process.stdout.write(text);
  });

  try {
    const code = await new Promise((resolve, reject) => {
      child.on("error", reject).on("close", (code, signal) => resolve(code ?? signal));
    });
    if (code === 0) return output;
    throw new Stop(failure ?? `\`${[command, ...args].join(" ")}\` ended with ${code}`);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error;
    const remedy =
      command === "npm"
        ? "install Node together with npm from https://nodejs.org"
        : "run `node scripts/setup/setup.js`";
    throw new Stop(`\`${command}\` is not on PATH: ${remedy} and try again`);
  } finally {
    leftovers.delete(end);
    stopTicking();
  }
}

/** @param {string} line */
function startTicking(line) {
  const started = Date.now();
  const timer = setInterval(() => {
    console.log(`${line}, ${Math.round((Date.now() - started) / 1000)} s`);
  }, 10_000);
  return () => clearInterval(timer);
}

/**
 * Runs a program that an npm package brings.
 *
 * @param {string} program its path inside node_modules
 * @param {string[]} args
 */
export function runPackaged(program, args) {
  return run(process.execPath, [join(root, "node_modules", program), ...args]);
}

/**
 * What a program prints, or null when it is missing or fails.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function ask(command, ...args) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout.trim() : null;
}

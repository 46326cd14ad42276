// @ts-check
// Runs the tools and runtimes of users in target/apps.
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { freePort } from "../js/support/http/listen.js";

const home = join(apps, "home");
// Nobody's settings count, nothing is left in anybody's home, and nobody is called.
const ALONE = {
  HOME: home,
  XDG_CONFIG_HOME: home,
  XDG_CACHE_HOME: home,
  CI: "true",
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  // Node's test runner would take its children for tests, and colours would get between the words.
  NODE_TEST_CONTEXT: undefined,
  FORCE_COLOR: undefined,
};

const packed = join(apps, "node_modules/edge-credentials/package.json");
if (!existsSync(packed)) throw new Error("the apps are not prepared: run `npm test -- apps`");

// By itself a signal ends Node without its `exit` event, at which execa ends what still runs.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** @typedef {{ code: number | string | null; stdout: string; stderr: string }} Outcome */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string; env?: Record<string, string>; timeout?: number }} [options] `cwd`: inside
 *   of target/apps
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { cwd = ".", env = {}, timeout = 120_000 } = {}) {
  return start(command, args, { cwd, env, timeout }).outcome;
}

/**
 * The same, for a program that goes on until it is stopped. One that ends programs of its own gets
 * a `signal` that it hears.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{
 *   cwd?: string;
 *   env?: Record<string, string>;
 *   timeout?: number;
 *   signal?: NodeJS.Signals;
 * }} [options]
 */
export function start(command, args, options = {}) {
  const { cwd = ".", env = {}, timeout = 120_000, signal = "SIGKILL" } = options;
  mkdirSync(home, { recursive: true });
  const child = execa(command, args, {
    cwd: join(apps, cwd),
    env: { ...ALONE, ...env },
    timeout,
    killSignal: signal,
    reject: false,
    stripFinalNewline: false,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.stderr += text;
  });

  /** @type {Promise<Outcome>} */
  const outcome = child.then(({ exitCode, signal, stdout, stderr, cause }) => {
    if (exitCode === undefined && signal === undefined) throw cause;
    return { code: exitCode ?? signal ?? null, stdout, stderr };
  });

  /**
   * @param {RegExp} what
   * @returns {Promise<string>} what it matches in the output, as soon as it does
   */
  async function says(what) {
    for (;;) {
      const found = what.exec(output.stdout)?.[0];
      if (found) return found;

      const more = once(child.stdout, "data").then(() => undefined);
      const ended = await Promise.race([more, outcome]);
      if (!ended) continue;
      const { code, stdout, stderr } = ended;
      throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    }
  }

  function stop() {
    child.kill(signal);
    return outcome;
  }

  return { outcome, output, says, stop };
}

/**
 * Runs a program of target/apps/recipes that listens at PORT, until the test is over.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} file
 * @param {Record<string, string>} env
 */
export async function listening(t, file, env) {
  const PORT = String(await freePort());
  const { outcome, stop } = start(nodeProgram(22), [file], {
    cwd: "recipes",
    env: { ...env, PORT },
  });
  t.after(stop);
  const url = `http://127.0.0.1:${PORT}`;
  for (;;) {
    const isUp = wait(50).then(() => fetch(url).then(Boolean, () => false));
    const ended = await Promise.race([isUp, outcome]);
    if (ended === true) return url;
    if (ended) throw new Error(`${file} ended: ${JSON.stringify(ended)}`);
  }
}

/**
 * The version of a tool that is installed there.
 *
 * @param {string} name
 * @param {string} [app] with tools of its own
 */
export function versionOf(name, app = ".") {
  const file = join(apps, app, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}

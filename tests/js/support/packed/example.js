// @ts-check
// Runs an example as its README says: copied out, with the packed package, by two commands.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { root, temporaryFolder } from "../../../../scripts/run.js";

/** @typedef {{ code: number | null; output: string }} Outcome */
/**
 * @typedef {{ env?: Record<string, string>; node?: string; args?: string[] }} Options `node`: the
 *   program; `args`: of the script
 */

/**
 * @param {string} name of its folder
 * @param {string} tarball
 */
export function copyExample(name, tarball) {
  const { path, remove } = temporaryFolder(`example-${name}`);
  // Without what a person who tried it there left behind.
  const filter = (/** @type {string} */ source) =>
    !/node_modules|package-lock|\.dev\.vars$|\.wrangler|\.next|\.nuxt|\.output/.test(source);
  cpSync(join(root, "examples", name), path, { recursive: true, filter });

  return {
    path,
    remove,
    /** @param {...string} options of npm */
    install: (...options) =>
      npm(path, ["install", "--no-audit", "--no-fund", ...options, tarball], {}).ended,
    /** @type {(script: string, options?: Options) => ReturnType<typeof npm>} */
    run: (script, options = {}) =>
      npm(path, ["run", script, "--", ...(options.args ?? [])], options),
  };
}

/**
 * @type {(
 *   cwd: string,
 *   args: string[],
 *   options: Options,
 * ) => {
 *   ended: Promise<Outcome>;
 *   says: (what: RegExp) => Promise<string>;
 *   stop: () => Promise<Outcome>;
 * }}
 */
function npm(cwd, args, { env = {}, node }) {
  const inherited = { ...process.env, NO_COLOR: "1" };
  // Node's test runner would take it for one of its own, and npm runs in npm's environment.
  for (const name of Object.keys(inherited))
    if (/^npm_|^NODE_TEST_CONTEXT$|^FORCE_COLOR$|^NODE_OPTIONS$/i.test(name))
      Reflect.deleteProperty(inherited, name);
  const path = node ? `${join(node, "..")}:${process.env.PATH}` : process.env.PATH;
  // A group of its own: npm does not pass signals on to what it started.
  const child = spawn("npm", args, {
    cwd,
    env: { ...inherited, PATH: path, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  /** @type {Promise<Outcome>} */
  const ended = once(child, "close").then(([code]) => ({ code, output }));

  const end = () => {
    try {
      process.kill(-Number(child.pid), "SIGKILL");
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== "ESRCH") throw error; // Ended by itself.
    }
  };
  process.once("exit", end);

  return {
    ended,
    async says(what) {
      for (;;) {
        const found = what.exec(output)?.[0];
        if (found) return found;
        const outcome = await Promise.race([setTimeout(50), ended]);
        if (outcome) throw new Error(`npm ${args.join(" ")} ended:\n${outcome.output}`);
      }
    },
    async stop() {
      end();
      return ended;
    },
  };
}

// @ts-check
// Runs a program, and ends it with all that it started if it stands still.
import { root } from "./run.js";

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv; limit: number }} options `limit`: ms
 * @returns {Promise<{ passed: boolean; output: string }>} its standard output and standard error
 */
export async function runWithin(program, args, { env, limit }) {
  const { execa } = await import("execa");
  // A group of its own: a program that stands still hears no signal but this one, nor does it pass
  // one on.
  const running = execa(program, args, {
    cwd: root,
    env,
    all: true,
    detached: true,
    reject: false,
    stdin: "ignore",
  });
  let isLate = false;
  const end = () => endGroup(running.pid);
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, limit);
  process.on("exit", end);

  const { all, exitCode } = await running;
  clearTimeout(timer);
  process.off("exit", end);
  if (exitCode === 0 && !isLate) return { passed: true, output: `${all}\n` };
  const ended = isLate
    ? `stood still: it was ended after ${limit / 60_000} minutes`
    : `ended with ${exitCode ?? "a signal"}`;
  const command = [program, ...args].join(" ");
  return { passed: false, output: `${all}\nerror: \`${command}\` ${ended}\n` };
}

/** @param {number | undefined} leader */
function endGroup(leader) {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    // Whatever has ended by itself.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

// @ts-check
// `wrangler dev`, on a free port of loopback.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";

/** How long it may take until it says what is expected, ms. */
const PATIENCE = 60_000;

const WRANGLER = join(apps, "node_modules/wrangler/bin/wrangler.js");

/**
 * @param {object} options
 * @param {string} options.cwd with a wrangler.toml
 * @param {string[]} [options.args]
 * @param {RegExp} [options.until] what it says, by default that it listens
 */
export async function startWrangler({ cwd, args = [], until = /Ready on (http:\S+)/ }) {
  const all = [WRANGLER, "dev", ...args, "--port=0", "--ip=127.0.0.1", "--inspector-port=0"];
  const child = spawn(nodeProgram(22), all, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" },
  });
  const exited = new Promise((done) => child.once("close", done));
  let said = "";
  /** @type {Promise<RegExpExecArray>} */
  const found = new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`wrangler did not say ${until}:\n${said}`));
    const timer = setTimeout(fail, PATIENCE);
    exited.then(fail);
    child.once("error", reject);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        said += text;
        const match = until.exec(said);
        if (!match) return;
        clearTimeout(timer);
        resolve(match);
      });
  });
  async function stop() {
    child.kill();
    await exited;
  }
  try {
    const [, url = ""] = await found;
    return { url, stop, said: () => said };
  } catch (error) {
    await stop();
    throw error;
  }
}

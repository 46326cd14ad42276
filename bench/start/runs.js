// @ts-check
// Starts one process after the other, of all clients in turn, and takes the times.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execaSync } from "execa";
import { root, Stop, temporaryFolder } from "../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../scripts/workerd/workerd.js";
import { CLIENT, ENDPOINT, SCOPE, TOKEN } from "../support/stub.js";

/** What an empty module costs is subtracted. */
export const CLIENTS = /** @type {const} */ (["pair", "source", "oauth4webapi", "empty"]);

/** @typedef {(typeof CLIENTS)[number]} Client */
/** @typedef {{ name: string; program: string; args: string[] }} Runtime */
/** @typedef {Record<Client, number[]>} Times ns, by round */
/**
 * @typedef {{ folder: string; rounds: number; warmUp: number }} Rounds `warmUp`: those that do not
 *   count, since they find nothing in the file system's memory
 */

/** A folder with both packages in it, as they are installed. */
export function installed() {
  const { path: folder, remove } = temporaryFolder("start");
  for (const part of ["start", "support/stub.js"])
    cpSync(join(root, "bench", part), join(folder, part), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const ours = join(folder, "node_modules/edge-credentials");
  mkdirSync(ours, { recursive: true });
  for (const part of ["package.json", "pkg"])
    cpSync(join(root, part), join(ours, part), { recursive: true });
  cpSync(join(root, "node_modules/oauth4webapi"), join(folder, "node_modules/oauth4webapi"), {
    recursive: true,
  });
  return { folder, remove };
}

/**
 * By the process's own clock.
 *
 * @param {Runtime} runtime
 * @param {Rounds} options
 */
export function processTimes({ program, args, name }, { folder, rounds, warmUp }) {
  // Deno keeps compiled code there, for the process after this one.
  const env = { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
  return inTurn({ rounds, warmUp }, async (client) => {
    const child = [...args, join(folder, "start/child.js"), client];
    const { failed, exitCode, stdout, stderr } = execaSync(program, child, {
      cwd: folder,
      env,
      reject: false,
    });
    if (failed) throw new Stop(`${client} in ${name} ended with ${exitCode}: ${stderr}`);
    const { time, request } = JSON.parse(stdout);
    check(client, request);
    return time * 1e6;
  });
}

/**
 * From the start of workerd to the first answer, in which the token is: what the main thread took
 * of the CPU where the system says so, which other programs do not disturb, and else the time.
 *
 * @param {Rounds} options
 */
export async function workerdTimes({ folder, rounds, warmUp }) {
  /** @type {Partial<Record<Client, import("../../scripts/workerd/workerd.js").WorkerModule[]>>} */
  const workers = {};
  for (const client of CLIENTS) {
    const entry = join(folder, `${client}-worker.js`);
    writeFileSync(entry, workerText(client));
    workers[client] = await bundleWorker({ entry, outdir: join(folder, "workers", client) });
  }
  return inTurn({ rounds, warmUp }, async (client) => {
    const { url, pid, startedAt, stop } = await startWorkerd({ modules: workers[client] ?? [] });
    try {
      const response = await fetch(url);
      const { token, request } = /** @type {any} */ (await response.json());
      const time = mainThreadOf(pid) ?? (performance.now() - startedAt) * 1e6;
      check(client, request);
      if (client !== "empty" && token !== TOKEN)
        throw new Stop(`${client} gave another token in workerd: ${token}`);
      return time;
    } finally {
      await stop();
    }
  });
}

/**
 * How long a process's main thread was on a CPU, ns (Linux' scheduler counts it); `undefined` on
 * other systems.
 *
 * @param {number} pid
 */
function mainThreadOf(pid) {
  if (process.platform !== "linux") return undefined;
  const [onCpu] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
  return Number(onCpu);
}

/** @param {Client} client */
function workerText(client) {
  return `import { getToken } from "./start/${client}.js";
import { serve } from "./start/worker.js";
export default serve(getToken);
`;
}

/**
 * @type {(
 *   options: Omit<Rounds, "folder">,
 *   timeOf: (client: Client) => Promise<number>,
 * ) => Promise<Times>}
 */
async function inTurn({ rounds, warmUp }, timeOf) {
  /** @type {Times} */
  const times = { pair: [], source: [], oauth4webapi: [], empty: [] };
  for (let round = -warmUp; round < rounds; round++) {
    // Each round starts with another client, so that none always follows the same one.
    for (let i = 0; i < CLIENTS.length; i++) {
      const client = CLIENTS[(round + warmUp + i) % CLIENTS.length];
      const time = await timeOf(client);
      if (round >= 0) times[client].push(time);
    }
  }
  return times;
}

/**
 * All must have built the same request, but for how much of the credentials they escape.
 *
 * @type {(client: Client, request: any) => void}
 */
function check(client, { url, method, headers, body }) {
  if (client === "empty") return;
  const [scheme, encoded = ""] = (new Headers(headers).get("authorization") ?? "").split(" ");
  const sent = [
    url,
    method,
    scheme,
    decodeURIComponent(atob(encoded)),
    Object.fromEntries(new URLSearchParams(body)),
  ];
  const wanted = [
    ENDPOINT,
    "POST",
    "Basic",
    `${CLIENT.clientId}:${CLIENT.clientSecret}`,
    { grant_type: "client_credentials", scope: SCOPE.join(" ") },
  ];
  if (!isDeepStrictEqual(sent, wanted))
    throw new Stop(
      `${client} built another request: ${JSON.stringify({ url, method, headers, body })}`,
    );
}

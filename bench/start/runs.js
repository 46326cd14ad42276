// @ts-check
// Starts one process after the other, of all clients in turn, and takes the times.

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execaSync } from "execa";
import { root, Stop, temporaryFolder } from "../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../scripts/workerd/workerd.js";
import { CLIENT, ENDPOINT, SCOPE } from "../support/stub.js";

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
 * From the start of workerd to the first answer, in which the first request is.
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
    const { url, startedAt, stop } = await startWorkerd({ modules: workers[client] ?? [] });
    const request = await (await fetch(url)).json();
    const time = performance.now() - startedAt;
    await stop();
    check(client, request);
    return time * 1e6;
  });
}

/** @param {Client} client */
function workerText(client) {
  const options = JSON.stringify({ ...CLIENT, tokenEndpoint: ENDPOINT, scope: SCOPE });
  return `import { build } from "./start/${client}.js";
export default { fetch: async () => Response.json(await build(${options})) };
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

// @ts-check
// A fleet: isolates of one workerd that call the objects of another of its services by RPC.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorker, COMPATIBILITY_DATES, serve } from "../../../scripts/workerd/workerd.js";

const compatibilityDate = COMPATIBILITY_DATES[1];

const CLASSES = ["Tokens", "Later", "Warm", "Wrong", "Thrower", "Other"];

/**
 * @param {{ isolates: number; bindings: Record<string, string> }} options `bindings`: of the object
 *   alone
 */
export async function startFleet({ isolates, bindings }) {
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-fleet-"));
  // In memory, workerd forgets an object that is evicted.
  const remove = () => rmSync(outdir, { recursive: true });
  const disk = join(outdir, "disk");
  mkdirSync(disk);
  const bundle = (/** @type {string} */ name) =>
    bundleWorker({
      entry: fileURLToPath(new URL(`../cloudflare/fleet/${name}.js`, import.meta.url)),
      outdir: join(outdir, name),
    });
  try {
    const parts = { broker: await bundle("broker"), isolate: await bundle("isolate") };
    const text = configOf(parts, isolates, bindings, disk);
    const modules = [...parts.broker, ...parts.isolate];
    const { ports, ...running } = await serve({
      text,
      modules,
      env: {},
      sockets: isolates + 1,
    });
    const [broker, ...urls] = ports.map((port) => `http://127.0.0.1:${port}`);
    const stop = () => running.stop().finally(remove);
    return { ...running, broker, urls, stop };
  } catch (error) {
    remove();
    throw error;
  }
}

/** @typedef {import("../../../scripts/workerd/workerd.js").WorkerModule[]} Modules */

/**
 * @type {(
 *   parts: { broker: Modules; isolate: Modules },
 *   isolates: number,
 *   bindings: Record<string, string>,
 *   disk: string,
 * ) => string}
 */
function configOf({ broker, isolate }, isolates, bindings, disk) {
  const names = Array.from({ length: isolates }, (_, n) => `isolate${n}`);
  const texts = Object.entries(bindings).map(
    ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`,
  );
  const namespaces = CLASSES.map(
    (name) => `(className = "${name}", uniqueKey = "${name}-of-the-test")`,
  );
  const objects = CLASSES.map(
    (name) =>
      `(name = "${name.toUpperCase()}", durableObjectNamespace = (className = "${name}", serviceName = "broker"))`,
  );
  const common = `compatibilityDate = "${compatibilityDate}", globalOutbound = "network"`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "broker", worker = .broker),
    ${names.map((name) => `(name = "${name}", worker = .isolate),`).join("\n    ")}
    (name = "disk", disk = (path = "${disk}", writable = true)),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [
    ${["broker", ...names].map((name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}"),`).join("\n    ")}
  ],
);
const broker :Workerd.Worker = (
  modules = [${modulesOf(broker, 0)}],
  bindings = [${texts.join(", ")}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
  ${common},
);
const isolate :Workerd.Worker = (
  modules = [${modulesOf(isolate, broker.length)}],
  bindings = [${objects.join(", ")}],
  ${common},
);
`;
}

/** @type {(modules: Modules, first: number) => string} */
function modulesOf(modules, first) {
  return modules
    .map(({ name, type }, n) => `(name = "${name}", ${type} = embed "module${first + n}")`)
    .join(", ");
}

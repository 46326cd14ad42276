// @ts-check
// Several services of one workerd: isolates of a Worker, the Worker with their objects, servers.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker, COMPATIBILITY_DATES, serve } from "../../../../scripts/workerd/workerd.js";

/** @typedef {import("../../../../scripts/workerd/workerd.js").WorkerModule} WorkerModule */

/**
 * A Worker, which runs as the services `name0`, `name1` and so on, each in an isolate of its own.
 *
 * @typedef {object} Worker
 * @property {string} name
 * @property {number} isolates
 * @property {string} entry a file
 * @property {string[]} bindings in workerd's form
 * @property {string[]} [more] fields of its configuration, in workerd's form
 */

/**
 * @param {object} options
 * @param {Worker[]} options.workers
 * @param {string[]} [options.services] others, in workerd's form
 * @param {string} [options.compatibilityDate] by default the newest
 */
export async function startServices({
  workers,
  services = [],
  compatibilityDate = COMPATIBILITY_DATES[1],
}) {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-services-"));
  const remove = () => rmSync(folder, { recursive: true });
  try {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const bundled = await Promise.all(
      workers.map(async ({ entry, name, ...rest }) => {
        const modules = await bundleWorker({ entry, outdir: join(folder, name) });
        return { ...rest, name, modules };
      }),
    );
    const names = workers.flatMap(({ name, isolates }) =>
      Array.from({ length: isolates }, (_, n) => ({ service: `${name}${n}`, worker: name })),
    );
    const modules = bundled.flatMap((worker) => worker.modules);
    const common = `compatibilityDate = "${compatibilityDate}", globalOutbound = "network"`;
    const text = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${names.map(({ service, worker }) => `(name = "${service}", worker = .${worker}),`).join("\n    ")}
    ${services.map((service) => `${service},`).join("\n    ")}
    (name = "disk", disk = (path = "${disk}", writable = true)),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [
    ${names.map(({ service }) => socketOf(service)).join("\n    ")}
  ],
);
${bundled.map((worker) => workerOf(worker, modules, common)).join("\n")}`;

    const { ports, stop, ...running } = await serve({
      text,
      modules,
      env: {},
      sockets: names.length,
    });
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    return {
      ...running,
      /** The addresses of a Worker's isolates. @param {string} name */
      urlsOf: (name) => urls.filter((_, n) => names[n].worker === name),
      stop: () => stop().finally(remove),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Text bindings. @param {Record<string, string>} values */
export function textBindings(values) {
  return Object.entries(values).map(
    ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`,
  );
}

/** @param {string} service */
function socketOf(service) {
  return `(name = "${service}", address = "127.0.0.1:0", http = (), service = "${service}"),`;
}

/**
 * @param {Omit<Worker, "entry"> & { modules: WorkerModule[] }} worker
 * @param {WorkerModule[]} all what the configuration embeds
 * @param {string} common
 */
function workerOf({ name, modules, bindings, more = [] }, all, common) {
  const embedded = modules.map(
    (one) => `(name = "${one.name}", ${one.type} = embed "module${all.indexOf(one)}")`,
  );
  return `const ${name} :Workerd.Worker = (
  modules = [${embedded.join(", ")}],
  bindings = [${bindings.join(", ")}],
  ${[...more, common].join(",\n  ")},
);
`;
}

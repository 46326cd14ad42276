// @ts-check
// Ten isolates of one workerd: over an object of another Worker that they call by RPC, or over a
// namespace of Workers KV.
import { fileURLToPath } from "node:url";
import { COMPATIBILITY_DATES } from "../../../../scripts/workerd/workerd.js";
import { startServices, textBindings } from "../../support/fleet/workerd-services.js";

const CLASSES = ["Tokens", "Later", "Warm", "Wrong", "Thrower", "Forger", "Waiter", "Other"];

/** @typedef {{ isolates: number; bindings: Record<string, string> }} Options */

/** @param {Options} options `bindings`: of the object alone */
export async function startBrokerFleet({ isolates, bindings }) {
  const namespaces = CLASSES.map(
    (name) => `(className = "${name}", uniqueKey = "${name}-of-the-test")`,
  );
  const fleet = await startServices({
    workers: [
      {
        name: "broker",
        isolates: 1,
        entry: entryOf("broker"),
        bindings: textBindings(bindings),
        more: [
          `durableObjectNamespaces = [${namespaces.join(", ")}]`,
          // In memory, workerd forgets an object that is evicted.
          `durableObjectStorage = (localDisk = "disk")`,
        ],
      },
      {
        name: "isolate",
        isolates,
        entry: entryOf("isolate"),
        bindings: CLASSES.map(bindingOf),
      },
    ],
  });
  return { ...fleet, urls: fleet.urlsOf("isolate"), broker: fleet.urlsOf("broker")[0] };
}

/** @param {Options & { kv: string }} options `kv`: the address of the service behind the namespace */
export async function startKvFleet({ isolates, bindings, kv }) {
  const fleet = await startServices({
    workers: [
      {
        name: "isolate",
        isolates,
        entry: entryOf("kv"),
        bindings: [...textBindings(bindings), `(name = "TOKENS", kvNamespace = "kv")`],
      },
    ],
    services: [`(name = "kv", external = (address = "${kv}", http = ()))`],
    // The oldest one: the other fleet has the newest.
    compatibilityDate: COMPATIBILITY_DATES[0],
  });
  return { ...fleet, urls: fleet.urlsOf("isolate") };
}

/** @param {string} className */
function bindingOf(className) {
  const designator = `(className = "${className}", serviceName = "broker0")`;
  return `(name = "${className.toUpperCase()}", durableObjectNamespace = ${designator})`;
}

/** @param {string} name */
function entryOf(name) {
  return fileURLToPath(new URL(`${name}.js`, import.meta.url));
}

// @ts-check
// workerd's configuration file, which is written in Cap'n Proto's text form.

/** @typedef {import("./workerd.js").WorkerModule} WorkerModule */

const VARIABLE = "WORKER_BINDING_";

/**
 * The contents of the modules are expected beside the file, as `module0`, `module1` and so on.
 *
 * @param {object} options
 * @param {WorkerModule[]} options.modules
 * @param {Record<string, unknown>} options.bindings
 * @param {string} options.compatibilityDate
 * @param {string[]} options.compatibilityFlags
 * @param {number} options.port
 */
export function configFor({ modules, bindings, compatibilityDate, compatibilityFlags, port }) {
  const texts = {
    modules: modules.map(moduleFor).join(", "),
    bindings: Object.entries(bindings).map(bindingFor).join(", "),
    flags: compatibilityFlags.map(quote).join(", "),
    socket: `(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")`,
  };
  // The default outbound network refuses private addresses, and the servers that tests and the demo
  // use are on loopback.
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "network", network = (
      allow = ["public", "private"],
      tlsOptions = (trustBrowserCas = true),
    )),
  ],
  sockets = [${texts.socket}],
);
const worker :Workerd.Worker = (
  modules = [${texts.modules}],
  bindings = [${texts.bindings}],
  compatibilityDate = ${quote(compatibilityDate)},
  compatibilityFlags = [${texts.flags}],
  globalOutbound = "network",
);
`;
}

/** @type {(module: WorkerModule, index: number) => string} */
function moduleFor({ name, type }, index) {
  return `(name = ${quote(name)}, ${type} = embed "module${index}")`;
}

/** @type {(binding: [name: string, value: unknown]) => string} */
function bindingFor([name, value]) {
  const field =
    typeof value === "string"
      ? `fromEnvironment = ${quote(VARIABLE + name)}`
      : `json = ${quote(JSON.stringify(value))}`;
  return `(name = ${quote(name)}, ${field})`;
}

/**
 * Text bindings may be secrets, which have no place in a file.
 *
 * @param {Record<string, unknown>} bindings
 * @returns {Record<string, string>} the environment that workerd reads them from
 */
export function environmentFor(bindings) {
  const texts = Object.entries(bindings).flatMap(([name, value]) =>
    typeof value === "string" ? [[VARIABLE + name, value]] : [],
  );
  return Object.fromEntries(texts);
}

/**
 * Escapes every byte that could end or bend the literal.
 *
 * @param {string} text
 */
function quote(text) {
  const escaped = Array.from(Buffer.from(text, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w .:/-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

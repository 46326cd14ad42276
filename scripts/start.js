// @ts-check
// `npm start`: installs and builds what is missing, starts the embedded provider and the Worker, walks through the flow and
// stays until Ctrl-C. ISSUER, CLIENT_ID and CLIENT_SECRET in the environment replace the embedded provider.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choosePort } from "./ports.js";
import { field, heading } from "./print.js";
import { root, runIfMain, Stop } from "./run.js";
import { setUp } from "./setup.js";

// Whatever needs packages or the build is imported when they are there.

/** @typedef {{ issuer: string, clientId: string, clientSecret: string, apiUrl: string }} Server */

const DEFAULT_SCOPE = "openid profile urn:zitadel:iam:org:project:id:zitadel:aud";

/** @param {string[]} args */
async function start(args) {
  if (args.some((arg) => arg !== "--once")) throw new Stop("usage: npm start [-- --once]");
  const once = args.length > 0;
  const own = readServer();
  const port = own ? 0 : await choosePort("PORT", 8410);
  const workerPort = await choosePort("WORKER_PORT", 8411);
  if (!own && port !== 0 && port === workerPort) throw new Stop(`PORT and WORKER_PORT are both ${port}: set one of them to another port`);

  await setUp();
  const { build } = await import("./build.js");
  await build();

  const interrupted = new Promise((resolve) => ["SIGINT", "SIGTERM"].forEach((signal) => process.on(signal, resolve)));
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  process.exitCode = once ? 130 : 0; // What an interruption leaves; the end of the walk changes it.
  const demo = run({ own, port, workerPort, stops }).then(({ passed, addresses }) => {
    if (!once) {
      printAddresses(addresses);
      return interrupted;
    }
    process.exitCode = passed ? 0 : 1;
  });
  try {
    await Promise.race([demo, interrupted]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  // Ctrl-C in the middle of the walk leaves an exchange behind, which would keep the process for some seconds.
  process.exit();
}

/** @returns {Server | undefined} */
function readServer() {
  const names = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"];
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === names.length) return undefined;
  if (missing.length) {
    const verb = missing.length > 1 ? "are" : "is";
    throw new Stop(`${missing.join(" and ")} ${verb} not set: set ISSUER, CLIENT_ID and CLIENT_SECRET for a server of your own, none of them for the embedded provider`);
  }
  const { ISSUER: issuer = "", CLIENT_ID: clientId = "", CLIENT_SECRET: clientSecret = "", API_URL } = process.env;
  return { issuer, clientId, clientSecret, apiUrl: API_URL || `${issuer}/auth/v1/users/me` };
}

/** @param {{ own: Server | undefined, port: number, workerPort: number, stops: (() => Promise<void>)[] }} options */
async function run({ own, port, workerPort, stops }) {
  const { walk } = await import("./walk.js");
  const server = own ?? (await startEmbedded(port, stops));
  const scope = process.env.SCOPE || DEFAULT_SCOPE;
  const workerUrl = await startWorker(server, { scope, port: workerPort, stops });
  const { passed, tokenEndpoint } = await walk({ ...server, scope, workerUrl });
  return { passed, addresses: { ...server, tokenEndpoint, workerUrl, embedded: !own } };
}

/** @type {(port: number, stops: (() => Promise<void>)[]) => Promise<Server>} */
async function startEmbedded(port, stops) {
  const { startProvider } = await import("../www/provider.js");
  const provider = await startProvider({ port });
  stops.push(provider.stop);
  return provider;
}

/** @type {(server: Server, options: { scope: string, port: number, stops: (() => Promise<void>)[] }) => Promise<string>} */
async function startWorker({ issuer, clientId, clientSecret, apiUrl }, { scope, port, stops }) {
  const { bundleWorker, startWorkerd } = await import("./workerd.js");
  const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-worker-"));
  try {
    const modules = await bundleWorker({ entry: join(root, "www/worker.js"), outdir });
    const bindings = { ISSUER: issuer, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, API_URL: apiUrl, SCOPE: scope };
    const worker = await startWorkerd({ modules, bindings, port, compatibilityDate: compatibilityDate() });
    stops.push(worker.stop);
    return `${worker.url}/`;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function compatibilityDate() {
  return /^compatibility_date = "(.+)"/m.exec(readFileSync(join(root, "www/wrangler.toml"), "utf8"))?.[1];
}

/** @param {Server & { tokenEndpoint: string | undefined, workerUrl: string, embedded: boolean }} addresses */
function printAddresses({ issuer, tokenEndpoint, clientId, apiUrl, workerUrl, embedded }) {
  heading("Addresses");
  field("issuer", issuer);
  if (tokenEndpoint) field("token endpoint", tokenEndpoint);
  field("API", apiUrl);
  field("Worker", workerUrl);
  field("client id", clientId);
  if (embedded) field("client secret", "**** (it is in www/provider.js)");
  field("try", `curl ${workerUrl}`);
  field("stop", "Ctrl-C");
}

runIfMain(import.meta, () => start(process.argv.slice(2)));

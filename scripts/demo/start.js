// @ts-check
// `npm start`: installs and builds what is missing, starts the embedded provider and the Worker,
// walks through the flow, starts the test page and stays until Ctrl-C. ISSUER, CLIENT_ID and
// CLIENT_SECRET in the environment replace the embedded provider.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { choosePort } from "../ports.js";
import { field, heading } from "./print.js";
import { printSettings } from "./settings.js";
import { root, runIfMain, Stop, temporaryFolder } from "../run.js";
import { build } from "../build/build.js";

// Whatever needs packages or the build is imported when they are there.

/** @typedef {{ clientId: string; clientSecret: string }} Client */
/**
 * @typedef {Client & {
 *   issuer: string;
 *   apiUrl: string;
 *   audience?: string;
 *   projectId?: string;
 *   apiClient?: Client;
 *   resource?: string;
 *   jwtClientId?: string;
 *   keyFile?: string;
 * }} Server
 */

/** @typedef {{ variable: string; usual: number }} Port */

/** @type {Port} */
const EMBEDDED = { variable: "PORT", usual: 8410 };
/** @type {Port} */
const WORKER = { variable: "WORKER_PORT", usual: 8411 };
/** @type {Port} */
const PAGE = { variable: "PAGE_PORT", usual: 8412 };
const DEFAULT_SCOPE = "openid profile urn:zitadel:iam:org:project:id:zitadel:aud";

/** @param {string[]} args */
async function start(args) {
  if (args.some((arg) => arg !== "--once")) throw new Stop("usage: npm start [-- --once]");
  const once = args.length > 0;
  const own = readServer();
  const ports = await choosePorts([...(own ? [] : [EMBEDDED]), WORKER, ...(once ? [] : [PAGE])]);

  const interrupted = new Promise((resolve) => {
    process.on("SIGINT", resolve);
    process.on("SIGTERM", resolve);
  });
  // What an interruption leaves; the end of the walk changes it.
  process.exitCode = once ? 130 : 0;

  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  try {
    await Promise.race([demo(), interrupted]);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
  // Ctrl-C in the middle of the walk leaves an exchange behind, which would keep the process for
  // some seconds.
  process.exit();

  async function demo() {
    printWhatComes({ own, once });
    await build({ types: false });
    const { passed, addresses } = await run({ own, ports, stops });
    process.exitCode = once && !passed ? 1 : 0;
    if (once) return;

    const pageUrl = await startTestPage(addresses, { ports, stops });
    printAddresses({ ...addresses, pageUrl });
    await interrupted;
  }
}

/** @param {{ own: Server | undefined; once: boolean }} options */
function printWhatComes({ own, once }) {
  heading("What you will see");
  field("server", own ? own.issuer : "an identity provider that runs here, for you to try");
  field("walk", "a service user gets a token, step by step, and calls an API with it");
  field("Worker", "the same in Cloudflare's runtime, which then is an API itself");
  if (!once) field("page", "a test page; its address stands below the walk");
}

/** @param {Port[]} wanted */
async function choosePorts(wanted) {
  /** @type {Record<string, number>} by variable; 0 is any free one */
  const ports = {};
  for (const { variable, usual } of wanted) {
    const port = await choosePort(variable, usual);
    const other = Object.keys(ports).find((name) => port !== 0 && ports[name] === port);
    if (other)
      throw new Stop(`${other} and ${variable} are both ${port}: set one of them to another port`);
    ports[variable] = port;
  }
  return ports;
}

/** @returns {Server | undefined} */
function readServer() {
  const names = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"];
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === names.length) return undefined;
  if (missing.length) {
    const verb = missing.length > 1 ? "are" : "is";
    throw new Stop(
      `${missing.join(" and ")} ${verb} not set: set ISSUER, CLIENT_ID and CLIENT_SECRET ` +
        "for a server of your own, none of them for the embedded provider",
    );
  }

  const {
    ISSUER: issuer = "",
    CLIENT_ID: clientId = "",
    CLIENT_SECRET: clientSecret = "",
    API_URL,
  } = process.env;
  const apiUrl = API_URL || `${issuer}/auth/v1/users/me`;
  for (const [name, address] of Object.entries({ ISSUER: issuer, API_URL: apiUrl })) {
    if (!URL.canParse(address))
      throw new Stop(
        `${name} is no absolute address: write it out, such as https://acme.zitadel.cloud`,
      );
  }
  return { issuer, clientId, clientSecret, apiUrl, ...readApi() };
}

/** What the Worker is as an API, for a server of one's own. */
function readApi() {
  const {
    PROJECT_ID: projectId,
    // With ZITADEL they are the same.
    AUDIENCE: audience = projectId,
    API_CLIENT_ID: clientId,
    API_CLIENT_SECRET: clientSecret,
  } = process.env;
  return {
    ...(audience && { audience }),
    ...(projectId && { projectId }),
    ...(clientId && clientSecret && { apiClient: { clientId, clientSecret } }),
  };
}

/**
 * @param {{
 *   own: Server | undefined;
 *   ports: Record<string, number>;
 *   stops: (() => Promise<void>)[];
 * }} options
 */
async function run({ own, ports, stops }) {
  const { walk } = await import("./walk.js");
  const server = own ?? (await startEmbedded(ports.PORT, stops));
  const scope = process.env.SCOPE || DEFAULT_SCOPE;
  const workerUrl = await startWorker(server, { scope, port: ports.WORKER_PORT, stops });
  const { passed, tokenEndpoint } = await walk({
    ...server,
    scope,
    workerUrl,
    apiScope: own ? scope : apiScope(server),
  });
  return { passed, addresses: { ...server, tokenEndpoint, workerUrl, embedded: !own } };
}

/** What a caller of the Worker asks for, so that its token is for the Worker's project. */
function apiScope(/** @type {Server} */ { projectId }) {
  const audience = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
  return `openid ${audience} urn:zitadel:iam:org:projects:roles`;
}

/** @type {(port: number, stops: (() => Promise<void>)[]) => Promise<Server>} */
async function startEmbedded(port, stops) {
  const { startProvider } = await import("../../www/server/provider.js");
  const provider = await startProvider({ port });
  stops.push(provider.stop);

  const { path, remove } = temporaryFolder("key");
  stops.push(async () => remove());
  const keyFile = join(path, "key.json");
  writeFileSync(keyFile, JSON.stringify(provider.userKeyFile), { mode: 0o600 });
  return { ...provider, audience: provider.projectId, keyFile };
}

/**
 * @type {(
 *   server: Server,
 *   options: { scope: string; port: number; stops: (() => Promise<void>)[] },
 * ) => Promise<string>}
 */
async function startWorker(
  { issuer, clientId, clientSecret, apiUrl, audience, projectId, apiClient },
  { scope, port, stops },
) {
  const { bundleWorker, startWorkerd } = await import("../workerd/workerd.js");
  const { path: outdir, remove } = temporaryFolder("worker");
  try {
    const modules = await bundleWorker({ entry: join(root, "www/server/local-worker.js"), outdir });
    const bindings = {
      ISSUER: issuer,
      CLIENT_ID: clientId,
      CLIENT_SECRET: clientSecret,
      API_URL: apiUrl,
      SCOPE: scope,
      ...(audience && { AUDIENCE: audience }),
      ...(projectId && { PROJECT_ID: projectId }),
      ...(apiClient && {
        API_CLIENT_ID: apiClient.clientId,
        API_CLIENT_SECRET: apiClient.clientSecret,
      }),
    };
    const worker = await startWorkerd({
      modules,
      bindings,
      port,
      compatibilityDate: compatibilityDate(),
    });
    stops.push(worker.stop);
    return `${worker.url}/`;
  } finally {
    remove();
  }
}

/**
 * Its suite has servers of its own: it spoils nothing of the demo's, and needs more than a server
 * of yours might permit.
 *
 * @type {(
 *   server: Server & { embedded: boolean },
 *   options: { ports: Record<string, number>; stops: (() => Promise<void>)[] },
 * ) => Promise<string>}
 */
async function startTestPage(server, { ports, stops }) {
  const [{ startServers }, { startPage }, { startPageWorker }] = await Promise.all([
    import("../../tests/js/support/servers/servers.js"),
    import("../../www/server/page-server.js"),
    import("./page-worker.js"),
  ]);
  const { context, stop } = await startServers();
  stops.push(stop);
  const worker = await startPageWorker();
  stops.push(worker.stop);

  const { zitadel, "zitadel with JWTs": jwts } = context.servers;
  const page = await startPage({
    context,
    settings: {
      ...settingOf(server),
      "scripted ZITADEL": zitadel,
      "scripted ZITADEL, with JWTs": jwts,
    },
    worker,
    port: ports.PAGE_PORT,
  });
  stops.push(page.stop);
  return page.url;
}

/**
 * A secret of yours stays out of the page: whoever asks this port would get it.
 *
 * @type {(
 *   server: Server & { embedded: boolean },
 * ) => Record<string, import("../../www/server/page-server.js").Setting>}
 */
function settingOf({
  issuer,
  clientId,
  clientSecret,
  apiUrl,
  resource: audience = "",
  projectId,
  apiClient,
  embedded,
}) {
  if (!embedded) return { "your server": { issuer, clientId } };
  return {
    "embedded provider": {
      issuer,
      clientId,
      clientSecret,
      apiUrl,
      ...(apiClient && { api: { ...apiClient, audience, projectId } }),
    },
  };
}

function compatibilityDate() {
  const text = readFileSync(join(root, "www/wrangler.toml"), "utf8");
  return /^compatibility_date = "(.+)"/m.exec(text)?.[1];
}

/**
 * @param {Server & {
 *   tokenEndpoint: string | undefined;
 *   workerUrl: string;
 *   pageUrl: string;
 *   embedded: boolean;
 * }} addresses
 */
function printAddresses({
  issuer,
  tokenEndpoint,
  clientId,
  clientSecret,
  apiUrl,
  workerUrl,
  pageUrl,
  embedded,
  keyFile,
  audience,
  projectId,
  apiClient,
  jwtClientId,
}) {
  heading("Addresses");
  field("test page", pageUrl);
  field("issuer", issuer);
  if (tokenEndpoint) field("token endpoint", tokenEndpoint);
  field("API", apiUrl);
  field("Worker", workerUrl);
  if (!embedded) {
    field("client id", clientId);
    if (audience) field("audience", audience);
    if (projectId) field("project", projectId);
    if (apiClient) field("API's client id", apiClient.clientId);
  }
  if (keyFile) field("key file", keyFile);
  field("try", `curl ${workerUrl}`);
  field("stop", "Ctrl-C");
  if (embedded && apiClient)
    printSettings({
      issuer,
      clientId,
      clientSecret,
      apiUrl,
      audience,
      projectId,
      apiClient,
      jwtClientId,
    });
}

runIfMain(import.meta, () => start(process.argv.slice(2)));

// @ts-check
// Serves the test page: a few files, each with a Content-Security-Policy that a strict site would
// have, and the way to its Worker. The addresses are those of the repository, except that the page
// itself is at the top and that the package may come from elsewhere.
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { listen } from "../../scripts/ports.js";
import { root, Stop } from "../../scripts/run.js";
import { isLoopback } from "./api.js";
import { toWorker, WORKER_PATH } from "./to-worker.js";

/** @typedef {import("./to-worker.js").Answer} Answer */
/**
 * @typedef {Partial<import("../../tests/js/suite/index.js").Server> & { issuer: string }} Setting
 *   what the forms are filled in with
 */
/** @typedef {Omit<import("../../tests/js/suite/index.js").Context, "ec">} Context */

const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
});
const PAGE = join(root, "www/page");
/** What of the page's folder is no file of the page: the Worker's own code. */
const HIDDEN = "page-worker.js";
const compress = promisify(brotliCompress);

/**
 * @param {object} options
 * @param {Context} options.context what the page gives the suite
 * @param {Record<string, Setting>} [options.settings] what the forms offer to be filled in with, by
 *   name; the suite's servers by default
 * @param {import("./to-worker.js").PageWorker} [options.worker] without one the page asks from the
 *   browser alone
 * @param {number} [options.port] 0, the default, takes a free one; where it is in use, the error
 *   names PAGE_PORT
 * @param {string} [options.packageFolder] the package to test: this repository, or an installed one
 */
export async function startPage({
  context,
  settings = context.servers,
  worker,
  port = 0,
  packageFolder = root,
}) {
  const files = listFiles(packageFolder);
  const servers = [...Object.values(settings), ...Object.values(context.servers)];
  const origins = [...new Set(servers.map(({ issuer }) => new URL(issuer).origin))];
  /** @type {Map<string, object>} */
  const data = new Map();
  data.set("/context.json", context);
  data.set("/settings.json", { settings, origins, worker: worker !== undefined });
  const headers = headersFor(origins);
  // Beforehand, so that the load time that the page shows is the browser's own.
  await Promise.all(Array.from(files, ([path, file]) => compressed(path, readFileSync(file))));
  const server = createServer((request, response) => {
    answer(request, { files, data, worker }).then(
      ({ status, type, content, more }) =>
        response.writeHead(status, { ...headers, ...more, "content-type": type }).end(content),
      () => response.destroy(),
    );
  });
  await listen(server, port, "PAGE_PORT");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());

  return {
    url: `http://127.0.0.1:${address.port}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/**
 * The only files there are, by address: no path of a visitor's reaches the file system.
 *
 * @param {string} packageFolder
 */
function listFiles(packageFolder) {
  if (!existsSync(join(packageFolder, "pkg/dist/wasm")))
    throw new Stop(`there is no built package in ${packageFolder}: run \`npm run build\``);

  const files = new Map([["/", join(PAGE, "index.html")]]);
  for (const name of readdirSync(PAGE, { recursive: true, encoding: "utf8" })) {
    if (extname(name) in TYPES && name !== HIDDEN && name !== "index.html")
      files.set(`/${name.replaceAll("\\", "/")}`, join(PAGE, name));
  }
  /** @type {(base: string, folder: string) => void} */
  const add = (base, folder) => {
    for (const name of readdirSync(join(base, folder)))
      if (/\.(js|wasm)$/.test(name)) files.set(`/${folder}/${name}`, join(base, folder, name));
  };
  for (const folder of ["pkg/dist/esm", "pkg/dist/wasm"]) add(packageFolder, folder);
  files.set("/package.json", join(packageFolder, "package.json"));
  add(root, "tests/js/suite");
  return files;
}

/** @param {string[]} origins whom the page may ask */
function headersFor(origins) {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${origins.join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    vary: "accept-encoding",
  };
}

/**
 * @type {(
 *   request: import("node:http").IncomingMessage,
 *   options: {
 *     files: Map<string, string>;
 *     data: Map<string, object>;
 *     worker: import("./to-worker.js").PageWorker | undefined;
 *   },
 * ) => Promise<Answer>}
 */
async function answer(request, { files, data, worker }) {
  const { method, url = "", headers } = request;
  // A page whose name was made to mean this machine must not get in by that name.
  if (!isLoopback(`http://${headers.host}`))
    return say(421, "this page answers only to names of this machine");
  if (method === "POST" && url.startsWith(WORKER_PATH)) return toWorker(request, worker);
  if (method !== "GET" && method !== "HEAD")
    return say(405, "this page is only read", { allow: "GET, HEAD" });
  const path = url.split("?")[0];
  const file = files.get(path);
  const json = data.get(path);
  if (!file && !json) return say(404, "there is no such file");

  const type = TYPES[file ? extname(file) : ".json"];
  const content = file ? readFileSync(file) : Buffer.from(JSON.stringify(json));
  if (!/\bbr\b/.test(String(headers["accept-encoding"]))) return { status: 200, type, content };
  return {
    status: 200,
    type,
    content: await compressed(path, content),
    more: { "content-encoding": "br" },
  };
}

/** @type {(status: number, text: string, more?: Record<string, string>) => Answer} */
function say(status, text, more) {
  return { status, type: "text/plain; charset=utf-8", content: `${text}\n`, more };
}

/** @type {Map<string, { content: Buffer; small: Promise<Buffer> }>} */
const known = new Map();

/**
 * Once for each content: the largest file takes a quarter of a second.
 *
 * @type {(path: string, content: Buffer) => Promise<Buffer>}
 */
function compressed(path, content) {
  const found = known.get(path);
  if (found?.content.equals(content)) return found.small;
  const small = compress(content);
  known.set(path, { content, small });
  return small;
}

// @ts-check
// The server of the test page, with nothing but requests: what it gives out, to whom, and under
// which policy.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { root } from "../../../scripts/run.js";
import { startPage } from "../../../www/server/page-server.js";

const SERVER = {
  issuer: "http://127.0.0.1:9",
  clientId: "a",
  clientSecret: "b",
  apiUrl: "http://127.0.0.1:9/x",
  api: { audience: "g", clientId: "h", clientSecret: "i" },
};
const FILE = { keyId: "1", key: "c" };
const KEYS = {
  user: { ...FILE, type: /** @type {const} */ ("serviceaccount"), userId: "d" },
  application: { ...FILE, type: /** @type {const} */ ("application"), appId: "e", clientId: "f" },
  clients: [],
};
const context = {
  vectors: { expiry: { cases: [] } },
  servers: { zitadel: SERVER },
  keys: KEYS,
  signed: { issuer: "j", audience: "k", tokens: [] },
};
const TYPES = {
  "/": "text/html",
  "/main.js": "text/javascript",
  "/page.css": "text/css",
  "/shared/base.css": "text/css",
  "/panels/try-it/try-it.js": "text/javascript",
  "/settings.json": "application/json",
  "/icon.svg": "image/svg+xml",
  "/context.json": "application/json",
  "/package.json": "application/json",
  "/pkg/dist/esm/inline.js": "text/javascript",
  "/panels/life/life.js": "text/javascript",
  "/pkg/dist/wasm/edge_credentials_bg.wasm": "application/wasm",
  "/tests/js/suite/index.js": "text/javascript",
};

/** @type {Awaited<ReturnType<typeof startPage>>} */
let page;
before(async () => {
  page = await startPage({ context });
});
after(() => page.stop());

test("every file of the page, with its type, a strict policy and nothing kept", async () => {
  for (const [path, type] of Object.entries(TYPES)) {
    const { status, headers } = await ask(path);
    assert.equal(status, 200, path);
    assert.equal(String(headers["content-type"]).split(";")[0], type, path);
    assert.deepEqual(
      [headers["x-content-type-options"], headers["cache-control"]],
      ["nosniff", "no-store"],
      path,
    );
    const policy = String(headers["content-security-policy"]);
    for (const directive of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "connect-src 'self' http://127.0.0.1:9",
    ]) {
      assert.ok(policy.split("; ").includes(directive), `${path}: ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!'wasm-unsafe-eval')|\*/, path);
  }
});

test("the context is what it was given, and it is for this page alone", async () => {
  const { body, headers } = await ask("/context.json", { origin: "https://evil.example" });
  assert.deepEqual(JSON.parse(body.toString()), context);
  assert.equal(headers["access-control-allow-origin"], undefined);
  assert.equal(headers["cross-origin-resource-policy"], "same-origin");
});

test("brotli for whoever takes it, the plain file for everybody else", async () => {
  const path = "/pkg/dist/wasm/edge_credentials_bg.wasm";
  const file = readFileSync(join(root, path));
  const plain = await ask(path);
  assert.deepEqual([plain.headers["content-encoding"], plain.body.equals(file)], [undefined, true]);
  const small = await ask(path, { "accept-encoding": "gzip, br" });
  assert.equal(small.headers["content-encoding"], "br");
  assert.ok(small.body.length < file.length / 2 && brotliDecompressSync(small.body).equals(file));
});

test("nothing else, however it is asked for", async () => {
  const paths = [
    "/www/server/page-server.js",
    "/page.js",
    "/page-worker.js",
    "/to-worker.js",
    "/worker/token",
    "/www/server/provider.js",
    "/scripts/demo/start.js",
    "/tests/js/support/servers/servers.js",
    "/pkg",
    "/pkg/",
    "/pkg/src/core/wasm.ts",
    "/etc/passwd",
    "*",
    "//etc/passwd",
    "http://127.0.0.1/main.js",
  ];
  const climbing = [
    "/../package-lock.json",
    "/pkg/../../package-lock.json",
    "/pkg/%2e%2e/package-lock.json",
    "/..%2fpackage-lock.json",
    "/pkg/..\\package-lock.json",
    "/main.js%00",
    "/main.js/",
    "/./main.js",
  ];
  for (const path of [...paths, ...climbing]) assert.equal((await ask(path)).status, 404, path);
});

test("only reading", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const { status, headers } = await ask("/", {}, method);
    assert.deepEqual([status, headers.allow], [405, "GET, HEAD"], method);
  }
  const { status, body } = await ask("/", {}, "HEAD");
  assert.deepEqual([status, body.length], [200, 0]);
});

test("by names of this machine alone", async () => {
  const { port } = new URL(page.url);
  for (const host of ["localhost", "127.0.0.1", "[::1]", `localhost:${port}`])
    assert.equal((await ask("/", { host })).status, 200, host);
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
  ]) {
    assert.equal((await ask("/context.json", { host })).status, 421, host);
  }
});

test("a folder without a built package is said, not served", async () => {
  await assert.rejects(
    startPage({ context, packageFolder: join(root, "src") }),
    /no built package in .*: run `npm run build`/,
  );
});

/**
 * Paths and hosts go out as they are written: `fetch` would tidy them up.
 *
 * @type {(
 *   path: string,
 *   headers?: Record<string, string>,
 *   method?: string,
 * ) => Promise<{
 *   status: number | undefined;
 *   headers: import("node:http").IncomingHttpHeaders;
 *   body: Buffer;
 * }>}
 */
async function ask(path, headers = {}, method = "GET") {
  const { port } = new URL(page.url);
  const sent = request({ host: "127.0.0.1", port, path, method, headers }).end();
  const [response] = /** @type {[import("node:http").IncomingMessage]} */ (
    await once(sent, "response")
  );
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

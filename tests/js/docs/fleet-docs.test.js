// @ts-check
// The blocks of docs/recipes/fleet.md, and examples/durable-object-broker, in workerd. Those for Redis
// run in tests/apps/recipes-fleet.test.js.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import test, { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fakeIssuer } from "edge-credentials/testing";
import { root } from "../../../scripts/run.js";
import { startProvider } from "../../../www/server/provider.js";
import { blocksOf } from "../support/docs.js";
import { startKv } from "../support/fleet/kv.js";
import { close, listen } from "../support/http/listen.js";
import { startServices, textBindings } from "../support/fleet/workerd-services.js";

/** How long the issuer takes for each answer, ms. */
const DELAY = 200;

mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target/docs-"));
after(() => rmSync(folder, { recursive: true }));
const sections = blocksOf("docs/recipes/fleet.md");
const provider = await startProvider();
after(provider.stop);
const { issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = provider;
const SETTINGS = { ISSUER, CLIENT_ID, CLIENT_SECRET, API_URL: provider.apiUrl };

test("each section with code is run, here or with Redis", () => {
  assert.deepEqual(
    [...sections.keys()],
    ["A broker", "Workers KV", "Redis", "Key sets stay out of it"],
  );
});

for (const [what, code] of [
  ["a broker", codeOf("A broker", "worker.js")],
  ["examples/durable-object-broker", textOf("examples/durable-object-broker/src/index.js")],
]) {
  test(`${what}: two isolates call the API with one token`, async (t) => {
    const before = provider.tokenRequests;
    const worker = await start(t, code, {
      bindings: [
        ...textBindings(SETTINGS),
        `(name = "TOKENS", durableObjectNamespace = (className = "Tokens", serviceName = "worker0"))`,
      ],
      more: [
        `durableObjectNamespaces = [(className = "Tokens", uniqueKey = "test")]`,
        "durableObjectStorage = (inMemory = void)",
      ],
    });
    for (const url of worker.urls) {
      const response = await fetch(url);
      assert.equal(response.status, 200, await response.clone().text());
      const { user } = /** @type {any} */ (await response.json());
      assert.equal(user.userName, CLIENT_ID);
    }
    assert.equal(provider.tokenRequests - before, 1);
  });
}

test("Workers KV: the second isolate has the token of the first", async (t) => {
  const kv = await startKv();
  t.after(kv.stop);
  const before = provider.tokenRequests;
  const worker = await start(t, codeOf("Workers KV", "worker.js"), {
    bindings: [...textBindings(SETTINGS), `(name = "TOKENS", kvNamespace = "kv")`],
    services: [`(name = "kv", external = (address = "${kv.address}", http = ()))`],
  });
  assert.equal((await fetch(worker.urls[0])).status, 200);
  while (kv.values.size === 0) await wait(5);
  kv.missed.clear();
  assert.equal((await fetch(worker.urls[1])).status, 200);
  assert.equal(provider.tokenRequests - before, 1);
});

test("the platform's cache holds metadata and key sets: a cold isolate makes no request", async (t) => {
  const issuer = await slowIssuer(t);
  const cache = await startCache(t);
  const worker = await start(t, codeOf("Key sets stay out of it", "cached.js"), {
    bindings: textBindings({ ISSUER: issuer.origin }),
    services: [`(name = "cache", external = (address = "${cache.address}", http = ()))`],
    more: [`cacheApiOutbound = "cache"`],
  });
  const first = await verify(worker.urls[0], issuer);
  assert.equal(issuer.requests(), 2);
  assert.ok(first >= 2 * DELAY, `${first} ms`);
  while (cache.size() < 2) await wait(5);
  const second = await verify(worker.urls[1], issuer);
  assert.equal(issuer.requests(), 2);
  t.diagnostic(`cold: ${Math.round(first)} ms without the cache, ${Math.round(second)} ms with it`);
  // One of the two requests alone takes as long.
  assert.ok(second < DELAY, `${second} ms`);
});

test("keys that are given: a cold isolate makes no request", async (t) => {
  const issuer = await slowIssuer(t);
  const metadata = /** @type {any} */ (
    await (await issuer.fetch(`${issuer.issuer}/.well-known/openid-configuration`)).json()
  );
  const jwks = await (await issuer.fetch(metadata.jwks_uri)).json();
  const worker = await start(t, codeOf("Key sets stay out of it", "given.js"), {
    bindings: [
      ...textBindings({ ISSUER: issuer.origin }),
      `(name = "KEY_SET", json = ${JSON.stringify(JSON.stringify(jwks))})`,
    ],
  });
  const millis = await verify(worker.urls[0], issuer);
  assert.equal(issuer.requests(), 0);
  t.diagnostic(`cold: ${Math.round(millis)} ms with the keys as a variable`);
  assert.ok(millis < DELAY, `${millis} ms`);
});

/**
 * @type {(url: string, issuer: Awaited<ReturnType<typeof slowIssuer>>) => Promise<number>} how
 *   long it took, ms
 */
async function verify(url, { sign }) {
  const authorization = `Bearer ${await sign({ aud: "orders", sub: "317905284015718923" })}`;
  const startedAt = performance.now();
  const response = await fetch(url, { headers: { authorization } });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(JSON.parse(text).sub, "317905284015718923");
  return performance.now() - startedAt;
}

/** A fake issuer behind a slow network. @param {import("node:test").TestContext} t */
async function slowIssuer(t) {
  let requests = 0;
  /** @type {import("edge-credentials/testing").FakeIssuer} */
  let fake;
  const server = createServer(async (request, response) => {
    requests += 1;
    await wait(DELAY);
    const answer = await fake.fetch(`${fake.issuer}${request.url}`);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  });
  const { origin } = await listen(server);
  t.after(() => close(server));
  fake = fakeIssuer({ issuer: origin });
  return { ...fake, origin, requests: () => requests };
}

/** The service behind `caches`, as workerd speaks to it. @param {import("node:test").TestContext} t */
async function startCache(t) {
  /** @type {Map<string, Buffer>} */
  const kept = new Map();
  const server = createServer(async (request, response) => {
    const key = `${request.headers["cf-cache-namespace"]} ${request.headers.host}${request.url}`;
    const body = await buffer(request);
    if (request.method === "PUT") {
      // The body is a response with its head.
      kept.set(key, body.subarray(body.indexOf("\r\n\r\n") + 4));
      return response.writeHead(204).end();
    }
    const found = kept.get(key);
    if (!found) return response.writeHead(504, { "cf-cache-status": "MISS" }).end();
    const headers = { "cf-cache-status": "HIT", "content-type": "application/json" };
    return response.writeHead(200, headers).end(found);
  });
  const { origin } = await listen(server);
  t.after(() => close(server));
  return { address: new URL(origin).host, size: () => kept.size };
}

/**
 * Two isolates of a Worker, in workerd's form.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} code
 * @param {{ bindings: string[]; services?: string[]; more?: string[] }} options
 */
async function start(t, code, { bindings, services, more }) {
  const entry = join(mkdtempSync(join(folder, "worker-")), "worker.js");
  writeFileSync(entry, code);
  const worker = { name: "worker", isolates: 2, entry, bindings, ...(more && { more }) };
  const running = await startServices({ workers: [worker], ...(services && { services }) });
  t.after(running.stop);
  return { urls: running.urlsOf("worker") };
}

/** @type {(heading: string, name: string) => string} */
function codeOf(heading, name) {
  const block = sections.get(heading)?.find((block) => block.name === name);
  assert.ok(block, `${heading} has no ${name}`);
  return block.code;
}

/** @param {string} path */
function textOf(path) {
  return readFileSync(join(root, path), "utf8");
}

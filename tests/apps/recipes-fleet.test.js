// @ts-check
// The blocks of docs/recipes/fleet.md for Redis, with a Redis 7 of this machine (`redis-server`), and
// `storeSuite` over each.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import test, { after } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { execaNode } from "execa";
import { apps } from "../../scripts/setup/apps.js";
import { systemProgram } from "../../scripts/setup/programs.js";
import { sharedStore } from "../../pkg/dist/esm/store.js";
import { storeSuite } from "../../pkg/dist/esm/testing.js";
import { blocksOf } from "../js/support/docs.js";
import { freePort } from "../js/support/http/listen.js";

const port = await freePort();
const redis = await startRedis(port);
after(() => redis.kill());

const folder = mkdtempSync(join(apps, "fleet/blocks-"));
after(() => rmSync(folder, { recursive: true }));

const blocks = blocksOf("docs/recipes/fleet.md", ["js"]).get("Redis") ?? [];
const env = { REDIS_URL: `redis://127.0.0.1:${port}` };

/** A process for each block, since its client is open for ever, as in a service. */
const RUN = `
import { storeSuite } from "edge-credentials/testing";
const { store } = await import(process.argv[2]);
const results = [];
for (const { name, run } of storeSuite(() => store))
  results.push(await run().then(() => name, (error) => name + ": " + error));
console.log(JSON.stringify(results));
process.exit();
`;
/** A service: a new isolate for each line that it reads. */
const RESTART = `
import { createInterface } from "node:readline";
import { tokenSource } from "edge-credentials";
import { fakeIssuer } from "edge-credentials/testing";
const { store } = await import(process.argv[2]);
const { issuer, clientId, clientSecret, fetch } = fakeIssuer();
for await (const _ of createInterface({ input: process.stdin })) {
  const results = [];
  const startedAt = Date.now();
  const onEvent = (event) => event.type === "store" && results.push(event.result);
  const own = (...args) => fetch(...args);
  await tokenSource({ issuer, clientId, clientSecret, fetch: own, store, onEvent }).get();
  const millis = Date.now() - startedAt;
  await new Promise((done) => setTimeout(done, 200));
  console.log(JSON.stringify({ results, millis }));
}
`;

writeFileSync(join(folder, "run.mjs"), RUN);
const SUITE = storeSuite(() => sharedStore({ get() {}, set() {} })).map(({ name }) => name);

test("both blocks are there", () => {
  assert.deepEqual(
    blocks.map(({ name }) => name),
    ["redis.js", "unstorage.js"],
  );
});

for (const { name, code } of blocks)
  test(`${name} passes the suite of a store`, async () => {
    const file = join(folder, name.replace(".js", ".mjs"));
    writeFileSync(file, code);
    const { stdout } = await execaNode({ cwd: folder, env })("run.mjs", [file]);
    assert.deepEqual(JSON.parse(stdout), SUITE);
  });

test("this is Redis 7", async () => {
  assert.match(await said("INFO server\r\n"), /redis_version:7\./);
});

test("each value has an end, and none is plaintext", async () => {
  const keys = (await said("KEYS *\r\n")).match(/^[\w-]{43}$/gm) ?? [];
  assert.ok(keys.length >= 10, `${keys.length} keys`);
  for (const key of keys) {
    const [, ttl] = /:(-?\d+)/.exec(await said(`TTL ${key}\r\n`)) ?? [];
    assert.ok(Number(ttl) > 60 && Number(ttl) <= 3_600, `${ttl} s`);
    assert.match(await said(`GET ${key}\r\n`), /\r\n1\.[\w-]{16}\.[\w-]+\r\n$/);
  }
});

test("Redis that restarts costs requests, and nothing else", async (t) => {
  const port = await freePort();
  let server = await startRedis(port);
  t.after(() => server.kill());
  writeFileSync(join(folder, "restart.mjs"), RESTART);
  const child = execaNode({
    cwd: folder,
    env: { REDIS_URL: `redis://127.0.0.1:${port}` },
    reject: false,
  })("restart.mjs", [join(folder, "redis.mjs")]);
  t.after(() => child.kill());
  const lines = child.iterable({ from: "stdout" })[Symbol.asyncIterator]();
  /** What became of a new source's token. @returns {Promise<{ results: string[]; millis: number }>} */
  async function ask() {
    child.stdin?.write("ask\n");
    const { value, done } = await lines.next();
    assert.ok(!done, "the service has ended");
    return JSON.parse(String(value));
  }
  assert.deepEqual((await ask()).results, ["written"]);
  assert.deepEqual((await ask()).results, ["found"]);
  server.kill();
  await once(server, "exit");
  const { results, millis } = await ask();
  assert.match(results[0], /slow|failed/);
  assert.ok(millis < 3_000, `${millis} ms`);
  server = await startRedis(port);
  for (let times = 0; times < 20; times += 1) {
    if ((await ask()).results.includes("found")) return;
    await wait(250);
  }
  assert.fail("it does not find Redis again");
});

/** @param {number} port */
async function startRedis(port) {
  const args = ["--port", String(port), "--save", "", "--bind", "127.0.0.1"];
  const server = spawn(systemProgram("redis"), args, { stdio: "ignore" });
  await once(server, "spawn");
  await accepting(port);
  return server;
}

/** @param {number} port */
async function accepting(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const result = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (result) return;
    await wait(50);
  }
}

/** What Redis answers. @param {string} command */
async function said(command) {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => {
    text += data;
  });
  socket.write(command);
  await wait(100);
  socket.destroy();
  return text;
}

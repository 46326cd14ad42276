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
import { freePort } from "../js/support/listen.js";

const port = await freePort();
const redis = spawn(
  systemProgram("redis"),
  ["--port", String(port), "--save", "", "--bind", "127.0.0.1"],
  {
    stdio: "ignore",
  },
);
await once(redis, "spawn");
after(() => redis.kill());
await accepting(port);

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

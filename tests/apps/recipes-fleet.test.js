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
import { pathToFileURL } from "node:url";
import { apps } from "../../scripts/setup/apps.js";
import { storeSuite } from "../../pkg/dist/esm/testing.js";
import { blocksOf } from "../js/support/docs.js";
import { freePort } from "../js/support/listen.js";

const PROGRAM = process.env.REDIS_SERVER ?? "redis-server";

const port = await freePort();
const redis = spawn(PROGRAM, ["--port", String(port), "--save", "", "--bind", "127.0.0.1"], {
  stdio: "ignore",
});
await once(redis, "spawn").catch(() => {
  throw new Error("no `redis-server`: install Redis 7, or name the program by REDIS_SERVER");
});
after(() => redis.kill());
await accepting(port);

const folder = mkdtempSync(join(apps, "fleet/blocks-"));
after(() => rmSync(folder, { recursive: true }));

const blocks = blocksOf("docs/recipes/fleet.md", ["js"]).get("Redis") ?? [];
process.env.REDIS_URL = `redis://127.0.0.1:${port}`;

test("both blocks are there", () => {
  assert.deepEqual(
    blocks.map(({ name }) => name),
    ["redis.js", "unstorage.js"],
  );
});

for (const { name, code } of blocks) {
  const file = join(folder, name.replace(".js", ".mjs"));
  writeFileSync(file, code);
  const { store } = await import(pathToFileURL(file).href);
  for (const one of storeSuite(() => store)) test(`${name}: ${one.name}`, one.run);
}

test("this is Redis 7", async () => {
  assert.match(await said("INFO server\r\n"), /redis_version:7\./);
});

test("each value has an end, and none is plaintext", async () => {
  const keys = (await said("KEYS *\r\n")).match(/^[\w-]{43}$/gm) ?? [];
  assert.ok(keys.length >= 10, `${keys.length} keys`);
  for (const key of keys) {
    const [, ttl] = /:(-?\d+)/.exec(await said(`TTL ${key}\r\n`)) ?? [];
    assert.ok(Number(ttl) > 3_000 && Number(ttl) <= 3_600, `${ttl} s`);
    assert.match(await said(`GET ${key}\r\n`), /\r\n1\.[\w-]{16}\.[\w-]+\r\n$/);
  }
});

// The clients of the blocks are open for ever, as in a service.
after(() => setTimeout(() => process.exit(), 500).unref());

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

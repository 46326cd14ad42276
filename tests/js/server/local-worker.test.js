// @ts-check
// The Worker of `npm start` answers only this machine, by its names and to its pages; worker.js,
// which is what a reader copies, answers by any name.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { after, test } from "node:test";
import { root, temporaryFolder } from "../../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";

const provider = await startProvider();
const { issuer, clientId, clientSecret, apiUrl, resource } = provider;
const bindings = {
  ISSUER: issuer,
  CLIENT_ID: clientId,
  CLIENT_SECRET: clientSecret,
  API_URL: apiUrl,
  AUDIENCE: resource,
};
const [local, copied] = await Promise.all(
  ["www/server/local-worker.js", "www/worker.js"].map(async (entry) => {
    const { path: outdir, remove } = temporaryFolder("worker");
    const modules = await bundleWorker({ entry, outdir });
    const worker = await startWorkerd({ modules, bindings });
    remove();
    return worker;
  }),
);
after(() => Promise.all([provider, local, copied].map(({ stop }) => stop())));

/**
 * The status of the answer to a request as it is written.
 *
 * @type {(worker: { url: string }, lines: string[]) => Promise<number>}
 */
async function ask({ url }, lines) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.setEncoding("utf8").write([...lines, "connection: close", "", ""].join("\r\n"));
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  await once(socket, "close");
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

test("it answers by the names of this machine", async () => {
  const { port } = new URL(local.url);
  for (const host of [
    "127.0.0.1",
    "localhost",
    "[::1]",
    `localhost:${port}`,
    `127.0.0.1:${port}`,
  ]) {
    assert.equal(await ask(local, ["GET / HTTP/1.1", `host: ${host}`]), 200, host);
    assert.equal(await ask(local, ["GET /protected HTTP/1.1", `host: ${host}`]), 401, host);
  }
  for (const origin of ["http://localhost:5173", "http://127.0.0.1:1", "http://[::1]:2"])
    assert.equal(
      await ask(local, ["GET / HTTP/1.1", "host: localhost", `origin: ${origin}`]),
      200,
      origin,
    );
});

test("another name is refused, and so are pages of others; nothing is asked for", async () => {
  const before = provider.tokenRequests;
  for (const host of [
    "evil.example",
    `evil.example:${new URL(local.url).port}`,
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
  ]) {
    for (const path of ["/", "/protected", "/x"])
      assert.equal(await ask(local, [`GET ${path} HTTP/1.1`, `host: ${host}`]), 421, host);
  }
  assert.equal(
    await ask({ url: issuer }, [
      "GET /.well-known/openid-configuration HTTP/1.1",
      "host: evil.example",
    ]),
    421,
  );
  for (const lines of [
    ["GET http://evil.example/ HTTP/1.1", "host: evil.example"],
    ["GET / HTTP/1.0"],
  ])
    assert.notEqual(await ask(local, lines), 200, lines[0]);
  for (const origin of ["http://evil.example", "https://localhost.evil.example", "null"])
    assert.equal(
      await ask(local, ["GET / HTTP/1.1", "host: localhost", `origin: ${origin}`]),
      403,
      origin,
    );
  assert.equal(provider.tokenRequests, before);
});

test("worker.js has no such check, and `npm start` runs the one that has", async () => {
  for (const host of ["worker.example", "127.0.0.1"])
    assert.equal(await ask(copied, ["GET / HTTP/1.1", `host: ${host}`]), 200, host);
  const start = readFileSync(`${root}/scripts/demo/start.js`, "utf8");
  assert.deepEqual(start.match(/www\/[\w/-]*worker\.js/g), ["www/server/local-worker.js"]);
});

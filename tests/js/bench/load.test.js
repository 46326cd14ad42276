// @ts-check
// What the latency under load is measured with.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Connections } from "../../../bench/load/connections.js";
import { openLoad } from "../../../bench/load/rates.js";
import { noiseOf, partsOf } from "../../../bench/load/tails.js";

/** ms. */
const STALL = 300;

test("a stall counts for all requests due meanwhile, from when they were due", async () => {
  let asked = 0;
  let askedByItsEnd = 0;
  /** @type {Promise<unknown>} */
  let stall = Promise.resolve();
  const ask = async () => {
    asked += 1;
    if (asked === 20)
      stall = wait(STALL).then(() => {
        askedByItsEnd = asked;
      });
    await stall;
    return "body";
  };
  const { millis } = await openLoad(ask, {
    perSecond: 100,
    seconds: 0.6,
    check: (body) => assert.equal(body, "body"),
  });
  assert.equal(millis.length, 60);
  // Every 10 ms one was due: thirty of them in the stall, each of which waited 10 ms less than the
  // one before.
  const waited = [...millis.subarray(19, 19 + STALL / 10)];
  for (const [i, value] of waited.entries())
    assert.ok(value >= STALL - i * 10 - 15, `${value} ms for number ${i}`);
  assert.ok(askedByItsEnd >= 40, `only ${askedByItsEnd} were sent by the end of the stall`);
});

test("what is no right answer ends a load", async () => {
  const check = () => {
    throw new Error("not this");
  };
  await assert.rejects(
    openLoad(async () => "body", { perSecond: 100, seconds: 0.1, check }),
    /not this/,
  );
});

test("connections are kept, and only as many are open as wait at once", async (t) => {
  const sockets = new Set();
  const server = createServer(async ({ url, socket }, response) => {
    sockets.add(socket);
    await wait(5);
    response.writeHead(url === "/bad" ? 500 : 200, { "content-length": 4 }).end("body");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const connections = new Connections(`http://127.0.0.1:${port}`);
  t.after(() => {
    connections.close();
    server.close();
  });

  for (let i = 0; i < 3; i++) {
    const bodies = await Promise.all([connections.ask("/"), connections.ask("/")]);
    assert.deepEqual(bodies, ["body", "body"]);
  }
  assert.equal(sockets.size, 2);
  await assert.rejects(connections.ask("/bad"), /no 200 with one body/);
});

test("noise is the widest ratio of the tails of two halves, whichever parts are in them", () => {
  const run = new Float64Array(600).fill(2);
  assert.equal(noiseOf(partsOf(run, 6)), 1);
  run.fill(8, 100, 110);
  assert.equal(noiseOf(partsOf(run, 6)), 4);
  // A second one, in another part, can be on the other side, but need not.
  run.fill(6, 400, 410);
  assert.equal(noiseOf(partsOf(run, 6)), 4);
});

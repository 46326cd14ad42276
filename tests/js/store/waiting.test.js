// @ts-check
// A store that hangs or is slow: callers wait for it 300 ms, all attempts of a flight together.
import assert from "node:assert/strict";
import test from "node:test";
import { sharedStore } from "edge-credentials/store";
import { advance, takeTime } from "../support/clock.js";
import { fleet } from "../support/fleet/store.js";

/** @typedef {Partial<import("edge-credentials/store").KeyValueStore>} Store */

const never = () => new Promise(() => {});
const fail = () => {
  throw new TypeError("down");
};

test("a store that hangs costs 300 ms when a source starts, and nothing afterwards", async (t) => {
  takeTime(t);
  const { isolate, results, tokenRequests } = fleet({ get: never, set: never });
  const source = isolate();
  const asked = source.get();
  await advance(299);
  assert.equal(tokenRequests(), 0);
  await advance(51);
  assert.equal(tokenRequests(), 1);
  const { accessToken } = await asked;
  await advance(5_000);
  assert.deepEqual(results(), ["get slow", "set slow"]);

  // In the background a read may take longer, since the token serves meanwhile.
  await advance(3_300_000);
  assert.equal((await source.get()).accessToken, accessToken);
  await advance(950);
  assert.equal(tokenRequests(), 1);
  await advance(100);
  assert.equal(tokenRequests(), 2);
  assert.notEqual((await source.get()).accessToken, accessToken);
});

test("a store that hangs costs 300 ms too where the token has ended meanwhile", async (t) => {
  takeTime(t);
  let hangs = false;
  const { isolate, memory, tokenRequests } = fleet({
    get: (/** @type {string} */ key) => (hangs ? never() : memory.get(key)),
  });
  const source = isolate();
  await source.get();
  hangs = true;
  await advance(3_700_000);
  const asked = source.get();
  await advance(351);
  assert.equal(tokenRequests(), 2);
  await asked;
});

/** @type {(millis: number, answer: () => unknown) => () => Promise<unknown>} */
const after = (millis, answer) => async () => {
  await new Promise((done) => setTimeout(done, millis));
  return answer();
};

for (const [what, get] of /** @type {const} */ ([
  ["hangs", never],
  ["fails after 290 ms", after(290, fail)],
  ["has nothing after 290 ms", after(290, () => null)],
  ["has garbage after 290 ms", after(290, () => "garbage")],
]))
  test(`a store that ${what} costs 300 ms once, however often the request is repeated`, async (t) => {
    takeTime(t);
    t.mock.method(Math, "random", () => 0.5);
    /** How long a token takes if the server fails twice, ms. @param {Partial<Store>} store */
    async function timeWith(store) {
      const { isolate, issuer, tokenRequests } = fleet(store);
      issuer.fail(2, { status: 503 });
      // Its key, which takes real time.
      await issuer.sign({});
      const startedAt = Date.now();
      let endedAt = 0;
      const asked = isolate()
        .get()
        .then(() => {
          endedAt = Date.now();
        });
      for (let step = 0; step < 1_000 && endedAt === 0; step += 1) await advance(10);
      await asked;
      assert.equal(tokenRequests(), 3);
      return endedAt - startedAt;
    }
    const without = await timeWith({ get: async () => null });
    const withIt = await timeWith({ get });
    // The clock goes on in steps of 10 ms.
    assert.ok(withIt - without <= 350, `${withIt} - ${without}`);
  });

test("what a store gives too late for one attempt serves the next one", async (t) => {
  takeTime(t);
  let delay = 0;
  const { isolate, issuer, memory, tokenRequests } = fleet({
    get: (/** @type {string} */ key) =>
      delay === 0 ? memory.get(key) : after(delay, () => memory.get(key))(),
  });
  const { accessToken } = await isolate().get();
  await advance(10);
  delay = 350;
  // The server refuses more requests, which is what a store is for.
  issuer.fail(Infinity, { status: 503 });
  const asked = isolate().get();
  await advance(5_000);
  assert.equal((await asked).accessToken, accessToken);
  assert.ok(tokenRequests() <= 2);
});

test("a token that is about to end: callers do not wait a second for a store that hangs", async (t) => {
  takeTime(t);
  let hangs = false;
  const { isolate, memory } = fleet({
    get: (/** @type {string} */ key) => (hangs ? never() : memory.get(key)),
  });
  const source = isolate();
  const { expiresAt } = await source.get();
  hangs = true;
  // 100 ms before it is used no more, somebody asks, and then everybody has to wait.
  await advance(Number(expiresAt) - 30_100 - Date.now());
  await source.get();
  await advance(150);
  const askedAt = Date.now();
  let endedAt = 0;
  const asked = source.get().then(() => {
    endedAt = Date.now();
  });
  for (let step = 0; step < 40 && endedAt === 0; step += 1) await advance(50);
  await asked;
  assert.ok(endedAt - askedAt <= 350, `${endedAt - askedAt}`);
});

test("a store that was slow is asked again later", async (t) => {
  takeTime(t);
  let hangs = true;
  const { isolate, memory, tokenRequests } = fleet({
    get: (/** @type {string} */ key) => (hangs ? never() : memory.get(key)),
  });
  const source = isolate();
  const asked = source.get();
  await advance(400);
  await asked;
  hangs = false;
  await advance(3_700_000);
  const { accessToken } = await isolate().get();
  await advance(100);
  assert.equal((await source.get()).accessToken, accessToken);
  assert.equal(tokenRequests(), 2);
});

test("a slow answer is used within 300 ms, and otherwise changes nothing", async (t) => {
  takeTime(t);
  const { isolate, memory, tokenRequests } = fleet();
  await isolate().get();
  await advance(10);
  const slow = (/** @type {number} */ millis) => ({
    get: (/** @type {string} */ key) => after(millis, () => memory.get(key))(),
    set: memory.set,
  });
  const quick = isolate({ store: sharedStore(slow(250)) }).get();
  await advance(300);
  await quick;
  assert.equal(tokenRequests(), 1);
  const late = isolate({ store: sharedStore(slow(400)) }).get();
  await advance(1_000);
  await late;
  assert.equal(tokenRequests(), 2);
});

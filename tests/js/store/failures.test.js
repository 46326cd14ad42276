// @ts-check
// Stores that fail, lie or are attacked, and clocks that differ: callers notice nothing, and each
// failure is an event with its kind.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, takeTime } from "../support/clock.js";
import { fleet, settle } from "../support/fleet/store.js";

const CANARY = "canary-of-the-store";

/** @typedef {Partial<import("edge-credentials/store").KeyValueStore>} Store */

const fail = () => {
  throw new TypeError(CANARY);
};

/** @type {{ name: string; store: Store; results: string[] }[]} */
const failing = [
  { name: "throws", store: { get: fail, set: fail }, results: ["get failed", "set failed"] },
  {
    name: "rejects",
    store: { get: async () => fail(), set: () => Promise.reject(CANARY) },
    results: ["get failed", "set failed"],
  },
  { name: "takes nothing", store: { set: fail }, results: ["set failed"] },
  ...[
    ["a number", 1],
    ["an object", { toString: fail }],
    ["an empty text", ""],
    ["another text", CANARY],
    ["the form alone", `1.${"A".repeat(16)}.A`],
    ["a text of 500,000 characters", `1.${"A".repeat(16)}.${"A".repeat(500_000)}`],
  ].map(([what, value]) => ({
    name: `gives ${what}`,
    store: { get: async () => value },
    results: ["get garbage", "set written"],
  })),
  {
    name: "gives what does not open",
    store: { get: async () => `1.${"A".repeat(16)}.${"A".repeat(400)}` },
    results: ["get sealed", "set written"],
  },
  { name: "gives null", store: { get: async () => null }, results: ["set written"] },
];

for (const { name, store, results } of failing) {
  test(`a store that ${name}`, async () => {
    const { isolate, events, ...rest } = fleet(store);
    const source = isolate();
    const { accessToken } = await source.get();
    assert.ok(accessToken);
    await settle();
    assert.deepEqual(rest.results(), results);
    assert.equal(rest.tokenRequests(), 1);
    assert.ok(!JSON.stringify(events).includes(CANARY));
    // A refusal meets the same store.
    source.invalidate(accessToken);
    assert.notEqual((await source.get()).accessToken, accessToken);
  });
}

test("the longest response that is read is shared too", async () => {
  const { isolate, results } = fleet();
  const note = "ü\u0001".repeat(32_000);
  let requests = 0;
  const endpoint = {
    tokenEndpoint: "https://idp.example/token",
    fetch: async () => {
      requests += 1;
      return Response.json({
        access_token: "opaque",
        token_type: "Bearer",
        expires_in: 3600,
        note,
      });
    },
  };
  await isolate(endpoint).get();
  await settle();
  const other = isolate({ ...endpoint, fetch: (/** @type {any} */ _) => endpoint.fetch() });
  assert.equal((await other.get()).extra.note, note);
  assert.deepEqual([results(), requests], [["set written", "get found"], 1]);
});

test("another key's value does not open, nor does one that was changed", async () => {
  const { isolate, values, tokenRequests, results } = fleet();
  await isolate().get();
  await isolate({ scope: "other" }).get();
  await settle();
  assert.equal(values.size, 2);
  const [[one, first], [other, second]] = values;
  values.set(one, second);
  values.set(other, `${first.slice(0, -4)}AAAA`);
  await isolate().get();
  await isolate({ scope: "other" }).get();
  assert.equal(tokenRequests(), 4);
  assert.equal(results().filter((result) => result === "get sealed").length, 2);
});

test("a value that was sealed by a rotated secret, under the name of the new one", async () => {
  const { isolate, values, results, tokenRequests } = fleet(undefined, {
    clients: { service: "secret", other: "secret-2" },
  });
  await isolate().get();
  await settle();
  const [old] = values.values();
  await isolate({ clientId: "other", clientSecret: "secret-2" }).get();
  await settle();
  const [, name] = values.keys();
  values.set(name, old);
  await isolate({ clientId: "other", clientSecret: "secret-2" }).get();
  assert.equal(results().at(-1), "get sealed");
  assert.equal(tokenRequests(), 3);
});

test("an older value is no better than what is held", async (t) => {
  takeTime(t);
  const { isolate, values, results, tokenRequests } = fleet();
  const source = isolate();
  await source.get();
  await advance(10);
  const old = new Map(values);
  await advance(3_320_000);
  await source.get();
  await advance(1_000);
  assert.equal(tokenRequests(), 2);
  const second = await source.get();
  for (const [key, value] of old) values.set(key, value);
  // Its own token is no news; that of before is a replay.
  await advance(3_320_000);
  await source.get();
  await advance(1_000);
  assert.ok(results().includes("get older"));
  assert.notEqual((await source.get()).accessToken, second.accessToken);
});

for (const seconds of [-30, 30]) {
  test(`a clock that is ${seconds} s off: the token is shared, and not used after its end`, async (t) => {
    takeTime(t);
    const { isolate, tokenRequests } = fleet();
    const first = await isolate().get();
    await advance(10);
    jump(seconds * 1_000);
    const [one, two] = [isolate(), isolate()];
    for (const source of [one, two])
      assert.equal((await source.get()).accessToken, first.accessToken);
    // Not a refresh at once, as after a clock that stepped back.
    await advance(1_000);
    for (const source of [one, two]) await source.get();
    await advance(1_000);
    assert.equal(tokenRequests(), 1);

    // To a clock that is behind, the token comes from the future: it counts its life from now.
    const end = Number(first.expiresAt) + Math.min(seconds, 0) * 1_000;
    await advance(end - 31_000 - Date.now());
    assert.equal((await one.get()).accessToken, first.accessToken);
    await advance(2_000);
    assert.notEqual((await two.get()).accessToken, first.accessToken);
  });
}

test("a clock that is a day ahead: its token is not used for a day more", async (t) => {
  takeTime(t);
  jump(86_400_000);
  const { isolate, tokenRequests } = fleet();
  const first = await isolate().get();
  await advance(10);
  jump(-86_400_000);
  const other = isolate();
  assert.equal((await other.get()).accessToken, first.accessToken);
  await advance(3_600_000);
  assert.notEqual((await other.get()).accessToken, first.accessToken);
  assert.equal(tokenRequests(), 2);
});

test("a token that has ended, or is about to, is not taken", async (t) => {
  takeTime(t);
  const { isolate, tokenRequests } = fleet();
  await isolate().get();
  await advance(3_580_000);
  await isolate().get();
  assert.equal(tokenRequests(), 2);
});

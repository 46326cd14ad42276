// @ts-check
// Isolates that share a token through a store. In one process, sources that differ in their `fetch`
// stand for the isolates: they have nothing in common but the store.
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { AuthError, tokenSource } from "edge-credentials";
import { sharedStore } from "edge-credentials/store";
import { reset } from "edge-credentials/testing";
import { advance, jump, takeTime } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { fleet, settle } from "../support/store.js";

test("the second isolate takes the token of the first, without discovery", async () => {
  const { isolate, issuer, results } = fleet();
  const first = await isolate().get();
  await settle();
  issuer.requests.length = 0;
  const second = await isolate().get();
  assert.deepEqual(second, first);
  assert.ok(Object.isFrozen(second.extra));
  assert.deepEqual(issuer.requests, []);
  assert.deepEqual(results(), ["set written", "get found"]);
});

test("a refused token is not taken again: not by the isolate, nor by others", async () => {
  const { isolate, tokenRequests, results, values } = fleet();
  const [one, two] = [isolate(), isolate()];
  const { accessToken } = await one.get();
  await settle();
  await two.get();
  const old = new Map(values);
  one.invalidate(accessToken);
  await settle();

  const cold = isolate();
  const replaced = await one.get();
  await settle();
  assert.notEqual(replaced.accessToken, accessToken);
  assert.equal((await cold.get()).accessToken, replaced.accessToken);
  two.invalidate(accessToken);
  await settle();
  assert.equal((await two.get()).accessToken, replaced.accessToken);
  assert.equal(tokenRequests(), 2);

  // A replay: who has seen a newer token takes no older one.
  cold.invalidate(replaced.accessToken);
  await settle();
  for (const [key, value] of old) values.set(key, value);
  const third = await cold.get();
  assert.ok(![accessToken, replaced.accessToken].includes(third.accessToken));
  assert.equal(results().filter((result) => result === "get older").length, 1);
});

test("with a store a source renews with the exponential lead", async (t) => {
  takeTime(t);
  t.mock.method(Math, "random", () => 0.9);
  const { isolate, tokenRequests } = fleet();
  const source = isolate();
  await source.get();
  // 300 s and 2.3 times 120 s; the lead of a single isolate is at most 450 s.
  await advance(3_600_000 - 500_000);
  await source.get();
  await advance(1_000);
  assert.equal(tokenRequests(), 2);
});

test("who has read of a refusal does not take the token from a newer value either", async (t) => {
  takeTime(t);
  const { isolate, issuer, memory } = fleet();
  const one = isolate({ retries: 0 });
  const { accessToken } = await one.get();
  await advance(10);
  issuer.fail(Infinity);
  one.invalidate(accessToken);
  await advance(100);
  const other = isolate({ retries: 0 });
  await failure(() => other.get(), "server_overloaded");

  // The server gives an isolate that knows nothing the refused token once more.
  const unaware = isolate({
    retries: 0,
    store: sharedStore({ ...memory, get: async () => null }),
    fetch: async (/** @type {string} */ url, /** @type {any} */ init) =>
      url.endsWith("/token")
        ? Response.json({ access_token: accessToken, token_type: "Bearer", expires_in: 3_000 })
        : issuer.fetch(url, init),
  });
  assert.equal((await unaware.get()).accessToken, accessToken);
  await advance(60_000);
  issuer.fail(0);
  assert.notEqual((await other.get()).accessToken, accessToken);
});

test("a token that comes while a refusal is written stays in the store", async (t) => {
  takeTime(t);
  const delays = [0, 0, 400];
  const { isolate, memory, tokenRequests } = fleet({
    async get(/** @type {string} */ key) {
      const value = memory.get(key);
      const delay = delays.shift() ?? 0;
      if (delay > 0) await new Promise((done) => setTimeout(done, delay));
      return value;
    },
  });
  const source = isolate();
  const { accessToken } = await source.get();
  await advance(10);
  await isolate().get();
  // This reads the store for 400 ms, and sees the refused token there.
  source.invalidate(accessToken);
  await advance(10);
  const replaced = await source.get();
  await advance(1_000);
  assert.deepEqual(delays, []);
  assert.equal((await isolate().get()).accessToken, replaced.accessToken);
  assert.equal(tokenRequests(), 2);
});

test("a value by a clock that is behind counts as newer than the one it replaces", async (t) => {
  takeTime(t);
  const { isolate, tokenRequests, results } = fleet();
  const one = isolate();
  const { accessToken } = await one.get();
  await advance(10);
  jump(-30_000);
  const behind = isolate();
  await behind.get();
  behind.invalidate(accessToken);
  await advance(1_000);
  const replaced = await behind.get();
  await advance(1_000);
  jump(30_000);
  one.invalidate(accessToken);
  await advance(1_000);
  assert.equal((await one.get()).accessToken, replaced.accessToken);
  assert.equal(tokenRequests(), 2);
  assert.ok(!results().includes("get older"), results().join());
});

test("a refusal by a clock that is ahead does not hide the next token", async (t) => {
  takeTime(t);
  const { isolate, tokenRequests } = fleet();
  const [ahead, other] = [isolate(), isolate()];
  const { accessToken } = await ahead.get();
  await advance(10);
  await other.get();
  jump(30_000);
  ahead.invalidate(accessToken);
  await advance(1_000);
  jump(-30_000);
  other.invalidate(accessToken);
  await advance(1_000);
  const replaced = await other.get();
  await advance(1_000);
  jump(30_000);
  assert.equal((await ahead.get()).accessToken, replaced.accessToken);
  assert.equal(tokenRequests(), 2);
});

test("a refused token is not taken again in the same moment, however long its hash takes", async (t) => {
  const { isolate, tokenRequests } = fleet();
  const source = isolate();
  const { accessToken } = await source.get();
  await settle();
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  let digests = 0;
  t.mock.method(
    crypto.subtle,
    "digest",
    async (/** @type {any} */ name, /** @type {any} */ data) => {
      digests += 1;
      if (digests === 1) await wait(200);
      return digest(name, data);
    },
  );
  source.invalidate(accessToken);
  assert.notEqual((await source.get()).accessToken, accessToken);
  assert.equal(tokenRequests(), 2);
  assert.ok(digests > 0);
});

test("refusals are forgotten when their tokens have ended", async (t) => {
  takeTime(t);
  const { isolate, values } = fleet(undefined, { expiresIn: 60 });
  const source = isolate();
  /** The length of the value after a new token. */
  async function lengthOf() {
    await source.get();
    await advance(100);
    return [...values.values()][0].length;
  }
  const without = await lengthOf();
  for (let refusals = 0; refusals < 3; refusals += 1) {
    source.invalidate(await source.get());
    await advance(1_000);
    await source.get();
    await advance(1_000);
  }
  const withThem = [...values.values()][0].length;
  assert.ok(withThem > without + 60, `${without} ${withThem}`);
  await advance(120_000);
  assert.ok((await lengthOf()) < without + 20);
});

test("a copy that lags behind does not hide a refusal", async (t) => {
  takeTime(t);
  const { isolate, values, memory, tokenRequests } = fleet({
    get: (/** @type {string} */ key) => stale ?? memory.get(key),
  });
  /** @type {string | undefined} */
  let stale;
  const one = isolate();
  await one.get();
  await advance(10);
  const [older] = values.values();
  await advance(3_400_000);
  await one.get();
  await advance(1_000);
  assert.equal(tokenRequests(), 2);
  const { accessToken } = await one.get();
  stale = older;
  one.invalidate(accessToken);
  await advance(1_000);
  stale = undefined;
  // The refusal was written, so nobody takes the refused token.
  assert.notEqual((await isolate().get()).accessToken, accessToken);
});

test("while no other token can be had, the store says that the last one was refused", async () => {
  const { isolate, issuer, tokenRequests, results } = fleet();
  // Options that differ have values of their own.
  const alike = { retries: 0 };
  const one = isolate(alike);
  const { accessToken } = await one.get();
  await settle();
  issuer.fail(Infinity);
  one.invalidate(accessToken);
  await settle();
  await failure(() => isolate(alike).get(), "server_overloaded");
  assert.ok(results().includes("get refused"), results().join());
  issuer.fail(0);
  assert.notEqual((await isolate(alike).get()).accessToken, accessToken);
  assert.ok(tokenRequests() >= 3);
});

test("a flight that began before `invalidate` does not write its result", async (t) => {
  takeTime(t);
  const { isolate, values, issuer, tokenRequests } = fleet();
  /** @type {(() => void) | undefined} */
  let release;
  /** @type {import("edge-credentials").Fetch} */
  async function fetch(url, init) {
    const isRefresh = url.endsWith("/token") && tokenRequests() === 1;
    if (isRefresh) await new Promise((done) => (release = () => done(undefined)));
    return issuer.fetch(url, init);
  }
  const source = isolate({ fetch });
  const { accessToken } = await source.get();
  await advance(10);
  // The shortest lead is 300 s.
  await advance(3_310_000);
  // A refresh in the background, during which the token is refused.
  assert.equal((await source.get()).accessToken, accessToken);
  await advance(100);
  assert.ok(release, "the refresh has begun");
  source.invalidate(accessToken);
  await advance(10);
  const [refusal] = values.values();
  release?.();
  await advance(100);
  assert.deepEqual([...values.values()], [refusal]);
  assert.equal(tokenRequests(), 2);
});

test("after a rotation, older values are misses, and a wrong secret finds no token", async () => {
  const clients = { service: "secret" };
  const { isolate, values, tokenRequests } = fleet(undefined, { clients });
  const first = await isolate().get();
  await settle();
  await failure(() => isolate({ clientSecret: "wrong" }).get(), "credentials_refused");

  let secret = "secret";
  const rotating = () => isolate({ clientSecret: () => secret });
  assert.equal((await rotating().get()).accessToken, first.accessToken);
  // The one with the wrong secret asked too.
  assert.deepEqual([tokenRequests(), values.size], [2, 1]);

  clients.service = "other";
  secret = "other";
  const second = await rotating().get();
  await settle();
  assert.notEqual(second.accessToken, first.accessToken);
  assert.equal((await rotating().get()).accessToken, second.accessToken);
  assert.deepEqual([tokenRequests(), values.size], [3, 2]);
});

test("a secret that changes in mid-flight: the old one does not find the new one's token", async () => {
  const clients = { service: "old" };
  const { isolate, values, issuer, tokenRequests, results } = fleet(undefined, { clients });
  let secret = "old";
  const source = isolate({
    clientSecret: () => secret,
    fetch(/** @type {string} */ url, /** @type {any} */ init) {
      // Between the reading and the request.
      if (url.endsWith("/token") && tokenRequests() === 0) {
        clients.service = "new";
        secret = "new";
      }
      return issuer.fetch(url, init);
    },
  });
  const { accessToken } = await source.get();
  await settle();
  // The attempt that was repeated read and wrote under the name of the new secret.
  assert.deepEqual([values.size, results()], [1, ["set written"]]);
  assert.equal((await isolate({ clientSecret: "new" }).get()).accessToken, accessToken);
  await failure(() => isolate({ clientSecret: "old" }).get(), "credentials_refused");
});

test("a token that ends within a second is not stored", async () => {
  const { isolate, values, results } = fleet(undefined, { expiresIn: 0 });
  await isolate().get();
  await settle();
  assert.deepEqual([values.size, results()], [0, []]);
});

test("a token without a known end is not stored", async () => {
  const { isolate, values, issuer } = fleet();
  const source = isolate({
    tokenEndpoint: "https://idp.example/token",
    fetch: async () => Response.json({ access_token: "opaque", token_type: "Bearer" }),
  });
  await source.get();
  await settle();
  assert.deepEqual([values.size, issuer.requests.length], [0, 0]);
});

test("`reset` of the testing entry begins anew, and finds the store's token", async () => {
  const { isolate, tokenRequests } = fleet();
  const source = isolate();
  const first = await source.get();
  await settle();
  reset();
  assert.deepEqual(await source.get(), first);
  assert.equal(tokenRequests(), 1);
});

test("what is no store, and credentials that cannot seal", async () => {
  const server = { issuer: "https://idp.example" };
  const client = { ...server, clientId: "a", clientSecret: "b" };
  const store = sharedStore({ get() {}, set() {} });
  const wrong = [
    () => sharedStore(/** @type {any} */ (undefined)),
    () => sharedStore(/** @type {any} */ ({ get() {} })),
    () => tokenSource({ ...client, store: /** @type {any} */ ({ get() {}, set() {} }) }),
    () => tokenSource({ ...server, request: async () => new Response(), store }),
    () => tokenSource({ ...server, assertion: () => "a.b.c", store }),
    // What a function asserts cannot be compared across isolates: two users would meet.
    () => tokenSource({ ...client, assertion: () => "a.b.c", store }),
    () => tokenSource(/** @type {any} */ ({ accessToken: "pat", store })),
    // Functions that are no store: what they return is none of ours.
    ...[() => {}, async () => {}, sharedStore, () => ({ policy: 4 })].map(
      (wrong) => () => tokenSource({ ...client, store: /** @type {any} */ (wrong) }),
    ),
  ];
  for (const make of wrong) {
    assert.throws(make, (error) => error instanceof AuthError && error.code === "option_invalid");
  }
  const plain = () => tokenSource({ ...client, store: /** @type {any} */ (new Map()) });
  assert.throws(plain, /`store` must be what `sharedStore` or `kvStore` returns/);
});

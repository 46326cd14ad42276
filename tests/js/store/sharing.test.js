// @ts-check
// Isolates that share a token through a store. In one process, sources that differ in their `fetch`
// stand for the isolates: they have nothing in common but the store.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError, tokenSource } from "edge-credentials";
import { sharedStore } from "edge-credentials/store";
import { reset } from "edge-credentials/testing";
import { advance, takeTime } from "../support/clock.js";
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

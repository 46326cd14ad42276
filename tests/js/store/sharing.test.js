// @ts-check
// Isolates that share a token through a store. In one process, sources that differ in their `fetch`
// stand for the isolates: they have nothing in common but the store.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError, tokenSource } from "edge-credentials";
import { sharedStore } from "edge-credentials/store";
import { reset } from "edge-credentials/testing";
import { advance, jump, takeTime } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { fleet, settle } from "../support/fleet/store.js";

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

// @ts-check
// A token that was refused where it was used: no isolate takes it again, and no good one is lost.
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { sharedStore } from "edge-credentials/store";
import { advance, jump, takeTime } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { fleet, settle } from "../support/fleet/store.js";

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

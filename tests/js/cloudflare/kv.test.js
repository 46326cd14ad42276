// @ts-check
// Workers KV as a store, in the real workerd: ten isolates over one namespace, with KV's limits.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { startKv } from "../support/fleet/kv.js";
import { until } from "../support/until.js";
import { startZitadel } from "../support/zitadel/server.js";
import { startKvFleet } from "./fleet/start.js";

const ISOLATES = 10;
const SECRET = "canary-of-the-client-secret";

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
/** @type {Awaited<ReturnType<typeof startKv>>} */
let kv;
/** @type {Awaited<ReturnType<typeof startKvFleet>>} */
let fleet;
let sources = 0;

before(async () => {
  zitadel = await startZitadel({ clientSecret: SECRET });
  kv = await startKv();
  const { issuer, state } = zitadel;
  const bindings = { ISSUER: issuer, CLIENT_ID: state.clientId, CLIENT_SECRET: SECRET };
  fleet = await startKvFleet({ isolates: ISOLATES, bindings, kv: kv.address });
});
after(async () => {
  await fleet?.stop();
  await kv?.stop();
  await zitadel.stop();
});
beforeEach(() => {
  sources += 1;
  kv.calls.length = 0;
  kv.missed.clear();
  zitadel.state.expiresIn = 43_199;
});

test("the isolates take what the first one wrote; KV holds no plaintext", async () => {
  const { accessToken } = await token(0);
  await written(1);
  kv.missed.clear();
  for (let isolate = 1; isolate < ISOLATES; isolate += 1)
    assert.equal((await token(isolate)).accessToken, accessToken);
  assert.equal(requests(), 1);
  const stored = JSON.stringify([...kv.values]);
  for (const canary of [accessToken, SECRET, zitadel.issuer, zitadel.state.clientId])
    assert.ok(!stored.includes(canary), "KV holds plaintext");
  assert.match([...kv.values.keys()].join(), /^[\w-]{43}$/);
  const put = kv.calls.find(({ method }) => method === "PUT");
  assert.ok(put?.ttl && put.ttl > 43_000 && put.ttl <= 43_199, `${put?.ttl}`);
});

test("one source for all requests of an isolate", async () => {
  const before = (await call(0, "/seen")).sources;
  for (let times = 0; times < 6; times += 1) await token(0);
  assert.equal((await call(0, "/seen")).sources, before);
  assert.doesNotMatch(fleet.output(), /define the functions once/);
});

test("KV takes no less than 60 s: a token that ends earlier is put there for 60 s", async () => {
  zitadel.state.expiresIn = 45;
  await token(0);
  await written(1);
  assert.deepEqual(
    kv.calls.filter(({ method }) => method === "PUT"),
    [{ method: "PUT", status: 200, ttl: 60 }],
  );
});

test("one write a second: what KV answers with 429 is written a second later", async () => {
  const { accessToken } = await token(0);
  await written(1);
  kv.calls.length = 0;
  await call(0, "/invalidate", { token: accessToken });
  const replaced = await token(0);
  assert.notEqual(replaced.accessToken, accessToken);
  const isTaken = () => kv.calls.some(({ method, status }) => method === "PUT" && status === 200);
  await until(isTaken, "a write that KV takes");
  const puts = kv.calls.filter(({ method }) => method === "PUT").map(({ status }) => status);
  assert.equal(puts[0], 429);
  // What is there is the new token: another isolate takes it.
  kv.missed.clear();
  assert.equal((await token(1)).accessToken, replaced.accessToken);
  assert.equal(requests(), 2);
});

test("a refusal that is written, and the new token a second later", async () => {
  const { accessToken } = await token(0);
  await written(1);
  await wait(1_100);
  // KV takes the refusal, and refuses the new token at first.
  await call(0, "/invalidate", { token: accessToken });
  await written(2);
  const { accessToken: second } = await token(0);
  await wait(2_500);
  const third = await token(2);
  assert.equal(third.accessToken, second);
  assert.equal(requests(), 2);
});

test("a look-up in vain that KV remembers costs a request, and no more", async () => {
  assert.equal((await Promise.all([token(0), token(1)])).length, 2);
  await written(1);
  await token(2);
  assert.equal(requests(), 3);
  await wait(2_100);
  await token(3);
  assert.equal(requests(), 3);
});

test("KV that is down: everybody gets a token, and an event", async () => {
  await kv.stop();
  await call(0, "/events");
  assert.ok((await token(0)).accessToken);
  await wait(1_500);
  const { events } = await call(0, "/events");
  /** @type {{ type: string; operation: string; result: string }[]} */
  const stored = events.filter((/** @type {any} */ { type }) => type === "store");
  assert.deepEqual(
    stored.map(({ operation, result }) => `${operation} ${result}`),
    ["get failed", "set failed"],
  );
  assert.ok(!JSON.stringify(events).includes(SECRET));
});

/** @type {(isolate: number) => Promise<{ accessToken: string }>} */
function token(isolate) {
  return call(isolate, "/token");
}

/** @type {(isolate: number, path: string, parameters?: Record<string, string>) => Promise<any>} */
async function call(isolate, path, parameters) {
  const query = new URLSearchParams({ n: String(sources), ...parameters });
  const response = await fetch(`${fleet.urls[isolate]}${path}?${query}`);
  const json = await response.json();
  assert.equal(response.status, 200, JSON.stringify(json));
  return json;
}

/** How many token requests there were in this test. */
function requests() {
  const n = String(sources);
  return zitadel.requests.filter(({ body }) => new URLSearchParams(body).get("n") === n).length;
}

/** @param {number} count of writes */
function written(count) {
  const isWritten = () => kv.calls.filter(({ method }) => method === "PUT").length >= count;
  return until(isWritten, "a write");
}

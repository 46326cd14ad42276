// @ts-check
// The object of a broker, and the isolate that asks it, without a runtime: what takes hours, and
// what another deployment finds.
import assert from "node:assert/strict";
import { register } from "node:module";
import { test } from "node:test";
import { advance, settle, START, takeTime } from "../support/clock.js";
import { settled, watch } from "../support/promises.js";

const asModule = (/** @type {string} */ source) =>
  `data:text/javascript,${encodeURIComponent(source)}`;
const workers = asModule(
  "export class DurableObject { constructor(ctx, env) { Object.assign(this, { ctx, env }); } }",
);
register(
  asModule(
    `export async function resolve(name, context, next) {
       const url = ${JSON.stringify(workers)};
       return name === "cloudflare:workers" ? { url, shortCircuit: true } : next(name, context);
     }`,
  ),
);
const { brokered, kvStore, tokenBroker } = await import("edge-credentials/cloudflare");
const { tokenSource } = await import("edge-credentials");

const HOUR = 3_600_000;
const CLIENT = {
  tokenEndpoint: "https://idp.example/token",
  clientId: "a",
  clientSecret: "s3cret",
};

/** The storage of one object, whatever is deployed. */
function storageOf() {
  const values = new Map();
  return {
    values,
    /** @type {number | null} */
    alarm: null,
    alarms: 0,
    get: async (/** @type {string} */ key) => values.get(key),
    put: async (/** @type {string} */ key, /** @type {string} */ value) =>
      void values.set(key, value),
    getAlarm() {
      return Promise.resolve(this.alarm);
    },
    async setAlarm(/** @type {number} */ time) {
      this.alarm = time;
      this.alarms += 1;
    },
  };
}

/** A token endpoint that gives each token once, or is down. */
function serverOf() {
  const server = {
    requests: 0,
    isDown: false,
    async fetch(/** @type {string} */ _, /** @type {RequestInit} */ { body } = {}) {
      server.requests += 1;
      if (server.isDown) return new Response("{}", { status: 500 });
      const assertion = new URLSearchParams(String(body)).get("assertion");
      const access_token = assertion ?? `token-${server.requests}`;
      return Response.json({ access_token, token_type: "Bearer", expires_in: 3600 });
    },
  };
  return server;
}

/**
 * An object that has its first token, and an alarm for the next one.
 *
 * @param {import("node:test").TestContext} t
 */
async function warmObject(t) {
  takeTime(t);
  const storage = storageOf();
  const server = serverOf();
  const Warm = tokenBroker(() => ({ ...CLIENT, fetch: server.fetch }), { keepWarm: true });
  const object = new Warm({ storage }, {});
  await settled(object.token());
  return { storage, server, object };
}

/**
 * The alarm rings, when its time has come.
 *
 * @param {ReturnType<typeof storageOf>} storage
 * @param {{ alarm: () => Promise<void> }} object
 */
async function ring(storage, object) {
  await advance(Math.max(0, Number(storage.alarm) - Date.now()));
  storage.alarm = null;
  await settled(object.alarm());
  await settle();
}

test("an assertion beside a secret: another user's deployment finds no token of the first one's", async (t) => {
  takeTime(t);
  const storage = storageOf();
  const { fetch } = serverOf();
  const Tokens = tokenBroker((env) => ({ ...CLIENT, assertion: () => env.user, fetch }));
  for (const user of ["e30.alice.c2ln", "e30.bobby.c2ln"]) {
    const { token } = await settled(new Tokens({ storage }, { user }).token());
    assert.equal(token?.accessToken, user);
    await settle();
  }
  assert.equal(storage.values.size, 0);
  // Without one the token is there for the next deployment.
  const Others = tokenBroker(() => ({ ...CLIENT, fetch }));
  const { token } = await settled(new Others({ storage }, {}).token());
  await settle();
  assert.equal(storage.values.size, 1);
  assert.equal(
    (await settled(new Others({ storage }, {}).token())).token?.accessToken,
    token?.accessToken,
  );
});

test("while the server is down an alarm does not ring each second", async (t) => {
  const { storage, server, object } = await warmObject(t);
  assert.equal(storage.alarm, START + HOUR - 600_000);

  server.isDown = true;
  while (Number(storage.alarm) < START + HOUR - 150_000) await ring(storage, object);
  assert.ok(storage.alarms > 15 && storage.alarms < 35, `${storage.alarms} alarms`);

  // Once it is back, an alarm brings another token, before this one has ended.
  server.isDown = false;
  while (Number(storage.alarm) < START + HOUR - 1_000) await ring(storage, object);
  assert.ok(Date.now() < START + HOUR);
  assert.ok(Number(storage.alarm) > START + HOUR + 2_000_000);
  assert.equal((await settled(object.token())).token?.accessToken, `token-${server.requests}`);
});

test("a token is renewed by one alarm a second after another, hour after hour", async (t) => {
  const { storage, server, object } = await warmObject(t);
  for (let hour = 0; hour < 3; hour += 1) {
    const due = Number(storage.alarm);
    await ring(storage, object);
    assert.equal(storage.alarm, due + 1_000);
    await ring(storage, object);
    assert.ok(Number(storage.alarm) > due + 2_000_000);
    assert.equal(server.requests, hour + 2);
  }
});

test("without `keepWarm` the alarm of a former deployment is the last one", async (t) => {
  takeTime(t);
  const storage = storageOf();
  const server = serverOf();
  const options = () => ({ ...CLIENT, fetch: server.fetch });
  const Warm = tokenBroker(options, { keepWarm: true });
  await settled(new Warm({ storage }, {}).token());
  assert.ok(storage.alarm);
  const Cold = tokenBroker(options);
  await ring(storage, new Cold({ storage }, {}));
  assert.equal(storage.alarm, null);
  assert.equal(server.requests, 1);
});

test("an answer that nobody waited for is not taken for a token that the isolate has", async (t) => {
  takeTime(t);
  const Tokens = tokenBroker(() => ({ ...CLIENT, fetch: serverOf().fetch }));
  const object = new Tokens({ storage: storageOf() }, {});
  /** @type {object[]} */
  const questions = [];
  let delay = 1_000;
  const namespace = {
    idFromName: (/** @type {string} */ name) => name,
    get: () => ({
      async token(/** @type {object} */ question) {
        questions.push(question);
        const answer = await object.token(question);
        await new Promise((done) => setTimeout(done, delay));
        return answer;
      },
    }),
  };
  const source = brokered(namespace);
  const leaving = new AbortController();
  const caller = watch(source.get({ signal: leaving.signal }));
  await advance(100);
  leaving.abort();
  await advance(2_000);
  assert.equal(caller.error.name, "AbortError");
  delay = 0;
  const token = await settled(source.get());
  assert.deepEqual(
    questions.map((question) => Reflect.get(question, "held")),
    [undefined, undefined],
  );

  // One that it has is told.
  await advance(3_500_000);
  await settled(source.get());
  await settle();
  assert.equal(Reflect.get(questions.at(-1) ?? {}, "held"), token.accessToken);
});

test("a store over KV keeps nothing of a key that was written", async (t) => {
  const set = t.mock.method(Map.prototype, "set");
  const writes = () =>
    set.mock.calls.filter(({ arguments: [, value] }) => typeof value === "symbol");
  const store = kvStore({ get: async () => null, put: async () => {} });
  for (const tenant of ["one", "two", "three"]) {
    const { fetch } = serverOf();
    await tokenSource({ ...CLIENT, clientId: tenant, fetch, store }).get();
  }
  await new Promise((done) => setTimeout(done, 50));
  const kept = new Set(writes().map((call) => call.this));
  assert.equal(writes().length, 3);
  assert.deepEqual(
    [...kept].map((map) => Reflect.get(map ?? {}, "size")),
    [0],
  );
});

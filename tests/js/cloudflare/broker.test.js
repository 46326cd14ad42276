// @ts-check
// The broker, in the real workerd: ten Workers that call one Durable Object by RPC.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import {
  call,
  CALLERS,
  everybody,
  fleet,
  ISOLATES,
  next,
  questions,
  requests,
  SECRET,
  zitadel,
} from "./fleet/calls.js";

const OBJECTS = ["FORGER", "LATER", "OTHER", "THROWER", "TOKENS", "WAITER", "WARM", "WRONG"];
const TOKEN = ["accessToken", "expiresAt", "extra", "obtainedAt", "scope", "tokenType"];

test("1,000 callers over ten isolates cause one request, and each isolate asks the object once", async () => {
  const object = next();
  const tokens = await everybody(object);
  assert.equal(tokens.length, ISOLATES * CALLERS);
  assert.equal(new Set(tokens).size, 1);
  assert.equal(requests(object), 1);
  assert.equal((await questions()).length, ISOLATES);

  assert.equal(new Set(await everybody(object)).size, 1);
  assert.equal(requests(object), 1);
  assert.equal((await questions()).length, ISOLATES);
});

test("two sources of one isolate: each knows its own token, and tells of its own refusal", async () => {
  const object = next();
  const [url] = fleet.urls;
  const call = async (/** @type {string} */ path, /** @type {string} */ api) => {
    const query = new URLSearchParams({ object, api });
    const response = await fetch(`${url}${path}?${query}`);
    return /** @type {any} */ (await response.json());
  };
  const [one, other] = ["https://one.example", "https://other.example"];
  const { accessToken: first } = await call("/token", one);
  const startedAt = performance.now();
  assert.equal((await call("/token", other)).accessToken, first);
  // With the other's token it would wait for a refresh that is not under way, for 5 s.
  assert.ok(performance.now() - startedAt < 3_000);
  assert.equal(requests(object), 1);

  await call("/invalidate", one);
  const { accessToken: second } = await call("/token", one);
  assert.notEqual(second, first);
  // The other one still has the first token, and its refusal must not cost the second one.
  await call("/invalidate", other);
  assert.equal((await call("/token", other)).accessToken, second);
  assert.equal(requests(object), 2);
});

test("the same across a rollover: two requests for two tokens, and each isolate asks twice", async () => {
  zitadel.state.expiresIn = 20;
  const object = next();
  const startedAt = performance.now();
  const [first] = new Set(await everybody(object));
  // The object renews it 8 to 12 s before its end, the isolates 4 to 6 s, and they use it until 2 s.
  await wait(16_200 - (performance.now() - startedAt));
  await everybody(object, 10);
  await wait(500);
  const [second, ...others] = new Set(await everybody(object));
  assert.deepEqual([others.length, second === first], [0, false]);
  assert.equal(requests(object), 2);
  assert.equal((await questions()).length, 2 * ISOLATES);
});

test("a refused token reaches the object, which requests another for all", async () => {
  const object = next();
  const [first] = new Set(await everybody(object, 1));
  await call(0, "/invalidate", { object });
  const { json } = await call(0, "/token", { object });
  assert.notEqual(json.accessToken, first);
  assert.equal(requests(object), 2);
  // The others find out by themselves, and get what is there.
  await call(1, "/invalidate", { object });
  assert.equal((await call(1, "/token", { object })).json.accessToken, json.accessToken);
  assert.equal(requests(object), 2);
});

test("two versions of the code run at once: Workers of both get one token of one request", async () => {
  const object = next();
  const [tokens, ...old] = await Promise.all([
    everybody(object, 10),
    ...Array.from({ length: 10 }, (_, n) => call(n, "/old", { object })),
  ]);
  for (const { json } of old) tokens.push(json.token.accessToken);
  assert.equal(new Set(tokens).size, 1);
  assert.equal(requests(object), 1);
});

test("a later version of the object: Workers take from its answer what they know", async () => {
  const object = next();
  const tokens = await everybody(object, 10, ISOLATES, "LATER");
  assert.equal(new Set(tokens).size, 1);
  assert.equal(requests(object), 1);
  const { json } = await call(0, "/token", { object, kind: "LATER" });
  assert.deepEqual(Object.keys(json).sort(), TOKEN);
  // It does not know what was refused, so it goes on giving its token, and nobody waits for ever.
  await call(0, "/invalidate", { object, kind: "LATER" });
  assert.equal((await call(0, "/token", { object, kind: "LATER" })).json.accessToken, tokens[0]);
});

test("the secret is in the object's environment alone, and one source serves all requests", async () => {
  const object = next();
  const before = (await call(0, "/sources", { object })).json.sources;
  await everybody(object, 20, 1);
  const { sources, env, events } = (await call(0, "/sources", { object })).json;
  assert.equal(sources, before);
  assert.deepEqual(env, OBJECTS);
  assert.ok(!JSON.stringify(events).includes(SECRET));
  // Nor does the object answer with it, whatever it is asked.
  const failing = next();
  zitadel.script({ status: 401, body: { error: "invalid_client", error_description: SECRET } });
  const answers = [
    await call(0, "/old", { object }),
    await call(0, "/old", { object: failing }),
    await call(1, "/token", { object: failing }),
    await call(1, "/token", { kind: "WRONG" }),
  ];
  assert.equal(answers[1].json.error.code, "credentials_refused");
  assert.ok(!JSON.stringify(answers).includes(SECRET));
});

test("the object renews its token before any isolate is due", async () => {
  zitadel.state.expiresIn = 10;
  const object = next();
  await call(0, "/token", { object });
  // The object is due 4 to 6 s before the end, isolates 2 to 3 s.
  await wait(6_400);
  await call(0, "/old", { object });
  await wait(500);
  assert.equal(requests(object), 2);
});

test("a source that was dropped, as one of many, does not ask for the token after the present one", async () => {
  const object = next();
  const { json } = await call(0, "/token", { object });
  await call(0, "/fill", { object });
  const askedAt = performance.now();
  const again = await call(0, "/token", { object });
  assert.equal(again.json.accessToken, json.accessToken);
  assert.ok(performance.now() - askedAt < 3_000);
  assert.equal((await questions()).length, 2);
});

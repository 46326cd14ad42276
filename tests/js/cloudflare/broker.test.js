// @ts-check
// The broker, in the real workerd: ten Workers that call one Durable Object by RPC.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { lead } from "../support/reset/connection-reset.js";
import { until } from "../support/until.js";
import { startZitadel } from "../support/zitadel/server.js";
import { startBrokerFleet } from "./fleet/start.js";

const ISOLATES = 10;
const CALLERS = 100;
const SECRET = "canary-of-the-client-secret";
const OBJECTS = ["FORGER", "LATER", "OTHER", "THROWER", "TOKENS", "WAITER", "WARM", "WRONG"];
const TOKEN = ["accessToken", "expiresAt", "extra", "obtainedAt", "scope", "tokenType"];

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
/** @type {Awaited<ReturnType<typeof startBrokerFleet>>} */
let fleet;
let objects = 0;

before(async () => {
  zitadel = await startZitadel({ clientSecret: SECRET });
  const { issuer, state } = zitadel;
  const bindings = { ISSUER: issuer, CLIENT_ID: state.clientId, CLIENT_SECRET: SECRET };
  fleet = await startBrokerFleet({ isolates: ISOLATES, bindings });
});
after(async () => {
  await fleet?.stop();
  await zitadel.stop();
});
beforeEach(async () => {
  zitadel.state.expiresIn = 43_199;
  await fetch(`${fleet.broker}/reset`);
});

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

test("the leader's connection is reset: the others get the token of its request", async () => {
  const object = next();
  zitadel.script({
    delay: 1_500,
    body: { access_token: "slow", token_type: "Bearer", expires_in: 3600 },
  });
  const leader = lead(`${fleet.urls[0]}/token?object=${object}`);
  await until(() => requests(object) === 1, "the request");
  const waiters = everybody(object, 5);
  await wait(150);
  leader.reset();
  assert.deepEqual([...new Set(await waiters)], ["slow"]);
  assert.equal(requests(object), 1);
});

test("the object is evicted in mid-flight: one more request, and everybody gets its token", async () => {
  const object = next();
  zitadel.script({
    delay: 1_500,
    body: { access_token: "lost", token_type: "Bearer", expires_in: 3600 },
  });
  const waiters = everybody(object);
  await until(() => requests(object) === 1, "the request");
  await wait(150);
  await call(0, "/do", { object, method: "evict" });
  const tokens = await waiters;
  assert.equal(new Set(tokens).size, 1);
  assert.notEqual(tokens[0], "lost");
  assert.equal(requests(object), 2);
});

test("an object that is evicted with a token has it afterwards, and stores no plaintext", async () => {
  const object = next();
  const [token] = await everybody(object, 1, 1);
  const { result } = (await call(0, "/do", { object, method: "stored" })).json;
  const stored = JSON.stringify(result);
  assert.match(stored, /^\{"edge-credentials\.token":"1\.[\w-]+\.[\w-]+"\}$/);
  for (const canary of [token, SECRET, zitadel.issuer, zitadel.state.clientId])
    assert.ok(!stored.includes(canary));

  for (let times = 0; times < 6; times += 1) {
    await call(0, "/do", { object, method: "evict" });
    const { json } = await call(1 + times, "/token", { object });
    assert.equal(json.accessToken, token);
  }
  assert.equal(requests(object), 1);
  // It is no mistake of the program that an object starts anew.
  assert.doesNotMatch(fleet.output(), /define the functions once/);
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

test("errors of the object are errors of the isolate, with the code, the hint and the pause", async () => {
  const object = next();
  zitadel.script({ status: 401, body: { error: "invalid_client" } });
  const { status, json } = await call(0, "/token", { object });
  assert.equal(status, 503);
  const { code, category, hint, retryAt, status: http } = json;
  assert.deepEqual([code, category, http], ["credentials_refused", "denied", 401]);
  assert.ok(hint && retryAt > Date.now() - 60_000);
  // Everybody is told the same, and nobody asks again before the pause.
  const { json: other } = await call(1, "/token", { object });
  assert.equal(other.code, code);
  assert.ok(Math.abs(other.retryAt - retryAt) < 1_000);
  assert.equal(requests(object), 1);
});

test("wrong options, a function that throws, and a class that is no broker", async () => {
  const wrong = await call(0, "/token", { kind: "WRONG" });
  assert.deepEqual([wrong.json.code, wrong.json.category], ["option_invalid", "misuse"]);
  for (const kind of ["THROWER", "FORGER", "WAITER"]) {
    const { json } = await call(0, "/token", { kind });
    assert.deepEqual([json.code, json.category], ["callback_failed", "misuse"], kind);
    assert.match(json.message, kind === "WAITER" ? /gave a promise/ : /threw an error/);
    assert.ok(!JSON.stringify(json).includes("canary"), kind);
  }
  const other = await call(0, "/token", { kind: "OTHER" });
  assert.deepEqual([other.json.code, other.json.category], ["endpoint_unsuitable", "misuse"]);
});

for (const what of ["is down", "gives the same token"])
  test(`a server that ${what}: nobody waits, and all have the token`, async () => {
    zitadel.state.expiresIn = 10;
    const object = next();
    const startedAt = performance.now();
    const [token] = await everybody(object, 1);
    const body =
      what === "is down"
        ? { error: "invalid_request" }
        : { access_token: token, token_type: "Bearer", expires_in: 2 };
    /** @type {import("../support/zitadel/server.js").Scripted} */
    const answer = { status: what === "is down" ? 400 : 200, body };
    zitadel.script(...Array(50).fill(answer));
    // The object renews it 4 to 6 s before its end, the isolates 2 to 3 s.
    await wait(8_100 - (performance.now() - startedAt));
    const before = (await questions()).length;
    const askedAt = performance.now();
    for (let times = 0; times < 4; times += 1) {
      assert.deepEqual([...new Set(await everybody(object, 5))], [token]);
      await wait(50);
    }
    assert.ok(performance.now() - askedAt < 3_000);
    answer.path = "/no-more";
    const asked = (await questions()).length - before;
    assert.ok(asked >= 1 && asked <= 3 * ISOLATES, `${asked} questions`);
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

test("a question that is a long text, or no object, is one that asks nothing", async () => {
  const object = next();
  const { json } = await call(0, "/token", { object });
  for (const question of ["long", "number", "list"]) {
    const askedAt = performance.now();
    const odd = await call(0, "/odd", { object, question });
    assert.equal(odd.json.token?.accessToken, json.accessToken, JSON.stringify(odd.json));
    assert.ok(performance.now() - askedAt < 2_000);
  }
});

test("an alarm keeps the token warm, and goes on after seven failures", async () => {
  zitadel.state.expiresIn = 4;
  const object = next();
  const warm = { object, kind: "WARM" };
  await call(0, "/token", warm);
  // Nobody asks meanwhile.
  await until(() => requests(object) >= 2, "the alarm");

  /** @type {import("../support/zitadel/server.js").Scripted} */
  const failure = { status: 400, body: { error: "invalid_request" } };
  zitadel.script(...Array(50).fill(failure));
  await wait(4_500);
  const next7 = [];
  for (let failures = 0; failures < 7; failures += 1) {
    const { status, json } = await call(0, "/do", { ...warm, method: "runAlarm" });
    assert.equal(status, 200, "an alarm that throws would be given up");
    next7.push(json.result);
  }
  assert.ok(next7.every((time) => time > Date.now() - 1_000 && time <= Date.now() + 60_000));
  assert.notEqual((await call(1, "/token", warm)).status, 200);

  failure.path = "/no-more";
  zitadel.state.expiresIn = 43_199;
  const sent = requests(object);
  await until(() => requests(object) > sent, "the next alarm");
  await wait(500);
  assert.equal(new Set(await everybody(object, 10, ISOLATES, "WARM")).size, 1);
  assert.equal(requests(object), sent + 1);
});

test("an alarm that the platform gave up is set again by the next one who asks", async () => {
  const object = next();
  const warm = { object, kind: "WARM" };
  await call(0, "/token", warm);
  await call(0, "/do", { ...warm, method: "giveUp" });
  await call(1, "/token", warm);
  const { result } = (await call(0, "/do", { ...warm, method: "nextAlarm" })).json;
  assert.ok(result > Date.now() + 40_000_000 && result < Date.now() + 43_199_000);
  assert.equal(requests(object), 1);
});

/** An object of the test's own. */
function next() {
  objects += 1;
  return `object-${objects}`;
}

/**
 * @param {string} object
 * @param {number} [callers] of each isolate
 * @param {number} [isolates]
 * @param {string} [kind]
 * @returns {Promise<string[]>} their tokens
 */
async function everybody(object, callers = CALLERS, isolates = ISOLATES, kind = "TOKENS") {
  const asked = Array.from({ length: isolates * callers }, async (_, n) => {
    const { status, json } = await call(n % isolates, "/token", { object, kind });
    assert.equal(status, 200, JSON.stringify(json));
    return json.accessToken;
  });
  return Promise.all(asked);
}

/**
 * @type {(
 *   isolate: number,
 *   path: string,
 *   parameters: Record<string, string>,
 * ) => Promise<{ status: number; json: any }>}
 */
async function call(isolate, path, parameters) {
  const response = await fetch(`${fleet.urls[isolate]}${path}?${new URLSearchParams(parameters)}`);
  return { status: response.status, json: await response.json() };
}

/** How many token requests there were for an object. @param {string} object */
function requests(object) {
  return zitadel.requests.filter(({ body }) => new URLSearchParams(body).get("object") === object)
    .length;
}

async function questions() {
  return (await (await fetch(fleet.broker)).json()).questions;
}

// @ts-check
// The broker when something goes wrong: resets, evictions, a server that fails, odd questions, alarms.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { lead } from "../support/reset/connection-reset.js";
import { until } from "../support/until.js";
import {
  call,
  everybody,
  fleet,
  ISOLATES,
  next,
  questions,
  requests,
  SECRET,
  zitadel,
} from "./fleet/calls.js";

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
  test(`a server that ${what}: nobody waits, and all have the token`, async (t) => {
    zitadel.state.expiresIn = 40;
    const object = next();
    const startedAt = performance.now();
    const [token] = await everybody(object, 1);
    const body =
      what === "is down"
        ? { error: "invalid_request" }
        : { access_token: token, token_type: "Bearer", expires_in: 4 };
    /** @type {import("../support/zitadel/server.js").Scripted} */
    const answer = { status: what === "is down" ? 400 : 200, body };
    zitadel.script(...Array(50).fill(answer));
    t.after(() => {
      answer.path = "/no-more";
    });
    // The object renews it 16 to 24 s before its end, the isolates 8 to 12 s; it is used for 36 s.
    await wait(32_100 - (performance.now() - startedAt));
    const before = (await questions()).length;
    const askedAt = performance.now();
    for (let times = 0; times < 4; times += 1) {
      assert.deepEqual([...new Set(await everybody(object, 2))], [token]);
      await wait(50);
    }
    assert.ok(performance.now() - askedAt < 3_500);
    const asked = (await questions()).length - before;
    assert.ok(asked >= 1 && asked <= 3 * ISOLATES, `${asked} questions`);
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

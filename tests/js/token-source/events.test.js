// @ts-check
// What a source tells and when it does what: events, attempts, times.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, countTimers, jump, settle, START } from "../support/clock.js";
import { outcome, watch } from "../support/promises.js";
import { sourceFixture } from "../support/fixtures/token-source.js";

const HOUR = 3_600_000;
const down = { status: 500, body: "" };

test("events say when something began and ended, and how many attempts it took", async (t) => {
  const { source, server, events } = sourceFixture(t);
  t.mock.method(Math, "random", () => 0);
  server.script.push({ delay: 400, fails: true }, { delay: 400, status: 503, body: "" });
  server.script.push({
    delay: 400,
    body: { access_token: "late", token_type: "Bearer", expires_in: 3600 },
  });
  const caller = watch(source.get());
  await outcome(caller);
  const at = [START + 400 + 300, START + 400 + 300 + 400 + 1_000];
  const endedAt = at[1] + 400;
  assert.deepEqual(events, [
    {
      type: "retry",
      what: "token",
      attempt: 2,
      at: at[0],
      code: "network_failed",
      category: "unavailable",
    },
    {
      type: "retry",
      what: "token",
      attempt: 3,
      at: at[1],
      code: "server_overloaded",
      category: "unavailable",
      status: 503,
    },
    {
      type: "fetch",
      what: "token",
      startedAt: START,
      endedAt,
      attempts: 3,
      expiresAt: at[1] + HOUR,
    },
  ]);
  assert.deepEqual(
    [caller.value?.obtainedAt, caller.value?.expiresAt],
    [at[1], at[1] + HOUR],
    "a lifetime counts from when the request was sent",
  );
});

test("a failure is told with its attempts and its pause, while a token is good too", async (t) => {
  const { source, server, events } = sourceFixture(t);
  server.always = { fails: true };
  await outcome(watch(source.get()));
  const [fail] = events.filter(({ type }) => type === "fail");
  assert.deepEqual(
    { ...fail, startedAt: 0, endedAt: 0, retryAt: 0 },
    {
      type: "fail",
      what: "token",
      startedAt: 0,
      endedAt: 0,
      attempts: 3,
      code: "network_failed",
      category: "unavailable",
      retryAt: 0,
    },
  );
  assert.ok(
    fail.type === "fail" &&
      fail.startedAt === START &&
      fail.endedAt > START + 1_300 &&
      fail.retryAt === fail.endedAt + 1_000,
  );

  const other = sourceFixture(t);
  await other.source.get();
  jump(HOUR - 240_000);
  other.server.always = down;
  await other.source.get();
  await settle();
  const last = other.events.at(-1);
  assert.ok(last?.type === "fail" && last.retryAt === Date.now() + 1_000, JSON.stringify(last));

  const busy = sourceFixture(t);
  await busy.source.get();
  jump(HOUR - 200_000);
  busy.server.always = { status: 429, headers: { "retry-after": "290" }, body: "" };
  await busy.source.get();
  await settle();
  const told = busy.events.at(-1);
  assert.ok(
    told?.type === "fail" && told.retryAt === Date.now() + 290_000,
    "later than the token's end",
  );
});

test("a token that is rejected twice is told of once", async (t) => {
  const { source, events } = sourceFixture(t);
  const token = await source.get();
  source.invalidate(token);
  source.invalidate(token);
  assert.equal(events.filter(({ type }) => type === "invalidate").length, 1);
});

test("isolates do not refresh in step: the time is drawn", async (t) => {
  for (const [random, from, to] of [
    [0, 300, 299],
    [1, 450, 449],
  ]) {
    t.mock.method(Math, "random", () => random);
    const { source, tokenRequests } = sourceFixture(t);
    await source.get();
    jump(HOUR - from * 1_000 - 1_000);
    await source.get();
    assert.equal(tokenRequests().length, 1);
    jump((from - to) * 1_000);
    await source.get();
    await settle();
    assert.equal(tokenRequests().length, 2, `${random}`);
  }
});

test("an attempt has ten seconds, after which its request is aborted and the next one follows", async (t) => {
  const signals = /** @type {AbortSignal[]} */ ([]);
  const { source, server, requests } = sourceFixture(t, {
    fetch(url, init) {
      signals.push(/** @type {AbortSignal} */ (init.signal));
      return server.fetch(url, init);
    },
  });
  server.always = { hangs: true };
  watch(source.get());
  await advance(9_950);
  assert.deepEqual([requests.length, signals[0].aborted], [1, false]);
  await advance(700);
  assert.deepEqual([requests.length, signals[0].aborted], [2, true]);
});

test("502, 503 and 504 are tried again, 500 and whoever says when to come back are not", async (t) => {
  for (const [answer, attempts] of /** @type {const} */ ([
    [{ status: 502 }, 3],
    [{ status: 503 }, 3],
    [{ status: 504 }, 3],
    [{ status: 500 }, 1],
    [{ status: 503, headers: { "retry-after": "20" } }, 1],
  ])) {
    const { source, server, requests } = sourceFixture(t);
    server.always = { body: "", ...answer };
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(requests.length, attempts, JSON.stringify(answer));
    if ("headers" in answer) assert.equal(caller.error?.retryAt, requests[0].at + 20_000);
  }
});

test("each of those who wait gets an error of its own", async (t) => {
  const { source, server } = sourceFixture(t);
  server.always = down;
  const errors = await Promise.all(
    [source.get(), source.get(), source.get()].map((promise) => promise.catch((error) => error)),
  );
  assert.equal(new Set(errors).size, 3);
  errors[0].hint = "changed";
  assert.notEqual((await source.get().catch((error) => error)).hint, "changed");
});

test("a wait leaves neither a timer nor a listener behind", async (t) => {
  let listeners = 0;
  const signal = new AbortController().signal;
  t.mock.method(signal, "addEventListener", () => {
    listeners += 1;
  });
  t.mock.method(signal, "removeEventListener", () => {
    listeners -= 1;
  });
  const { source, server } = sourceFixture(t);
  const setTimer = t.mock.method(globalThis, "setTimeout");

  await source.get({ signal });
  assert.deepEqual([listeners, countTimers()], [0, 0]);

  server.always = down;
  jump(HOUR);
  await source.get({ signal }).catch(() => {});
  assert.deepEqual([listeners, countTimers()], [0, 0]);

  assert.notEqual(setTimer.mock.callCount(), 0);
  setTimer.mock.restore();
});

test("what an error's cause tells of the runtime's: the inner code first, and no long one", async (t) => {
  const cases = [
    [
      { code: "OUTER", cause: { code: "INNER" } },
      { name: "TypeError", code: "INNER" },
    ],
    [{ code: "OUTER" }, { name: "TypeError", code: "OUTER" }],
    [{ code: `E${"X".repeat(40)}` }, { name: "TypeError" }],
    [{ code: "not a code" }, { name: "TypeError" }],
  ];
  for (const [thrown, cause] of cases) {
    const { source } = sourceFixture(t, {
      fetch: async () => {
        throw Object.assign(new TypeError("c4nary"), thrown);
      },
    });
    const caller = watch(source.get());
    await outcome(caller);
    assert.deepEqual(caller.error?.cause, cause);
  }
});

test("characters that are split between two chunks are read as they are, one that is cut off is an error", async (t) => {
  const bytes = new TextEncoder().encode('{"access_token":"a","token_type":"Bearer","name":"é"}');
  const at = bytes.indexOf(0xa9);
  const headers = { "content-type": "application/json" };
  const inTwo = (/** @type {number} */ end) =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.slice(0, at));
        if (end > at) controller.enqueue(bytes.slice(at, end));
        controller.close();
      },
    });
  /** @type {string[]} */
  const texts = [];
  const { decode } = TextDecoder.prototype;
  t.mock.method(
    TextDecoder.prototype,
    "decode",
    /** @this {TextDecoder} @param {any[]} args */ function (...args) {
      const text = decode.apply(this, /** @type {any} */ (args));
      texts.push(text);
      return text;
    },
  );
  const { source } = sourceFixture(t, {
    fetch: async () => new Response(inTwo(bytes.length), { headers }),
  });
  await source.get();
  assert.ok(texts.join("").includes('"é"}') && !texts.join("").includes("\ufffd"));
  texts.length = 0;
  const cut = sourceFixture(t, { fetch: async () => new Response(inTwo(at), { headers }) });
  await assert.rejects(cut.source.get(), { code: "response_not_json" });
  assert.ok(texts.join("").includes("\ufffd"), "what was cut off is not passed over");
});

test("an answer as large as it may be is read, and one of a response without streams", async (t) => {
  const body = JSON.stringify({ access_token: "large", token_type: "Bearer" }).padEnd(262_144);
  const { source } = sourceFixture(t, {
    fetch: async () => new Response(body, { headers: { "content-type": "application/json" } }),
  });
  assert.equal((await source.get()).accessToken, "large");
  const other = sourceFixture(t, {
    fetch: async () =>
      /** @type {any} */ ({ status: 200, headers: new Headers(), text: async () => body }),
  });
  assert.equal((await other.source.get()).accessToken, "large");
});

// @ts-check
// The token source when things go wrong: servers that are down, slow or mad, and clocks that jump.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle, START } from "../support/clock.js";
import { rejections } from "../support/errors.js";
import { outcome, watch } from "../support/promises.js";
import { sourceFixture } from "../support/fixtures/token-source.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("a server that is down from the start: callers fail at once while it backs off, and recovery is noticed", async (t) => {
  const { source, server, requests, events } = sourceFixture(t);
  server.always = { fails: true };
  const first = watch(source.get());
  await outcome(first);
  assert.deepEqual(
    [first.error?.code, first.error?.category, first.error?.cause],
    ["network_failed", "unavailable", { name: "TypeError", code: "ECONNREFUSED" }],
  );
  assert.equal(requests.length, 3);

  const [early] = await rejections(source.get());
  assert.ok(
    early.retryAt > Date.now() && early.retryAt <= Date.now() + 1_000,
    String(early.retryAt - Date.now()),
  );
  assert.ok(early !== first.error && early.retryable);
  assert.equal(requests.length, 3);

  server.always = undefined;
  jump(early.retryAt - Date.now());
  assert.equal((await source.get()).accessToken, "token-1");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["retry", "retry", "fail", "fetch"],
  );
});

test("back-off doubles to a minute", async (t) => {
  const { source, server } = sourceFixture(t);
  server.always = { status: 400, body: { error: "invalid_client" } };
  const pauses = [];
  for (let i = 0; i < 9; i += 1) {
    const [{ retryAt, category }] = await rejections(source.get());
    assert.equal(category, "denied");
    pauses.push((retryAt - Date.now()) / 1_000);
    jump(retryAt - Date.now());
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("a server that is down when it is time to refresh: callers keep the token to its end", async (t) => {
  const rejected = /** @type {unknown[]} */ ([]);
  const onRejection = (/** @type {unknown} */ reason) => rejected.push(reason);
  process.on("unhandledRejection", onRejection);
  t.after(() => process.off("unhandledRejection", onRejection));
  const { source, server, events } = sourceFixture(t);
  await source.get();
  server.always = { fails: true };
  jump(HOUR - 4 * MINUTE);
  for (let second = 0; second < 230; second += 10) {
    assert.equal((await source.get()).accessToken, "token-1", `${second} s`);
    await advance(10_000);
  }
  jump(10_000);
  const late = watch(source.get());
  await outcome(late);
  assert.equal(late.error?.code, "network_failed");
  assert.ok(events.some(({ type }) => type === "fail"));
  await settle();
  assert.deepEqual(rejected, []);
});

test("a server that is down when the token is about to end: callers who come only now get it all the same, to its end", async (t) => {
  const { source, server, events } = sourceFixture(t);
  await source.get();
  jump(HOUR - 10_000);
  server.always = { status: 500, body: "" };
  assert.equal((await source.get()).accessToken, "token-1");
  assert.equal(events.at(-1)?.type, "fail");
  jump(10_000);
  assert.equal((await rejections(source.get()))[0].code, "server_failed");
});

test("a rejection that does not count leaves the token for when the server is down", async (t) => {
  const { source, server } = sourceFixture(t);
  server.expiresIn = 60;
  source.invalidate(await source.get());
  const second = await source.get();
  jump(55_000);
  source.invalidate(second);
  server.always = { status: 500, body: "" };
  for (let i = 0; i < 3; i += 1) {
    assert.equal(await source.get(), second);
    assert.equal(await source.authorization(), "Bearer token-2");
    jump(500);
  }
  jump(5_000);
  assert.equal((await rejections(source.get()))[0].code, "server_failed");
});

test("a clock an hour forward makes one more request, an hour back keeps the token for a minute at most", async (t) => {
  const { source, tokenRequests } = sourceFixture(t);
  await source.get();
  jump(2 * HOUR);
  assert.equal((await source.get()).accessToken, "token-2");
  jump(-3 * HOUR);
  assert.equal((await source.get()).accessToken, "token-2");
  await settle();
  assert.equal(tokenRequests().length, 3);
  assert.equal((await source.get()).accessToken, "token-3");
  jump(HOUR + MINUTE);
  assert.equal((await source.get()).accessToken, "token-4");
  assert.equal(tokenRequests().length, 4);
});

test("a clock back while the server is down: the token does not become eternal", async (t) => {
  const { source, server } = sourceFixture(t);
  await source.get();
  jump(-HOUR);
  server.always = { status: 500, body: "" };
  assert.equal((await source.get()).accessToken, "token-1");
  jump(61_000);
  const [error] = await rejections(source.get());
  assert.equal(error.code, "server_failed");
});

test("a clock that stands still, and a server that hangs: the wait ends all the same", async (t) => {
  const { source, server, requests } = sourceFixture(t, { timeout: 15_000 });
  server.always = { hangs: true };
  const caller = watch(source.get());
  for (let i = 0; i < 400 && !caller.done; i += 1) {
    await advance(50);
    jump(-50);
  }
  assert.equal(caller.error?.code, "timed_out");
  assert.ok(requests.length <= 3, `${requests.length} requests`);
});

test("timeout bounds a whole get, whatever the server does", async (t) => {
  const { source, server } = sourceFixture(t, { timeout: 3_000 });
  server.always = { hangs: true };
  const caller = watch(source.get());
  await advance(2_900);
  assert.equal(caller.done, false);
  await advance(200);
  assert.deepEqual(
    [caller.error?.code, caller.error?.category, caller.error?.message],
    ["timed_out", "unavailable", "waiting for the token took longer than 3 s"],
  );
});

test("timeout bounds a whole get though the clock jumps, and though it is longer than timers can be", async (t) => {
  const { source, server } = sourceFixture(t, { timeout: 3_000 });
  server.always = { hangs: true };
  const caller = watch(source.get());
  for (let i = 0; i < 58; i += 1) {
    await advance(50);
    jump(12_000);
  }
  assert.equal(caller.done, false);
  await advance(200);
  assert.equal(caller.error?.code, "timed_out");

  const other = sourceFixture(t, { timeout: 2 ** 33 });
  other.server.script.push({ delay: 1_000, body: { access_token: "slow", token_type: "Bearer" } });
  const patient = watch(other.source.get());
  await advance(1_100);
  assert.equal(patient.value?.accessToken, "slow");
});

test("429 ends the flight, and its Retry-After is kept", async (t) => {
  const { source, server, requests } = sourceFixture(t);
  server.always = { status: 429, headers: { "retry-after": "30" }, body: "" };
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, error.retryAt - START], ["rate_limited", 30_000]);
  jump(29_000);
  assert.equal((await rejections(source.get()))[0].code, "rate_limited");
  assert.equal(requests.length, 1);
  server.always = undefined;
  jump(1_000);
  assert.equal((await source.get()).accessToken, "token-1");
});

test("an answer that is too large is not read to its end", async (t) => {
  let pulled = 0;
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
  const { source } = sourceFixture(t, {
    fetch: async () => new Response(endless(), { headers: { "content-type": "application/json" } }),
  });
  assert.equal((await rejections(source.get()))[0].code, "response_too_large");
  assert.ok(pulled < 24, `${pulled} chunks`);
});

test("a response that comes when nobody waits any more is let go", async (t) => {
  let pulled = 0;
  let isCancelled = false;
  const late = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array([32]));
    },
    cancel() {
      isCancelled = true;
    },
  });
  const { source } = sourceFixture(t, {
    async fetch() {
      await new Promise((done) => setTimeout(done, 11_000));
      return new Response(late, { headers: { "content-type": "application/json" } });
    },
    timeout: 10_500,
    retries: 0,
  });
  const caller = watch(source.get());
  await advance(12_000);
  assert.deepEqual([caller.error?.code, isCancelled], ["timed_out", true]);
  assert.ok(pulled < 5, `${pulled} pieces`);
});

test("a body that trickles is let go when its time is up, one of empty chunks before", async (t) => {
  let pulled = 0;
  let cancelled = false;
  const trickle = new ReadableStream({
    pull: (controller) =>
      new Promise((done) =>
        setTimeout(
          () => done(cancelled ? undefined : controller.enqueue(new Uint8Array([32]))),
          1_000,
        ),
      ),
    cancel() {
      cancelled = true;
    },
  });
  const headers = { "content-type": "application/json" };
  const { source } = sourceFixture(t, {
    fetch: async () => new Response(trickle, { headers }),
    timeout: 10_500,
  });
  const caller = watch(source.get());
  await advance(11_000);
  assert.deepEqual([caller.error?.code, cancelled], ["timed_out", true]);

  const empty = {
    pull(/** @type {ReadableStreamDefaultController} */ controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array());
    },
  };
  const other = sourceFixture(t, {
    fetch: async () => new Response(new ReadableStream(empty), { headers }),
  });
  assert.equal((await rejections(other.source.get()))[0].code, "response_too_large");
});

test("a server that hangs ends the flight, is told of, and is left alone for a while", async (t) => {
  const { source, server, events, requests } = sourceFixture(t, { timeout: 65_000 });
  server.always = { hangs: true };
  const caller = watch(source.get());
  await advance(20_000);
  assert.deepEqual([caller.error?.code, requests.length], ["timed_out", 2]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["retry", "fail"],
  );
  const [error] = await rejections(source.get());
  assert.ok(error.retryAt > Date.now(), "no pause");
  assert.equal(requests.length, 2);
});

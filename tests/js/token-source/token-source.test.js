// @ts-check
// The token source as its callers see it: one request for any number of them, a token always there.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle, START } from "../support/clock.js";
import { rejections } from "../support/errors.js";
import { watch } from "../support/promises.js";
import { sourceFixture } from "../support/fixtures/token-source.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test("1,000 concurrent cold callers make one token request", async (t) => {
  const { source, tokenRequests, events } = sourceFixture(t);
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => source.get()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(tokens[0].accessToken, "token-1");
  assert.equal(tokenRequests().length, 1);
  assert.deepEqual(events, [
    {
      type: "fetch",
      what: "token",
      startedAt: START,
      endedAt: START,
      attempts: 1,
      expiresAt: START + HOUR,
    },
  ]);
});

test("1,000 callers while it is time to refresh make one request, and nobody waits", async (t) => {
  const { source, server, tokenRequests, events } = sourceFixture(t);
  await source.get();
  jump(HOUR - 4 * MINUTE);
  server.script.push({
    delay: 2_000,
    body: { access_token: "next", token_type: "Bearer", expires_in: 3600 },
  });
  const callers = Array.from({ length: 1_000 }, () => watch(source.get()));
  await settle();
  assert.ok(callers.every(({ value }) => value?.accessToken === "token-1"));
  assert.equal(tokenRequests().length, 2);
  await advance(2_000);
  assert.equal((await source.get()).accessToken, "next");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["fetch", "refresh"],
  );
  assert.equal(tokenRequests().length, 2);
});

test("1,000 callers after the end make one request", async (t) => {
  const { source, tokenRequests } = sourceFixture(t);
  await source.get();
  jump(HOUR - 10_000);
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => source.authorization()));
  assert.deepEqual([...new Set(tokens)], ["Bearer token-2"]);
  assert.equal(tokenRequests().length, 2);
});

test("an abort ends the wait of its caller with the signal's reason, and nobody else's", async (t) => {
  const { source, server, tokenRequests } = sourceFixture(t);
  server.script.push({ delay: 1_000, body: { access_token: "slow", token_type: "Bearer" } });
  const controller = new AbortController();
  const a = watch(source.get({ signal: controller.signal }));
  const b = watch(source.get());
  await settle();
  controller.abort("enough");
  await settle();
  assert.deepEqual([a.done, a.error, b.done], [true, "enough", false]);
  await advance(1_000);
  assert.equal(b.value?.accessToken, "slow");
  assert.equal(tokenRequests().length, 1);
});

test("a signal that is aborted already rejects even where a token is kept", async (t) => {
  const { source } = sourceFixture(t);
  await source.get();
  await assert.rejects(
    source.get({ signal: AbortSignal.abort(new RangeError("early")) }),
    RangeError,
  );
  await assert.rejects(
    source.authorization({ signal: AbortSignal.abort(new RangeError("early")) }),
    RangeError,
  );
});

for (const [expiresIn, from, to] of /** @type {const} */ ([
  [1, 0.5, 0.9],
  [10, 6, 8],
  [60, 40, 50],
  [300, 200, 240],
  [43_200, 42_600, 42_900],
  [315_360_000, 315_359_000, 315_360_000],
  [undefined, 200, 240],
])) {
  test(`a token of ${expiresIn ?? "unknown"} s is asked for again after ${from} to ${to} s`, async (t) => {
    const { source, server, tokenRequests } = sourceFixture(t);
    server.expiresIn = expiresIn;
    await source.get();
    jump(from * 1_000);
    await source.get();
    assert.equal(tokenRequests().length, 1);
    jump((to - from) * 1_000);
    await source.get();
    await settle();
    assert.equal(tokenRequests().length, 2);
  });
}

test("a token of 0 s serves those who waited for it, and nobody loops", async (t) => {
  const { source, server, tokenRequests } = sourceFixture(t);
  server.expiresIn = 0;
  const tokens = await Promise.all(Array.from({ length: 100 }, () => source.get()));
  assert.deepEqual([...new Set(tokens.map(({ accessToken }) => accessToken))], ["token-1"]);
  assert.equal(tokenRequests().length, 1);
  assert.equal((await source.get()).accessToken, "token-2");
  assert.equal(tokenRequests().length, 2);
});

test("a rejection starts no request of its own: whoever tells of it may be about to leave", async (t) => {
  const { source, tokenRequests } = sourceFixture(t);
  source.invalidate(await source.get());
  await settle();
  assert.equal(tokenRequests().length, 1);
  assert.equal((await source.get()).accessToken, "token-2");
});

test("a rejected token is replaced once; what replaced it is not rejected again for a minute", async (t) => {
  const { source, tokenRequests, events } = sourceFixture(t);
  source.invalidate(await source.get());
  const second = await source.get();
  assert.equal(second.accessToken, "token-2");
  source.invalidate(second.accessToken);
  source.invalidate("another");
  assert.equal(await source.get(), second);
  assert.equal(tokenRequests().length, 2);
  assert.deepEqual(
    events.filter(({ type }) => type === "invalidate"),
    [
      { type: "invalidate", what: "token", counted: true },
      { type: "invalidate", what: "token", counted: false },
    ],
  );
});

test("a signal given instead of options is not passed over", async (t) => {
  const { source } = sourceFixture(t);
  for (const ask of [source.get, source.authorization]) {
    const [error] = await rejections(ask(/** @type {any} */ (AbortSignal.timeout(1))));
    assert.deepEqual([error.code, error.hint], ["option_invalid", "write `{ signal }`"]);
  }
});

test("an error that nobody catches shows its code and its hint in its stack", async (t) => {
  const { source, server } = sourceFixture(t);
  server.always = { status: 401, body: { error: "invalid_client" } };
  const [{ name, message, code, hint, stack }] = await rejections(source.get());
  assert.ok(stack.startsWith(`${name}: ${message} (${code}): ${hint}\n    at `), stack);
});

test("options that are null are no options", async (t) => {
  const { source } = sourceFixture(t);
  const none = /** @type {any} */ (null);
  for (let i = 0; i < 2; i += 1) {
    for (const [error] of [
      await rejections(source.get(none)),
      await rejections(source.authorization(none)),
    ])
      assert.equal(error.code, "option_invalid");
    await source.get();
  }
});

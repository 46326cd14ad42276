// @ts-check
// Introspection under load and in trouble: what is asked is bounded, what is known goes on, nothing
// wedges.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { outcome, settled, watch } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

/**
 * Cancels what is under way, as a runtime does with all of a request's: from now on no timer fires,
 * until the function that this gives is called.
 */
function cancelling() {
  const { setTimeout } = globalThis;
  Reflect.set(globalThis, "setTimeout", () => 0);
  return () => Reflect.set(globalThis, "setTimeout", setTimeout);
}

/**
 * What a promise has come to by now.
 *
 * @param {Promise<unknown>} promise
 */
async function now(promise) {
  const watched = watch(promise);
  await settle();
  return watched;
}

test("32 unknown tokens are asked about at once; more get 503 at once, and room is made when answers come", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = () => ({ body: { active: false }, delay: 5_000 });
  const asked = Array.from({ length: 32 }, (_, i) => watch(verifier.verify(`garbage-${i}`)));
  await settle();
  const more = await now(verifier.verify("garbage-32"));
  assert.deepEqual(
    [more.error?.code, more.error?.category, more.error?.retryable],
    ["server_overloaded", "unavailable", true],
  );
  assert.equal(more.error?.retryAt, Date.now() + 1_000);
  const { status, headers } = verifier.challenge(more.error);
  assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
  assert.equal(
    (await now(verifier.verify("garbage-0"))).done,
    false,
    "who asks about the same token waits with the first",
  );
  await advance(5_100);
  assert.ok(asked.every(({ error }) => error?.code === "token_inactive"));
  assert.equal(server.introspections(), 32);
  await fails(() => verifier.verify("garbage-32"), "token_inactive");
  assert.equal(server.introspections(), 33);
});

test("whoever asks and leaves makes no room: the server is still busy with it", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = () => ({ body: { active: false }, delay: 5_000 });
  const controller = new AbortController();
  const asked = Array.from({ length: 32 }, (_, i) =>
    watch(verifier.verify(`garbage-${i}`, { signal: controller.signal })),
  );
  await settle();
  controller.abort(new Error("gone"));
  await settle();
  assert.ok(asked.every(({ error }) => error?.message === "gone"));
  assert.equal((await now(verifier.verify("garbage-32"))).error?.code, "server_overloaded");
  await advance(5_100);
  assert.equal(server.introspections(), 32);
  assert.equal(
    (await now(verifier.verify("garbage-0"))).error?.code,
    "token_inactive",
    "the answer was kept for whoever comes next",
  );
});

test("an attempt that the runtime cancelled takes its place for 12 s, and no longer where the clock steps back", async (t) => {
  for (const step of [0, -3_600_000]) {
    const { server, verifier } = verifierFixture(t, {
      introspection: CLIENT,
      introspectionEndpoint: `${ISSUER}/oauth/v2/introspect`,
    });
    const { introspect } = server;
    const restore = cancelling();
    server.introspect = () => ({ hangs: true });
    for (let i = 0; i < 32; i += 1) watch(verifier.verify(`garbage-${i}`));
    await settle();
    restore();
    server.introspect = introspect;
    const good = server.opaque();
    assert.equal((await now(verifier.verify(good))).error?.code, "server_overloaded");
    await advance(11_900);
    assert.equal((await now(verifier.verify(good))).error?.code, "server_overloaded");
    if (step) jump(step);
    else await advance(200);
    assert.ok((await now(verifier.verify(good))).value, String(step));
  }
});

test("a token that is asked about again too early takes no place", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const introspect = server.introspect;
  server.introspect = () => ({ status: 500, body: "" });
  const tokens = Array.from({ length: 32 }, (_, i) => `garbage-${i}`);
  for (let round = 0; round < 2; round += 1) {
    const asked = tokens.map((token) => watch(verifier.verify(token)));
    await settle();
    assert.ok(asked.every(({ error }) => error?.code === "server_failed"));
  }
  assert.equal(server.introspections(), 32);
  server.introspect = introspect;
  await settled(verifier.verify(server.opaque()));
});

test("a token that was revoked is an unknown one from then on", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const tokens = Array.from({ length: 33 }, () => server.opaque());
  for (const token of tokens) await settled(verifier.verify(token));
  server.active.clear();
  await advance(61_000);
  for (const token of tokens) await fails(() => verifier.verify(token), "token_inactive");
  server.introspect = () => ({ body: { active: false }, delay: 5_000 });
  await advance(11_000);
  const before = server.introspections();
  const asked = tokens.map((token) => watch(verifier.verify(token)));
  await settle();
  assert.deepEqual(
    [server.introspections() - before, asked.at(-1)?.error?.code],
    [32, "server_overloaded"],
  );
});

test("a server that hangs, fails or resets gives room again", async (t) => {
  for (const answer of [{ hangs: true }, { fails: true }, { status: 500, body: "" }]) {
    const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
    server.introspect = () => answer;
    const asked = Array.from({ length: 32 }, (_, i) => watch(verifier.verify(`garbage-${i}`)));
    await Promise.all(asked.map(outcome));
    assert.ok(asked.every(({ error }) => error?.category === "unavailable"));
    await advance(25_000);
    server.introspect = () => ({ body: { active: true, aud: AUDIENCE } });
    const again = Array.from({ length: 32 }, (_, i) => watch(verifier.verify(`good-${i}`)));
    await Promise.all(again.map(outcome));
    assert.ok(again.every(({ value }) => value));
  }
});

test("between two attempts for a token there is no room for another", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = () => ({ status: 503, body: "" });
  const asked = Array.from({ length: 32 }, (_, i) => watch(verifier.verify(`garbage-${i}`)));
  await settle();
  assert.deepEqual([server.introspections(), asked.some(({ done }) => done)], [32, false]);
  const { error } = await now(verifier.verify("garbage-32"));
  assert.match(error?.message, /^too many tokens/);
  assert.equal(server.introspections(), 32);
});

test("a flood of garbage: introspections are bounded, good tokens go on as if nothing were, new ones come in between", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const good = Array.from({ length: 20 }, () => server.opaque());
  for (const token of good) await settled(verifier.verify(token));
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 1_000 });
  let made = 0;
  let refused = 0;
  for (let second = 0; second < 120; second += 1) {
    for (let i = 0; i < 200; i += 1) {
      made += 1;
      verifier.verify(`${"g".repeat(2_000)}${made}`).catch(({ code }) => {
        if (code === "server_overloaded") refused += 1;
      });
    }
    for (const token of good)
      assert.ok((await now(verifier.verify(token))).value, `second ${second}`);
    await advance(1_000);
  }
  await advance(5_000);
  assert.equal(made, 24_000);
  assert.ok(refused > 19_000, String(refused));
  const ofGood = server.requests.filter(({ body }) =>
    good.some((token) => body.includes(token)),
  ).length;
  assert.ok(server.introspections() - ofGood <= 32 * 121, String(server.introspections()));
  assert.ok(ofGood <= 20 * 4, String(ofGood));
});

test("a server that is down: each token has its own pause, doubled, and the error is the same until then", async (t) => {
  const { server, verifier, events } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = () => ({ status: 500, body: "" });
  const token = server.opaque();
  for (let second = 0; second < 60; second += 1) {
    const error = await fails(() => verifier.verify(token), "server_failed");
    assert.ok((error.retryAt ?? 0) >= Date.now() - 100);
    assert.equal(verifier.challenge(error).status, 503);
    await advance(1_000);
  }
  assert.ok(server.introspections() <= 8, String(server.introspections()));
  assert.equal(events.filter(({ type }) => type === "fail").length, server.introspections());
  server.introspect = (token) => ({ body: { active: true, aud: AUDIENCE, sub: token } });
  await advance(60_000);
  assert.equal((await settled(verifier.verify(token))).sub, token);
});

test("a server that wants to be left alone is: nobody is asked about until then, and known tokens are used to their end", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const good = server.opaque();
  await settled(verifier.verify(good));
  const introspect = server.introspect;
  server.introspect = () => ({ status: 429, headers: { "retry-after": "40" }, body: "" });
  const first = await fails(() => verifier.verify("unknown-1"), "rate_limited");
  for (let i = 0; i < 100; i += 1) {
    const { error } = await now(verifier.verify(`unknown-${i}`));
    assert.deepEqual([error?.code, error?.retryAt], ["rate_limited", first.retryAt]);
  }
  assert.equal(server.introspections(), 2);
  assert.equal(verifier.challenge(first).headers.get("retry-after"), "40");
  for (let second = 0; second < 38; second += 1) {
    await advance(1_000);
    assert.ok((await now(verifier.verify(good))).value);
  }
  server.introspect = introspect;
  await advance(3_000);
  assert.equal(server.introspections(), 2);
  await fails(() => verifier.verify("unknown-1"), "token_inactive");
  assert.ok(await settled(verifier.verify(good)));
  await advance(60_000);
  assert.ok(await settled(verifier.verify(good)));
});

test("nor is it asked ahead of the end of what it said of a known token", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const good = server.opaque();
  await settled(verifier.verify(good));
  server.introspect = () => ({ status: 429, headers: { "retry-after": "59" }, body: "" });
  await advance(500);
  await fails(() => verifier.verify("unknown"), "rate_limited");
  for (let second = 0; second < 58; second += 1) {
    await advance(1_000);
    assert.ok((await now(verifier.verify(good))).value);
  }
  assert.equal(server.introspections(), 2);
});

test("a Retry-After of days counts for five minutes", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.script["/oauth/v2/introspect"] = [
    { status: 503, headers: { "retry-after": "864000" }, body: "" },
  ];
  await fails(() => verifier.verify("a"), "server_overloaded");
  await advance(301_000);
  await fails(() => verifier.verify("a"), "token_inactive");
});

test("the metadata are asked for again when the endpoint is gone", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  await fails(() => verifier.verify("a"), "token_inactive");
  await advance(61_000);
  server.script["/oauth/v2/introspect"] = [{ status: 404, body: "" }];
  const error = await fails(() => verifier.verify("b"), "endpoint_not_found");
  assert.equal(verifier.challenge(error).status, 500);
  await settle();
  assert.equal(server.requests.filter(({ path }) => path.includes(".well-known")).length, 2);
});

test("a call takes no longer than its timeout, whatever is slow", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, timeout: 3_000 });
  server.always = { hangs: true };
  for (const token of ["opaque", server.jwt()]) {
    const checked = watch(verifier.verify(token));
    await advance(2_900);
    assert.equal(checked.done, false);
    await advance(200);
    assert.deepEqual([checked.error?.code, checked.error?.category], ["timed_out", "unavailable"]);
  }
});

test("known tokens that end together are asked about 128 at once, and none is lost", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const tokens = Array.from({ length: 300 }, () => server.opaque());
  for (const token of tokens) await settled(verifier.verify(token));
  await advance(61_000);
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 2_000 });
  const before = server.introspections();
  const asked = tokens.map((token) => watch(verifier.verify(token)));
  await settle();
  assert.equal(server.introspections() - before, 128);
  assert.equal(asked.filter(({ error }) => error?.code === "server_overloaded").length, 172);
  for (let second = 0; second < 20; second += 1) {
    await advance(1_000);
    for (const token of tokens) watch(verifier.verify(token));
  }
  for (const token of tokens) assert.ok((await now(verifier.verify(token))).value);
});

test("credentials of ours that are refused stop more than that token, for a second", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = () => ({ status: 400, body: { error: "unauthorized_client" } });
  for (let second = 1; second <= 5; second += 1) {
    await fails(() => verifier.verify(`unknown-${second}`), "credentials_refused");
    for (let i = 0; i < 50; i += 1)
      assert.equal(
        (await now(verifier.verify(`unknown-${second}-${i}`))).error?.code,
        "credentials_refused",
      );
    assert.equal(server.introspections(), second);
    await advance(1_001);
  }
  assert.equal(server.introspections(), 5);
});

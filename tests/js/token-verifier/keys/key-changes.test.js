// @ts-check
// A token verifier when its issuer's keys change: who waits, who is told to come back, and how
// often the server is asked.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test from "node:test";
import { advance, countTimers, settle } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { base64url, jwt, makeKey } from "../../support/keys/jwt.js";
import { atOnce, outcome, settled, watch } from "../../support/promises.js";
import { claimsOf, verifierFixture } from "../../support/fixtures/token-verifier.js";
import { refused, unavailable } from "../../support/verification.js";

/** @typedef {ReturnType<typeof verifierFixture>} World */

const KEYS = "/oauth/v2/keys";
const COOLDOWN = 30_000;

test("a new key: its tokens wait for one request, and good ones go on meanwhile", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const known = server.jwt();
  await verifier.verify(known);
  await advance(COOLDOWN);
  const unseen = server.jwt({ jti: "V2_2" });
  const old = server.key;
  server.keys = { keys: [old.jwk, server.rotate().jwk] };
  server.script[KEYS] = [{ body: server.keys, delay: 2_000 }];

  const waiting = Array.from({ length: 50 }, (_, n) =>
    watch(verifier.verify(server.jwt({ jti: `V2_new_${n}` }))),
  );
  for (const token of [known, unseen]) await atOnce(verifier.verify(token));
  assert.deepEqual([waiting.filter(({ done }) => done).length, server.keyRequests()], [0, 2]);

  await advance(2_000);
  assert.deepEqual(
    waiting.map(({ value }) => value?.jti),
    waiting.map((_, n) => `V2_new_${n}`),
  );
  for (const token of [known, unseen]) await atOnce(verifier.verify(token));
  assert.equal(server.keyRequests(), 2);
});

test("the first unknown key has the issuer asked at once, and the next one only after 30 s", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const old = server.jwt();
  await verifier.verify(old);
  server.keys = { keys: [server.key.jwk, server.rotate().jwk] };
  await verifier.verify(server.jwt());
  const end = Number(requests.findLast(({ path }) => path === KEYS)?.at) + COOLDOWN;
  server.rotate();
  const token = server.jwt();
  for (const [millis, seconds] of [
    [0, 30],
    [10_000, 20],
    [COOLDOWN - 10_001, 1],
  ]) {
    await advance(millis);
    const error = await failure(() => atOnce(verifier.verify(token)), "key_unknown");
    assert.deepEqual([error.category, error.retryable, error.retryAt], ["unavailable", true, end]);
    const { status, headers } = verifier.challenge(error);
    assert.deepEqual(
      [status, headers.get("retry-after"), headers.get("www-authenticate")],
      [503, String(seconds), null],
    );
    await atOnce(verifier.verify(old));
  }
  assert.equal(server.keyRequests(), 2);
  await advance(1);
  await settled(verifier.verify(token));
  assert.equal(server.keyRequests(), 3);
});

test("a key that is unknown to a set asked for after the token came is nobody's", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await verifier.verify(server.jwt());
  const stranger = makeKey();
  for (let n = 2; n < 5; n += 1) {
    await advance(COOLDOWN);
    await refused(verifier, () => verifier.verify(jwt(stranger, claimsOf())));
    assert.equal(server.keyRequests(), n);
    await unavailable(verifier, () => verifier.verify(jwt(stranger, claimsOf())), "key_unknown");
    assert.equal(server.keyRequests(), n);
  }
});

test("a renewal that fails harms no good token, refuses none, and tells when the next one comes", async (t) => {
  /**
   * @type {[
   *   import("../../support/fixtures/token-source.js").Answer,
   *   requests: number,
   *   pause: number,
   * ][]}
   */
  const failures = [
    [{ fails: true }, 3, COOLDOWN],
    [{ status: 500, body: "" }, 1, COOLDOWN],
    [{ status: 404, body: "" }, 1, COOLDOWN],
    [{ body: "<html>" }, 1, COOLDOWN],
    [{ status: 429, body: "", headers: { "retry-after": "120" } }, 1, 120_000],
  ];
  for (const [answer, count, pause] of failures) {
    const { server, verifier } = verifierFixture(t);
    const old = server.jwt();
    await verifier.verify(old);
    await advance(COOLDOWN);
    const unseen = server.jwt({ jti: "V2_2" });
    server.rotate();
    const token = server.jwt();
    server.script[KEYS] = Array.from({ length: count }, () => answer);
    const startedAt = Date.now();
    const waiting = watch(verifier.verify(token));
    await settle();
    for (const good of [old, unseen]) await atOnce(verifier.verify(good));
    await outcome(waiting);
    assert.deepEqual(
      [waiting.error.code, waiting.error.retryAt, server.keyRequests()],
      ["key_unknown", startedAt + pause, 1 + count],
    );
    for (const good of [old, unseen]) await atOnce(verifier.verify(good));

    await advance(waiting.error.retryAt - Date.now() - 1);
    await failure(() => atOnce(verifier.verify(token)), "key_unknown");
    assert.equal(server.keyRequests(), 1 + count);
    await advance(1);
    await settled(verifier.verify(token));
    assert.equal(server.keyRequests(), 2 + count);
  }
});

test("a request that was under way when the token came does not refuse it", async (t) => {
  for (const isRefresh of [false, true]) {
    const { server, verifier } = verifierFixture(t);
    const old = server.jwt();
    const answer = { body: server.keys, delay: 1_000, headers: { "cache-control": "max-age=60" } };
    server.script[KEYS] = isRefresh ? [answer, answer] : [answer];
    if (isRefresh) {
      await settled(verifier.verify(old));
      await advance(50_000);
    }
    const ahead = watch(verifier.verify(old));
    await settle();
    assert.equal(ahead.done, isRefresh);
    server.keys = { keys: [server.key.jwk, server.rotate().jwk] };
    await settled(verifier.verify(server.jwt()));
    assert.equal(server.keyRequests(), isRefresh ? 3 : 2);
    assert.equal(ahead.error, undefined);
  }
});

test("a token without a name, by an algorithm that no key is for, has the issuer asked again: its keys may be others now", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await verifier.verify(server.jwt(undefined, { kid: undefined }));
  await advance(COOLDOWN);
  server.key = makeKey("ES384");
  server.keys = { keys: [server.key.jwk] };
  await settled(verifier.verify(server.jwt(undefined, { kid: undefined })));
  assert.equal(server.keyRequests(), 2);
});

test("a signal is let go of when a call ends, and no timer stays", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const { signal } = new AbortController();
  const setTimer = t.mock.method(globalThis, "setTimeout");

  for (let n = 0; n < 2; n += 1) {
    await settled(verifier.verify(server.jwt(), { signal }));
    assert.deepEqual([countTimers(), getEventListeners(signal, "abort").length], [0, 0]);
    server.rotate();
    await advance(COOLDOWN);
  }
  assert.equal(server.keyRequests(), 2);

  assert.notEqual(setTimer.mock.callCount(), 0);
  setTimer.mock.restore();
});

test("a flood of tokens by made-up keys has the server asked twice a minute, and good tokens never wait", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const good = server.jwt();
  await verifier.verify(good);
  const minutes = 4;
  /** @type {Record<string, number>} */
  const codes = {};
  let made = 0;
  for (let second = 1; second <= minutes * 60; second += 1) {
    await advance(1_000);
    for (let n = 0; n < 15; n += 1) {
      made += 1;
      const header = base64url(
        JSON.stringify({ alg: "ES256", kid: `made-up-${made}`, typ: "JWT" }),
      );
      const verifying = verifier.verify(`${header}.${good.split(".").slice(1).join(".")}`);
      verifying.catch(({ code }) => {
        codes[code] = (codes[code] ?? 0) + 1;
      });
    }
    await atOnce(verifier.verify(good));
    if (second % 60 === 30) await atOnce(verifier.verify(server.jwt({ jti: `V2_${second}` })));
  }
  // One of each request's is known not to be the issuer's; the others came while it was under way,
  // or before its time.
  const asked = minutes * 2;
  assert.deepEqual(codes, { key_unknown: made - asked, token_invalid: asked });
  assert.deepEqual([server.keyRequests(), requests.length], [1 + asked, 2 + asked]);
});

test("1,000 tokens at once have the issuer asked once, at first and after its keys have ended", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const tokens = Array.from({ length: 50 }, (_, n) => server.jwt({ jti: `V2_${n}` }));
  for (const expected of [2, 3]) {
    server.script[KEYS] = [{ body: server.keys, delay: 500 }];
    const all = Array.from({ length: 1_000 }, (_, n) => watch(verifier.verify(tokens[n % 50])));
    await advance(600);
    assert.deepEqual(all.filter(({ value }) => value).length, 1_000);
    assert.equal(requests.length, expected);
    await advance(400_000);
  }
});

test("1,000 tokens at once share an issuer that is down, and its one error", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  server.always = { fails: true };
  const all = Array.from({ length: 1_000 }, () => watch(verifier.verify(server.jwt())));
  await outcome(all[0]);
  assert.ok(all.every(({ error }) => error?.code === "network_failed"));
  assert.equal(requests.length, 3);
});

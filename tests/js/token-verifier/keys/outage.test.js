// @ts-check
// A token verifier whose issuer is down, or does not answer: who is served all the same, who is
// told what, and how often the server is asked.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, settle } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { atOnce, outcome, settled, watch } from "../../support/promises.js";
import { AUDIENCE, ISSUER, verifierFixture } from "../../support/fixtures/token-verifier.js";
import { unavailable } from "../../support/verification.js";

const KEYS = "/oauth/v2/keys";
const METADATA = "/.well-known/openid-configuration";
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DOWN = { fails: true };

test("while the server is down, good tokens are taken for an hour after the keys' end, and then none", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const known = server.jwt();
  await verifier.verify(known);
  const end = Date.now() + 5 * MINUTE;
  await advance(4.9 * MINUTE);
  server.always = DOWN;
  for (let n = 0; n < 12; n += 1) {
    await atOnce(verifier.verify(known));
    await atOnce(verifier.verify(server.jwt({ jti: `V2_${n}` })));
    await advance(5 * MINUTE);
  }
  await advance(end + HOUR - 1 - Date.now());
  await atOnce(verifier.verify(known));
  await advance(1);
  const { error, retryAfter } = await unavailable(
    verifier,
    () => verifier.verify(known),
    "network_failed",
  );
  assert.ok(Number(error.retryAt) > Date.now() && retryAfter <= 60, String(retryAfter));

  server.always = undefined;
  await advance(Number(error.retryAt) - Date.now());
  for (const token of [known, server.jwt({ jti: "V2_back" })])
    await settled(verifier.verify(token));
});

test("keys that ended while nobody asked serve on, once the server is found to be down", async (t) => {
  for (const answer of [DOWN, { hangs: true }, { status: 503, body: "" }]) {
    const { server, verifier } = verifierFixture(t);
    const known = server.jwt();
    await verifier.verify(known);
    await advance(30 * MINUTE);
    server.always = answer;
    const callers = Array.from({ length: 20 }, () => watch(verifier.verify(known)));
    await outcome(callers[0]);
    assert.deepEqual(new Set(callers.map(({ value }) => value?.jti)), new Set(["V2_1"]));
    await atOnce(verifier.verify(known));
  }
});

test("a server that stays down is asked ever less, once a minute in the end", async (t) => {
  const { server, verifier, requests, events } = verifierFixture(t);
  const known = server.jwt();
  await verifier.verify(known);
  await advance(4.9 * MINUTE);
  server.always = DOWN;
  requests.length = 0;
  for (let second = 0; second < 15 * 60; second += 1) {
    await atOnce(verifier.verify(known));
    await advance(SECOND);
  }
  const failed = events
    .filter(({ type }) => type === "fail")
    .map((event) => /** @type {import("edge-credentials").Failed} */ (event));
  const pauses = failed.slice(1).map(({ startedAt }, n) => startedAt - failed[n].startedAt);
  assert.ok(
    pauses.every((pause, n) => n === 0 || pause >= Math.min(pauses[n - 1], MINUTE)),
    pauses.join(),
  );
  assert.ok(
    pauses.slice(-5).every((pause) => pause >= MINUTE && pause < MINUTE + 5 * SECOND),
    pauses.join(),
  );
  assert.deepEqual([failed.length < 25, requests.length], [true, 3 * failed.length]);
});

test("cold, an error stands until its time, and nobody asks before; then the server is back", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const token = server.jwt();
  server.always = DOWN;
  let asked = 0;
  for (let n = 0; n < 4; n += 1) {
    const { error } = await unavailable(verifier, () => verifier.verify(token), "network_failed");
    assert.ok(requests.length > asked && requests.length <= asked + 3);
    asked = requests.length;
    const { error: next } = await unavailable(
      verifier,
      () => verifier.verify(token),
      "network_failed",
    );
    assert.deepEqual([next.retryAt, requests.length], [error.retryAt, asked]);
    assert.notEqual(next, error);
    await advance(Number(error.retryAt) - Date.now());
  }
  server.always = undefined;
  await settled(verifier.verify(token));
});

test("metadata that are down stop whoever has no keys, and nobody else", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const known = server.jwt();
  server.script[METADATA] = [{ status: 500, body: "" }];
  const { error } = await unavailable(verifier, () => verifier.verify(known), "server_failed");
  assert.deepEqual(
    requests.map(({ path }) => path),
    [METADATA],
  );
  await advance(Number(error.retryAt) - Date.now());
  await settled(verifier.verify(known));

  // They end after twelve hours, and serve a day longer.
  server.script[METADATA] = Array.from({ length: 1_000 }, () => ({ status: 500, body: "" }));
  const soon = () => server.jwt({ exp: Math.floor(Date.now() / 1000) + 60 });
  for (let hour = 0; hour < 30; hour += 1) {
    await advance(HOUR);
    await settled(verifier.verify(soon()));
  }
  assert.ok(requests.filter(({ path }) => path === METADATA).length > 5);
});

test("metadata of another issuer, or without an address of the keys, are the API's own trouble", async (t) => {
  /** @type {[body: Record<string, unknown>, code: string][]} */
  const bodies = [
    [{ issuer: `${ISSUER}/other`, jwks_uri: ISSUER + KEYS }, "issuer_mismatch"],
    [{ issuer: ISSUER }, "endpoint_not_found"],
  ];
  for (const [body, code] of bodies) {
    const { server, verifier } = verifierFixture(t);
    server.script[METADATA] = [{ body }, { body }];
    const error = await failure(() => settled(verifier.verify(server.jwt())), code);
    assert.deepEqual(
      [error.category, verifier.challenge(error).status, server.keyRequests()],
      ["misuse", 500, 0],
    );
  }
});

test("an address in the metadata that is http and not on loopback is not asked", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  server.script[METADATA] = [{ body: { issuer: ISSUER, jwks_uri: "http://idp.example/keys" } }];
  await failure(() => settled(verifier.verify(server.jwt())), "member_invalid");
  assert.deepEqual(
    requests.map(({ path }) => path),
    [METADATA],
  );
});

test("a server that hangs keeps nobody longer than `timeout`, and nothing wedges", async (t) => {
  for (const timeout of [3_000, undefined]) {
    /** @type {import("../../support/fixtures/token-verifier.js").Answer | undefined} */
    let answer = { hangs: true };
    const fixture = verifierFixture(t, {
      ...(timeout === undefined ? {} : { timeout }),
      // One that does not heed its signal either.
      fetch: (url, init) => (answer ? new Promise(() => {}) : fixture.server.fetch(url, init)),
    });
    const { server, verifier } = fixture;
    const token = server.jwt();
    const limit = timeout ?? 20 * SECOND;
    const callers = Array.from({ length: 10 }, () => watch(verifier.verify(token)));
    await advance(limit * 0.9);
    assert.ok(!callers.some(({ done }) => done));
    await advance(limit * 0.1);
    assert.ok(callers.every(({ error }) => error?.code === "timed_out"));
    await unavailable(verifier, () => verifier.verify(token), "timed_out");

    answer = undefined;
    const back = Date.now();
    while ((await Promise.allSettled([settled(verifier.verify(token))]))[0].status === "rejected")
      await advance(SECOND);
    assert.ok(Date.now() - back < 30 * SECOND, `${Date.now() - back} ms`);
  }
});

test("a server that hangs keeps no good token waiting where tokens come all the time", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const known = server.jwt();
  await verifier.verify(known);
  await advance(2 * MINUTE);
  server.always = { hangs: true };
  for (let n = 0; n < 60; n += 1) {
    await atOnce(verifier.verify(known));
    await atOnce(verifier.verify(server.jwt({ jti: `V2_${n}` })));
    await advance(10 * SECOND);
  }
});

test("a signal ends its caller's wait, for keys and for newer ones, and no other's", async (t) => {
  const { server, verifier } = verifierFixture(t);
  for (const isRenewal of [false, true]) {
    if (isRenewal) {
      await advance(30_000);
      server.rotate();
    }
    server.script[KEYS] = [{ body: server.keys, delay: 5_000 }];
    const token = server.jwt();
    const first = new AbortController();
    const second = new AbortController();
    // The first is the one whose request it is.
    const callers = [first.signal, second.signal, undefined].map((signal) =>
      watch(verifier.verify(token, signal && { signal })),
    );
    await advance(1_000);
    const reason = new Error("the client is gone");
    first.abort(reason);
    await settle();
    assert.deepEqual(
      callers.map(({ error, done }) => [error, done]),
      [
        [reason, true],
        [undefined, false],
        [undefined, false],
      ],
    );
    await advance(4_000);
    assert.deepEqual(
      callers.map(({ value }) => value?.jti),
      [undefined, "V2_1", "V2_1"],
    );
    assert.equal(server.keyRequests(), isRenewal ? 2 : 1);
  }
});

test("a signal that was aborted before is heeded though the token is known", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const token = server.jwt();
  const reason = new Error("the client is gone");
  for (const count of [0, 2]) {
    await assert.rejects(verifier.verify(token, { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(requests.length, count);
    await verifier.verify(token, { audience: AUDIENCE });
  }
});

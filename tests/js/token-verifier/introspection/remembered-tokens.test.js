// @ts-check
// What is remembered of opaque tokens: so much and no more, the good ones apart from the others,
// and never longer than it is true.
import assert from "node:assert/strict";
import test from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { tokenVerifier } from "edge-credentials";
import { advance, jump, settle } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { outcome, settled, watch } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collect = runInNewContext("gc");

/**
 * How many introspections a run costs.
 *
 * @param {{ introspections: () => number }} server
 * @param {() => Promise<unknown>} run
 */
async function cost(server, run) {
  const before = server.introspections();
  await run();
  return server.introspections() - before;
}

test("a thousand tokens are known as not active, those asked about last", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const garbage = Array.from({ length: 1_001 }, (_, i) => `garbage-${i}`);
  for (let i = 0; i < garbage.length; i += 32)
    await Promise.allSettled(garbage.slice(i, i + 32).map((token) => verifier.verify(token)));
  const again = (/** @type {string} */ token) =>
    cost(server, () => fails(() => verifier.verify(token), "token_inactive"));
  assert.deepEqual(
    [await again(garbage[1_000]), await again(garbage[1]), await again(garbage[0])],
    [0, 0, 1],
  );
});

test("long ones take more of that room, and none of the good ones'", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const good = server.opaque();
  await settled(verifier.verify(good));
  const garbage = Array.from({ length: 64 }, (_, i) => `${"g".repeat(16_000)}${i}`);
  for (const token of garbage) await fails(() => verifier.verify(token), "token_inactive");
  const again = (/** @type {string} */ token) =>
    cost(server, () => fails(() => verifier.verify(token), "token_inactive"));
  assert.deepEqual(
    [await again(garbage[63]), await again(garbage[40]), await again(garbage[0])],
    [0, 0, 1],
  );
  assert.equal(await cost(server, () => verifier.verify(good)), 0);
});

test("good tokens with much to say are forgotten first where they were used least recently", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const tokens = Array.from({ length: 30 }, () => server.opaque({ metadata: "m".repeat(100_000) }));
  for (const token of tokens) {
    await settled(verifier.verify(token));
    await verifier.verify(tokens[0]);
  }
  const known = tokens.map((token) => watch(verifier.verify(token)));
  await Promise.all(known.map(outcome));
  assert.ok(known.every(({ value }) => value));
  const asked = server.introspections() - tokens.length;
  assert.ok(asked > 0 && asked < 20, String(asked));
  const repeated = server.requests
    .filter(({ body }, i, all) => all.findIndex((other) => other.body === body) < i)
    .map(({ body }) => new URLSearchParams(body).get("token"));
  assert.deepEqual(
    repeated,
    tokens.slice(1, 1 + asked),
    "the oldest, but for the one that was used",
  );
});

test("floods leave next to nothing in memory, whether the server says no, fails, or wants to be left alone", async () => {
  // Without the tests' clock, which keeps what timers have held.
  const headers = { "content-type": "application/json" };
  const answers = [
    () => new Response('{"active":false}', { headers }),
    () => new Response("", { status: 500 }),
    () => new Response("", { status: 429, headers: { "retry-after": "100" } }),
  ];
  let answer = answers[0];
  let made = 0;
  const { verify } = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    introspection: CLIENT,
    introspectionEndpoint: `${ISSUER}/flood`,
    fetch: async () => answer(),
  });
  const flood = async () => {
    for (let i = 0; i < 600; i += 32)
      await Promise.allSettled(
        Array.from({ length: 32 }, () => {
          made += 1;
          return verify(`${made}${"g".repeat(16_000)}`);
        }),
      );
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await flood();
  for (answer of answers) {
    const grown = (await flood()) - before;
    // The tokens of each flood have 9 MiB.
    assert.ok(grown < 4 * 2 ** 20, `${answer}: ${grown / 2 ** 20} MiB`);
  }
});

test("a token that was good is asked about again even while garbage takes all room", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const good = server.opaque();
  const unknown = server.opaque();
  await settled(verifier.verify(good));
  await advance(120_000);
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 1_000 });
  const garbage = Array.from({ length: 32 }, (_, i) => watch(verifier.verify(`garbage-${i}`)));
  await settle();
  const known = watch(verifier.verify(good));
  const other = watch(verifier.verify(unknown));
  await advance(1_200);
  assert.deepEqual(
    [other.error?.code, known.value?.username, garbage.every(({ done }) => done)],
    ["server_overloaded", "edge", true],
  );
  assert.ok(await settled(verifier.verify(unknown)));
});

test("an outage is not noticed until the answer ends; then it is told, and over as soon as the server is back", async (t) => {
  const { server, verifier, events } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  await settled(verifier.verify(token));
  const introspect = server.introspect;
  server.introspect = () => ({ fails: true });
  for (let second = 0; second < 59; second += 1) {
    const checked = watch(verifier.verify(token));
    await settle();
    assert.ok(checked.value, `second ${second}: ${checked.error}`);
    await advance(1_000);
  }
  assert.ok(
    events.some(({ type }) => type === "fail"),
    "it was tried ahead",
  );
  await advance(2_000);
  const error = await fails(() => verifier.verify(token), "network_failed");
  assert.deepEqual(
    [error.category, error.cause],
    ["unavailable", { name: "TypeError", code: "ECONNREFUSED" }],
  );
  server.introspect = introspect;
  await advance(Number(error.retryAt) - Date.now() + 1);
  assert.ok(await settled(verifier.verify(token)));
});

test("a server that cannot be reached is tried three times for a token, then it has its pause", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.introspect = () => ({ fails: true });
  assert.equal(
    await cost(server, () => fails(() => verifier.verify("token"), "network_failed")),
    3,
  );
  assert.equal(
    await cost(server, () => fails(() => verifier.verify("token"), "network_failed")),
    0,
  );
  assert.equal(
    await cost(server, () => fails(() => verifier.verify("another"), "network_failed")),
    3,
  );
  server.introspect = () => ({ body: { active: true, aud: AUDIENCE } });
  await advance(1_500);
  for (const token of ["token", "another"])
    assert.equal(await cost(server, () => settled(verifier.verify(token))), 1);
});

test("an answer that comes when its caller has given up is there for the next", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, timeout: 2_000 });
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 5_000 });
  for (const [token, code] of [
    [server.opaque(), undefined],
    ["garbage", "token_inactive"],
  ]) {
    await fails(() => verifier.verify(String(token)), "timed_out");
    await advance(3_500);
    const ask = () => verifier.verify(String(token));
    assert.equal(await cost(server, () => (code ? fails(ask, code) : ask())), 0);
  }
});

test("what a token says is frozen through and through, and the same for all who bring it until it is asked about again", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque({
    "urn:zitadel:iam:user:metadata": { a: "b" },
    list: [{ deep: [1] }],
  });
  const claims = /** @type {any} */ (await settled(verifier.verify(token)));
  for (const value of [
    claims,
    claims.aud,
    claims.list,
    claims.list[0],
    claims.list[0].deep,
    claims["urn:zitadel:iam:user:metadata"],
  ])
    assert.ok(Object.isFrozen(value));
  assert.throws(() => {
    claims.aud.push("more");
  }, TypeError);
  server.active.set(token, { aud: AUDIENCE, sub: "changed" });
  assert.equal(await verifier.verify(token), claims);
  await advance(61_000);
  assert.equal((await settled(verifier.verify(token))).sub, "changed");
});

test("a clock that steps ends a server's wish to be left alone, and makes it no longer", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (const step of [-3_600_000, 3_600_000]) {
    const introspect = server.introspect;
    server.introspect = () => ({ status: 429, headers: { "retry-after": "60" }, body: "" });
    await fails(() => verifier.verify(`first${step}`), "rate_limited");
    server.introspect = introspect;
    assert.equal(
      await cost(server, () => fails(() => verifier.verify("unknown"), "rate_limited")),
      0,
    );
    jump(step);
    assert.equal(
      await cost(server, () => fails(() => verifier.verify(`later${step}`), "token_inactive")),
      1,
    );
  }
});

test("an end that no clock has is none: the answer counts for its minute", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (const exp of [1e300, 9e15, 2 ** 53, 4e9, Math.floor(Date.now() / 1000) + 3_600.5]) {
    const token = server.opaque({ exp });
    assert.equal(await cost(server, () => settled(verifier.verify(token))), 1, String(exp));
    assert.equal(await cost(server, () => verifier.verify(token)), 0, String(exp));
  }
  for (const exp of [0, -1, -1e300, 1.5])
    await fails(() => verifier.verify(server.opaque({ exp })), "token_inactive");
});

// @ts-check
// What garbage tokens, a slow vault and a past outage do to a secret that a function gives: good
// callers go on, and the function is called seldom.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, settle } from "../../support/clock.js";
import { AUDIENCE, verifierFixture } from "../../support/fixtures/token-verifier.js";
import { outcome, watch } from "../../support/promises.js";

const REFUSED = { status: 401, body: "" };
const ACTIVE = { body: { active: true, aud: AUDIENCE } };

/** A server that takes one secret, and no token with "garbage" in it. */
function fixture(
  /** @type {import("node:test").TestContext} */ t,
  /** @type {() => unknown} */ clientSecret,
  options = {},
) {
  const accepts = { secret: "old" };
  const made = verifierFixture(t, {
    ...options,
    introspection: { clientId: "api", clientSecret: /** @type {any} */ (clientSecret) },
  });
  made.server.introspect = (token) => {
    const sent = atob(String(made.requests.at(-1)?.headers.get("authorization")).slice(6));
    const isGood = sent === `api:${accepts.secret}` && !token.includes("garbage");
    return isGood ? ACTIVE : REFUSED;
  };
  let count = 0;
  const ask = async (/** @type {string} */ kind) => {
    count += 1;
    const caller = watch(made.verifier.verify(`${kind}${count}`));
    await outcome(caller);
    return caller.error?.code;
  };
  return { ...made, accepts, ask };
}

test("a rotation after a night of garbage is found at once", async (t) => {
  let secret = "old";
  /** @type {number[]} */
  const asked = [];
  const { ask, accepts } = fixture(t, () => {
    asked.push(Date.now());
    return secret;
  });
  assert.equal(await ask("good"), undefined);
  for (let second = 0; second < 330; second += 1) {
    await ask("garbage");
    await advance(1_000);
  }
  assert.equal(await ask("good"), undefined);
  await advance(11_000);
  secret = "new";
  accepts.secret = "new";
  assert.equal(await ask("good"), undefined);
  // The first two are the first call and the first refusal.
  const pauses = asked.slice(2).map((at, n) => at - asked[n + 1]);
  assert.ok(
    pauses.every((pause) => pause >= 10_000),
    String(pauses),
  );
});

test("a rotation after an outage that ended by itself is found at once", async (t) => {
  let secret = "old";
  const { ask, accepts } = fixture(t, () => secret);
  accepts.secret = "none";
  for (let second = 0; second < 320; second += 1) {
    await ask("good");
    await advance(1_000);
  }
  accepts.secret = "old";
  while ((await ask("good")) !== undefined) await advance(1_000);
  await advance(11_000);
  secret = "new";
  accepts.secret = "new";
  assert.equal(await ask("good"), undefined);
});

test("good tokens do not wait for the function that garbage had called", async (t) => {
  let calls = 0;
  const { verifier, ask } = fixture(
    t,
    () => {
      calls += 1;
      return calls === 1 ? "old" : new Promise(() => {});
    },
    { timeout: 1_000 },
  );
  assert.equal(await ask("good"), undefined);
  for (let n = 0; n < 60; n += 1) {
    watch(verifier.verify(`garbage-${n}`));
    await settle();
    const good = watch(verifier.verify(`good-${n}`));
    await advance(100);
    assert.equal(good.error, undefined, `the ${n}th`);
    assert.equal(good.value?.active, true);
    await advance(400);
  }
});

test("callers at the same time share one call of a function that fails", async (t) => {
  let calls = 0;
  const { verifier } = fixture(t, async () => {
    calls += 1;
    await new Promise((done) => setTimeout(done, 50));
    throw new Error("vault");
  });
  const callers = Array.from({ length: 32 }, (_, n) => watch(verifier.verify(`token-${n}`)));
  await advance(200);
  assert.deepEqual([...new Set(callers.map(({ error }) => error?.code))], ["callback_failed"]);
  assert.equal(calls, 1);
});

test("a function that gives another unusable key each time is called about once a second", async (t) => {
  let calls = 0;
  const { verifier } = verifierFixture(t, {
    introspection: {
      clientId: "api",
      key: () => {
        calls += 1;
        return `no key ${calls}`;
      },
    },
  });
  for (let second = 0; second < 30; second += 1) {
    for (let n = 0; n < 10; n += 1) watch(verifier.verify(`token-${second}-${n}`));
    await advance(1_000);
  }
  assert.ok(calls <= 31, String(calls));
});

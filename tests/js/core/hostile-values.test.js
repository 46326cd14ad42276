// @ts-check
// Hostile values at every place of every public function: what comes out is an AuthError without a
// word of theirs, no timer stays, and everything works afterwards.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import * as ec from "edge-credentials";
import { SECRET, TOKEN } from "../support/canary.js";
import { countTimers, settle, takeTime } from "../support/clock.js";
import { places, SIGNALS, throwsAt, VALUES } from "../support/core/hostile-values.js";
import * as every from "../support/core/every-call.js";

const { API, CALLS, ISSUER, SERVER, answer, assertNoTimer, assertOurs, client, fetch } = every;
const { fixed, outcome, source, used, useSource, useVerifier, verifier, verifying } = every;

takeTime({ after });

beforeEach(() => assert.equal(countTimers(), 0, "an earlier test left a timer"));

test("every export is called", () => {
  const functions = Object.keys(ec).filter((name) => name !== "AuthError");
  assert.deepEqual(Object.keys(CALLS).sort(), functions.sort());
  assert.deepEqual(Object.keys(source).concat(Object.keys(verifier)).sort(), [
    "authorization",
    "challenge",
    "fetch",
    "get",
    "invalidate",
    // No method, but frozen texts.
    "issuers",
    "verify",
  ]);
});

for (const [name, calls] of Object.entries(CALLS)) {
  test(`${name}: hostile values at every place`, async () => {
    for (const [i, { run, args }] of calls.entries()) {
      const before = await outcome(() => run(...args));
      for (const { path, put } of places(args)) {
        for (const [value, make] of Object.entries(VALUES)) {
          const what = `${name} ${i}, ${value} at ${path.join(".")}`;
          assertOurs(await outcome(() => run(...put(make))), what);
        }
      }
      // What came out before comes out again.
      const again = await outcome(() => run(...args));
      assert.deepEqual(
        [Object.keys(again), /** @type {any} */ (again.thrown)?.code],
        [Object.keys(before), /** @type {any} */ (before.thrown)?.code],
        `${name} ${i}`,
      );
    }
    await assertNoTimer(name);
  });

  test(`${name}: objects that begin to throw when they are looked at once more`, async () => {
    for (const [i, { run, args }] of calls.entries()) {
      for (const { path, put } of places(args)) {
        for (let looks = 1; looks <= 40; looks += 1) {
          let wasPut = false;
          const given = put((old) => {
            if (typeof old !== "object" || old === null) return old;
            wasPut = true;
            return throwsAt(old, looks);
          });
          if (!wasPut) break;
          assertOurs(
            await outcome(() => run(...given)),
            `${name} ${i}, ${path.join(".")} at the ${looks}th look`,
          );
        }
      }
    }
    await assertNoTimer(name);
  });
}

test("signals that throw: this call alone fails, and no timer stays", async () => {
  let released = () => {};
  const slow = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
    await new Promise((done) => {
      released = () => done(undefined);
    });
    return fetch(url, init);
  };
  for (const [what, make] of Object.entries(SIGNALS)) {
    // One for each call: a token that another call left behind would need no wait.
    const slowSource = (/** @type {string} */ call) =>
      ec.tokenSource({
        tokenEndpoint: SERVER,
        ...client,
        params: { what, call },
        allowedOrigins: [API],
        fetch: slow,
        apiFetch: slow,
      });
    const slowVerifier = ec.tokenVerifier({
      issuer: ISSUER,
      audience: "api",
      projectId: what,
      introspection: client,
      introspectionEndpoint: `${ISSUER}/introspect`,
      fetch: slow,
    });
    const slowKeys = ec.tokenVerifier({
      issuer: ISSUER,
      audience: "api",
      projectId: what,
      jwksUri: `${ISSUER}/keys`,
      fetch: slow,
    });
    const jwt = [
      { alg: "ES256", kid: "1" },
      { iss: ISSUER, aud: "api", sub: "1", exp: 9e9, iat: 1 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    /** @type {((signal: AbortSignal) => Promise<unknown>)[]} */
    const calls = [
      (signal) => slowSource("get").get({ signal }),
      (signal) => slowSource("authorization").authorization({ signal }),
      (signal) => slowSource("fetch").fetch(API, { signal }),
      (signal) => slowVerifier.verify(TOKEN, { signal }),
      (signal) => slowKeys.verify(`${jwt}.${"A".repeat(86)}`, { signal }),
      (signal) => fixed.get({ signal }),
    ];
    for (const [i, call] of calls.entries()) {
      const waiting = outcome(() => call(make()));
      for (let step = 0; step < 5; step += 1) {
        await settle();
        released();
      }
      const result = await waiting;
      assertOurs(result, `${what} ${i}`);
      if (what !== "removeEventListener" && i < 5) assert.ok("thrown" in result, `${what} ${i}`);
    }
    released();
    await assertNoTimer(what);
  }
});

test("a signal without a reason, as of older libraries: what is thrown is an abort", async () => {
  const signal = /** @type {any} */ ({
    aborted: true,
    addEventListener() {},
    removeEventListener() {},
  });
  for (const run of [
    () => source.get({ signal }),
    () => fixed.get({ signal }),
    () => source.fetch(API, { signal }),
    () => verifier.verify(TOKEN, { signal }),
  ]) {
    const { thrown } = await outcome(run);
    assert.equal(/** @type {any} */ (thrown)?.name, "AbortError");
  }
});

test("a real signal's reason goes through as it is, whatever it is", async () => {
  for (const reason of [new Error(SECRET), SECRET, null, 0, Symbol(SECRET)]) {
    const signal = AbortSignal.abort(reason);
    for (const run of [
      () => source.get({ signal }),
      () => source.fetch(API, { signal }),
      () => verifier.verify(TOKEN, { signal }),
    ]) {
      assert.deepEqual(await outcome(run), { thrown: reason });
    }
  }
});

test("functions of the caller's that give hostile values, or throw them", async () => {
  let made = 0;
  for (const [what, make] of Object.entries(VALUES)) {
    /**
     * What a function may do with a value.
     *
     * @type {Record<string, () => any>}
     */
    const ways = {
      gives: make,
      throws: () => {
        throw make();
      },
      promises: async () => make(),
      "rejects with": () => Promise.reject(make()),
    };
    await Promise.all(
      Object.entries(ways).flatMap(([way, give]) => {
        made += 1;
        const which = { params: { n: String(made) } };
        const one = { tokenEndpoint: SERVER, ...client, ...used, ...which };
        const asking = { ...verifying, role: "writer", projectId: String(made) };
        /** @type {Record<string, () => Promise<unknown>>} */
        const runs = {
          clientSecret: () => useSource({ ...one, clientSecret: give }),
          key: () =>
            useSource({ tokenEndpoint: SERVER, userId: "1", ...used, ...which, key: give }),
          fetch: () => useSource({ ...one, fetch: give }),
          "fetch of the API": () => ec.tokenSource({ ...one, apiFetch: give }).fetch(`${API}/a`),
          onEvent: () => useSource({ ...one, onEvent: give }),
          "introspection's clientSecret": () =>
            useVerifier({ ...asking, introspection: { clientId: "id", clientSecret: give } }),
          "introspection's key": () =>
            useVerifier({ ...asking, introspection: { clientId: "id", key: give } }),
          "the verifier's fetch": () =>
            useVerifier({ ...asking, introspection: client, fetch: give }),
          "the verifier's onEvent": () =>
            useVerifier({ ...asking, introspection: client, onEvent: give }),
        };
        return Object.entries(runs).map(async ([where, run]) => {
          const result = await outcome(run);
          assertOurs(result, `${where} ${way} ${what}`);
          if (where === "onEvent") assert.ok("value" in result, `${where} ${way} ${what}`);
        });
      }),
    );
  }
  await assertNoTimer("functions");
});

test("answers of a fetch of the caller's with hostile values at every place", async () => {
  let made = 0;
  /** Not a Response, but what has its members. */
  const good = {
    status: 200,
    headers: { get: () => "application/json" },
    text: async () => '{"access_token":"a","token_type":"Bearer"}',
    body: {
      getReader: () => ({
        read: async () => ({ done: true, value: new Uint8Array(1) }),
        cancel() {},
      }),
    },
  };
  const all = [...places([good])];
  for (const [what, make] of Object.entries(VALUES)) {
    await Promise.all(
      all.map(async ({ path, put }) => {
        const give = async () => /** @type {any} */ (put(make)[0]);
        made += 1;
        const options = {
          tokenEndpoint: SERVER,
          ...client,
          ...used,
          params: { m: String(made) },
        };
        assertOurs(
          await outcome(() => useSource({ ...options, fetch: give })),
          `${what} at ${path.join(".")}`,
        );
        const api = ec.tokenSource({
          ...options,
          fetch: (url, init) => (url === SERVER ? fetch(url, init) : give()),
        });
        assertOurs(
          await outcome(async () => {
            await api.fetch(API);
          }),
          `${what} at ${path.join(".")}`,
        );
      }),
    );
  }
  await assertNoTimer("answers");
});

test("a text has at most 2 ** 20 characters, and so have all texts of a list or a record; an answer's body has no such end", async () => {
  const build = (/** @type {object} */ more) =>
    outcome(() =>
      ec.buildTokenRequest(/** @type {any} */ ({ tokenEndpoint: SERVER, ...client, ...more })),
    );
  const most = 2 ** 20;
  for (const good of [
    { clientSecret: "a".repeat(most) },
    { scope: "a".repeat(most) },
    { scope: ["a".repeat(most / 2), "a".repeat(most / 2 - 1)] },
    { params: { a: "b".repeat(most - 2) } },
  ]) {
    assert.ok("value" in (await build(good)), Object.keys(good)[0]);
  }
  const bad = [
    { clientSecret: "a".repeat(most + 1) },
    { scope: ["a".repeat(most / 2), "a".repeat(most / 2)] },
    { scope: Array(most).fill("a") },
    { scope: Array(2 ** 32 - 1) },
    { params: { a: "b".repeat(most) } },
  ];
  for (const one of bad)
    assert.equal(/** @type {any} */ ((await build(one)).thrown)?.code, "option_invalid");
  const params = (/** @type {number} */ count) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`name-${i}`, ""]));
  assert.ok("value" in (await build({ params: params(1_000) })));
  assert.match(
    String(/** @type {any} */ ((await build({ params: params(1_001) })).thrown)),
    /`params` must be an object of at most 1000 strings, a plain one/,
  );
  assert.throws(
    () =>
      ec.completeAssertion(
        "a.b",
        /** @type {any} */ ({ [Symbol.toStringTag]: "ArrayBuffer", length: 1e9 }),
      ),
    { code: "option_invalid" },
  );
  const role = Array.from({ length: 20 }, () => ({ role: "a".repeat(most / 16), project: "1" }));
  assert.throws(() => ec.tokenVerifier({ issuer: ISSUER, audience: "api", role }), {
    code: "option_invalid",
  });
  const many = Object.fromEntries(Array.from({ length: most / 4 }, (_, i) => [`header-${i}`, "1"]));
  assert.throws(() => ec.parseTokenResponse({ ...answer, headers: many }, { requestedAt: 1 }), {
    code: "option_invalid",
    message: "`headers` is longer than 1048576 characters",
  });
  const { thrown } = await outcome(() =>
    ec.parseTokenResponse(
      { ...answer, status: 200, body: "x".repeat(most + 2) },
      { requestedAt: 1 },
    ),
  );
  assert.equal(/** @type {any} */ (thrown).code, "response_too_large");
});

test("`challenge` answers 500 to what is no error of ours, or throws when it is read", () => {
  for (const [what, make] of Object.entries(VALUES)) {
    const expected = what === "what passes for an AuthError" ? 503 : 500;
    assert.equal(verifier.challenge(make()).status, expected, what);
  }
});

// @ts-check
// Hostile values at every place of every public function: what comes out is an AuthError without a
// word of theirs, no timer stays, and everything works afterwards.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import * as ec from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";
import { lacks, MARKS, SECRET, TOKEN } from "../support/canary.js";
import { advance, countTimers, settle, takeTime } from "../support/clock.js";
import { DIGITS, places, SIGNALS, throwsAt, VALUES } from "../support/hostile-values.js";
import { makeKey } from "../support/jwt.js";
import { outcome as passTime, watch } from "../support/promises.js";

/** @typedef {{ run: (...args: any[]) => unknown; args: any[] }} Call */

const ISSUER = "https://idp.example";
const SERVER = "https://idp.example/token";
const API = "https://api.example";
/** How long a call may take, ms. */
const PATIENCE = 500;

takeTime({ after });

/** @type {unknown[]} */
const unheard = [];
process.on("unhandledRejection", (reason) => unheard.push(reason));
beforeEach(() => assert.equal(countTimers(), 0, "an earlier test left a timer"));

/**
 * The server and the API, which are good.
 *
 * @type {(url: string, init: RequestInit) => Promise<Response>}
 */
async function fetch(url) {
  if (url.endsWith("/token"))
    return Response.json({ access_token: TOKEN, token_type: "Bearer", expires_in: 3600 });
  if (url.endsWith("/introspect"))
    return Response.json({
      active: true,
      aud: "api",
      sub: "1",
      scope: "read",
      exp: Date.now() / 1000 + 60,
    });
  if (url.endsWith("/keys")) return Response.json({ keys: [] });
  return new Response("fine");
}

const { privateKey } = makeKey("ES256");
const jwk = { ...privateKey.export({ format: "jwk" }), kid: "1", alg: "ES256" };
const key = await ec.importKey(jwk);
const token = { accessToken: TOKEN, tokenType: "Bearer", scope: null, obtainedAt: 1, expiresAt: 2 };
const client = { clientId: "id", clientSecret: "secret" };
const answer = {
  status: 400,
  headers: { "content-type": "application/json", "retry-after": "1", date: "x" },
  body: '{"error":"invalid_client"}',
};
const sent = {
  method: "POST",
  url: SERVER,
  headers: { authorization: "Basic aWQ6c2VjcmV0" },
  body: "a=b",
  redirect: "manual",
};
const asked = {
  scope: ["a"],
  resource: ["https://a.example"],
  params: { a: "b" },
  insecureHttp: true,
};
const used = { fetch, allowedOrigins: [API], insecureHttp: true, onEvent() {}, timeout: PATIENCE };
const verifying = {
  issuer: ISSUER,
  audience: ["api"],
  accept: "opaque",
  projectId: "1",
  scope: ["read"],
  role: [{ role: "writer", project: "1", organization: "2" }],
  jwksUri: `${ISSUER}/keys`,
  introspectionEndpoint: `${ISSUER}/introspect`,
  leeway: 1,
  timeout: PATIENCE,
  fetch,
  insecureHttp: true,
  onEvent() {},
};
const request = {
  headers: { authorization: `Bearer ${TOKEN}` },
  rawHeaders: ["authorization", `Bearer ${TOKEN}`],
};

const source = ec.tokenSource({
  tokenEndpoint: SERVER,
  ...client,
  allowedOrigins: [API],
  fetch,
  apiFetch: fetch,
});
const fixed = ec.tokenSource({ accessToken: TOKEN, allowedOrigins: [API], apiFetch: fetch });
const verifier = ec.tokenVerifier({
  issuer: ISSUER,
  audience: "api",
  introspection: client,
  introspectionEndpoint: `${ISSUER}/introspect`,
  fetch,
});
const { scopes } = ec.zitadel;

/** @type {(options: any) => Promise<unknown>} */
const useSource = async (options) => ec.tokenSource(options).get();
/** @type {(options: any) => Promise<unknown>} */
const useVerifier = async (options) => ec.tokenVerifier(options).verify(TOKEN);

/**
 * Every function, by the name of its export.
 *
 * @type {Record<string, Call[]>}
 */
const CALLS = {
  prepareAssertion: [
    {
      run: ec.prepareAssertion,
      args: [
        {
          key: {
            algorithm: "ES256",
            keyId: "1",
            userId: "2",
            clientId: "3",
            expiresAt: Date.now() + 9e9,
          },
          subject: "4",
          audience: ISSUER,
          now: 1,
        },
      ],
    },
  ],
  completeAssertion: [{ run: ec.completeAssertion, args: ["a.b", new Uint8Array(64)] }],
  toRequest: [{ run: ec.toRequest, args: [sent] }],
  buildIntrospectionRequest: [
    {
      run: ec.buildIntrospectionRequest,
      args: [
        {
          introspectionEndpoint: SERVER,
          token: "t",
          ...client,
          clientAuth: "client_secret_post",
          insecureHttp: true,
        },
      ],
    },
  ],
  parseIntrospectionResponse: [
    { run: ec.parseIntrospectionResponse, args: [answer, { now: 1, request: sent }] },
  ],
  importKey: [
    { run: ec.importKey, args: [jwk, { keyId: "1", algorithm: "ES256" }] },
    { run: ec.importKey, args: [JSON.stringify(jwk)] },
    { run: key.sign, args: ["text"] },
  ],
  buildMetadataRequest: [
    {
      run: ec.buildMetadataRequest,
      args: [{ issuer: ISSUER, wellKnown: "openid-configuration", insecureHttp: true }],
    },
  ],
  parseMetadataResponse: [
    {
      run: ec.parseMetadataResponse,
      args: [answer, { issuer: ISSUER, insecureHttp: true, now: 1 }],
    },
  ],
  buildRevocationRequest: [
    {
      run: ec.buildRevocationRequest,
      args: [
        {
          revocationEndpoint: SERVER,
          token: "t",
          clientId: "id",
          clientAssertion: "a.b.c",
          insecureHttp: true,
        },
      ],
    },
  ],
  parseRevocationResponse: [
    { run: ec.parseRevocationResponse, args: [answer, { now: 1, request: sent }] },
  ],
  buildTokenRequest: [
    {
      run: ec.buildTokenRequest,
      args: [{ tokenEndpoint: SERVER, ...client, clientAuth: "client_secret_basic", ...asked }],
    },
    { run: ec.buildTokenRequest, args: [{ tokenEndpoint: SERVER, assertion: "a.b.c", ...asked }] },
  ],
  parseTokenResponse: [
    { run: ec.parseTokenResponse, args: [answer, { requestedAt: 1, now: 1, request: sent }] },
  ],
  checkRequirements: [
    { run: ec.checkRequirements, args: [{ scope: ["a"], role: ["r"], audience: ["a"] }] },
  ],
  isExpired: [{ run: ec.isExpired, args: [token, { now: 1, leeway: 1 }] }],
  timeLeft: [{ run: ec.timeLeft, args: [token, { now: 1 }] }],
  authorizationHeader: [{ run: ec.authorizationHeader, args: [token] }],
  tokenSource: [
    {
      run: useSource,
      args: [
        {
          issuer: ISSUER,
          tokenEndpoint: SERVER,
          ...client,
          clientAuth: "client_secret_basic",
          ...asked,
          ...used,
        },
      ],
    },
    {
      run: useSource,
      args: [
        {
          tokenEndpoint: SERVER,
          key: jwk,
          clientId: "id",
          clientAuth: "private_key_jwt",
          keyId: "1",
          algorithm: "ES256",
          assertionAudience: ISSUER,
          ...used,
        },
      ],
    },
    { run: useSource, args: [{ tokenEndpoint: SERVER, key: jwk, userId: "1", ...used }] },
    {
      run: useSource,
      args: [
        { accessToken: TOKEN, allowedOrigins: [API], fetch, insecureHttp: true, onEvent() {} },
      ],
    },
    { run: source.get, args: [{ signal: new AbortController().signal }] },
    { run: source.authorization, args: [{ signal: new AbortController().signal }] },
    { run: source.invalidate, args: [{ accessToken: "other" }] },
    {
      run: source.fetch,
      args: [
        API,
        {
          method: "POST",
          headers: { "x-a": "b" },
          body: "c",
          redirect: "manual",
          signal: new AbortController().signal,
          cf: { a: 1 },
        },
      ],
    },
    {
      run: source.fetch,
      args: [{ url: API, method: "GET", headers: {}, signal: new AbortController().signal }, {}],
    },
    { run: fixed.get, args: [{ signal: new AbortController().signal }] },
  ],
  tokenVerifier: [
    {
      run: useVerifier,
      args: [
        {
          ...verifying,
          role: undefined,
          introspection: { ...client, clientAuth: "client_secret_basic" },
        },
      ].map(without),
    },
    {
      run: useVerifier,
      args: [
        {
          ...verifying,
          introspection: { key: jwk, clientId: "id", keyId: "1", algorithm: "ES256" },
        },
      ],
    },
    {
      run: verifier.verify,
      args: [
        request,
        {
          scope: ["read"],
          role: [{ role: "writer", project: "1", organization: "2" }],
          audience: ["api"],
          signal: new AbortController().signal,
        },
      ],
    },
    { run: verifier.verify, args: [TOKEN] },
    { run: verifier.challenge, args: [{ code: "token_expired", category: "rejected" }] },
    {
      run: verifier.challenge,
      args: [
        { code: "token_expired", category: "rejected" },
        { resourceMetadata: "https://api.example/a", scope: ["read"] },
      ],
    },
    {
      run: bearerAuth,
      args: [
        { verify: verifier.verify, challenge: verifier.challenge },
        { scope: ["read"], role: [{ role: "writer", project: "1" }], audience: ["api"] },
      ],
    },
  ],
  zitadel: [
    {
      run: ec.zitadel.roles,
      args: [{ "urn:zitadel:iam:org:project:1:roles": [{ writer: { 2: "a.example" } }] }, "1"],
    },
    { run: ec.zitadel.metadata, args: [{ "urn:zitadel:iam:user:metadata": { a: "YQ" } }] },
    ...[
      scopes.audience,
      scopes.role,
      scopes.organization,
      scopes.primaryDomain,
      scopes.organizationRoles,
    ].map((run) => ({ run, args: ["1"] })),
    ...[scopes.api, scopes.roles, scopes.metadata, scopes.resourceOwner].map((run) => ({
      run,
      args: [],
    })),
  ],
};

/**
 * An option that is `undefined` is refused before all others.
 *
 * @param {Record<string, unknown>} options
 */
function without(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @typedef {{ value?: unknown; thrown?: unknown }} Result */

/**
 * What it gives or throws, at once or with as much time as that takes.
 *
 * @type {(run: () => unknown) => Promise<Result>}
 */
async function outcome(run) {
  const watched = watch(attempt(run));
  // Most calls need no time, which takes long to pass.
  await new Promise((done) => setImmediate(done));
  await passTime(watched);
  assert.ok(watched.done, "it never ends");
  return /** @type {Result} */ (watched.value);
}

/** @type {(run: () => unknown) => Promise<Result>} */
async function attempt(run) {
  try {
    return { value: await run() };
  } catch (thrown) {
    return { thrown };
  }
}

/** @type {(result: Result, what: string) => void} */
function assertOurs(result, what) {
  if (!("thrown" in result)) return;
  const thrown = /** @type {ec.AuthError} */ (result.thrown);
  assert.ok(isOurs(thrown), `not an AuthError, ${what}: ${shown(thrown)}`);
  assert.notEqual(thrown.code, "internal", `${what}: ${shown(thrown)}`);
  lacks(thrown, [...MARKS, DIGITS, "\u0001\u0001"], what);
}

/**
 * Not by the brand alone, which anybody can have; `edge-credentials/hono` has a class of its own.
 *
 * @param {unknown} thrown
 */
function isOurs(thrown) {
  try {
    return thrown instanceof Error && thrown instanceof ec.AuthError;
  } catch {
    return false; // A proxy that throws.
  }
}

/** @param {unknown} thrown */
function shown(thrown) {
  try {
    return String(/** @type {any} */ (thrown)?.stack ?? thrown);
  } catch {
    return "what cannot be printed";
  }
}

/**
 * Attempts that nobody waits for any more may go on for a while.
 *
 * @param {string} what
 */
async function assertNoTimer(what) {
  for (let i = 0; countTimers() > 0 && i < 400; i += 1) await advance(50);
  assert.equal(countTimers(), 0, `a timer is left: ${what}`);
  assert.deepEqual(unheard, [], what);
}

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

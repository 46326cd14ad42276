// @ts-check
// Two ways out: assertions from elsewhere, and requests of the caller's.
import assert from "node:assert/strict";
import test from "node:test";
import { buildTokenRequest, tokenSource } from "edge-credentials";
import { advance } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { makePem } from "../../support/keys/jwt.js";
import { outcome, settled, watch } from "../../support/promises.js";
import { ISSUER, sourceFixture } from "../../support/fixtures/token-source.js";

const encode = (/** @type {object} */ part) =>
  Buffer.from(JSON.stringify(part)).toString("base64url");
const jwt = (claims = {}) => `${encode({ alg: "RS256" })}.${encode(claims)}.c2lnbmF0dXJl`;
const formOf = (/** @type {{ body: string }} */ { body }) =>
  Object.fromEntries(new URLSearchParams(body));
const secondsFromNow = (/** @type {number} */ seconds) => Math.floor(Date.now() / 1000) + seconds;

test("an assertion is made for each request, and never kept", async (t) => {
  /** @type {unknown[]} */
  const asked = [];
  const { source, server, tokenRequests } = sourceFixture(t, {
    issuer: ISSUER,
    assertion: async (server) => {
      asked.push(server);
      return jwt({ n: asked.length });
    },
    scope: "openid",
  });
  server.expiresIn = 1;
  await settled(source.get());
  await advance(2_000);
  await settled(source.get());
  assert.deepEqual(asked, Array(2).fill({ issuer: ISSUER, tokenEndpoint: `${ISSUER}/token` }));
  assert.deepEqual(
    tokenRequests().map(formOf),
    [1, 2].map((n) => ({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      scope: "openid",
      assertion: jwt({ n }),
    })),
  );
});

test("client credentials go beside an assertion, as Keycloak and Hydra want", async (t) => {
  const { source, tokenRequests } = sourceFixture(t, {
    assertion: () => jwt(),
    clientId: "me",
    clientSecret: async () => "s3cret",
  });
  await settled(source.get());
  const [request] = tokenRequests();
  assert.equal(request.headers.get("authorization"), `Basic ${btoa("me:s3cret")}`);
  assert.equal(formOf(request).assertion, jwt());

  const posted = sourceFixture(t, {
    assertion: () => jwt(),
    clientId: "me",
    clientSecret: "s3cret",
    clientAuth: "client_secret_post",
  });
  await settled(posted.source.get());
  const { client_id, client_secret } = formOf(posted.tokenRequests()[0]);
  assert.deepEqual([client_id, client_secret], ["me", "s3cret"]);

  for (const half of [{ clientId: "me" }, { clientSecret: "x" }]) {
    const options = { tokenEndpoint: `${ISSUER}/token`, assertion: () => jwt(), ...half };
    const error = await failure(() => tokenSource(options), "option_invalid");
    assert.match(error.message, /go together beside an `assertion`/);
  }
  const built = buildTokenRequest({
    tokenEndpoint: `${ISSUER}/token`,
    assertion: jwt(),
    clientId: "me",
    clientSecret: "s3cret",
  });
  assert.equal(built.headers.authorization, `Basic ${btoa("me:s3cret")}`);
});

test("a client assertion is made for each request", async (t) => {
  const { source, tokenRequests } = sourceFixture(t, {
    clientId: "me",
    clientAssertion: ({ tokenEndpoint }) => jwt({ aud: tokenEndpoint }),
  });
  await settled(source.get());
  assert.deepEqual(formOf(tokenRequests()[0]), {
    grant_type: "client_credentials",
    client_id: "me",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: jwt({ aud: `${ISSUER}/token` }),
  });
});

test("what has ended, is no text or was not to be had is told, and not sent", async (t) => {
  /** @type {[make: () => unknown, message: RegExp][]} */
  const rows = [
    [() => jwt({ exp: secondsFromNow(0) }), /gave a JWT that has ended$/],
    [() => 5, /gave no string$/],
    [() => undefined, /gave no string$/],
    [
      () => {
        throw new Error("CANARY");
      },
      /threw an error$/,
    ],
  ];
  for (const name of ["assertion", "clientAssertion"]) {
    for (const [make, message] of rows) {
      const client = name === "assertion" ? {} : { clientId: "me" };
      const { source, tokenRequests } = sourceFixture(
        t,
        /** @type {any} */ ({ ...client, [name]: make }),
      );
      const caller = watch(source.get());
      await outcome(caller);
      assert.equal(caller.error?.code, "callback_failed");
      assert.match(caller.error.message, message);
      assert.ok(!JSON.stringify(caller.error).includes("CANARY"));
      assert.equal(tokenRequests().length, 0);
    }
  }
  // What is not a JWT is the core's to tell.
  const { source } = sourceFixture(t, { assertion: () => "CANARY" });
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.error?.message, "the assertion is not a signed JWT");
});

test("our own assertions take what a server wants beside", async (t) => {
  const file = { type: "serviceaccount", keyId: "7", key: makePem(), userId: "42" };
  const { source, tokenRequests } = sourceFixture(t, {
    key: file,
    assertionAudience: "https://oauth2.example/token",
    assertionHeader: { x5t: "abc", typ: "client-authentication+jwt" },
    assertionClaims: { scope: "a b", sub: "somebody@example.com" },
  });
  await settled(source.get());
  const [header, claims] = String(formOf(tokenRequests()[0]).assertion)
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString());
  assert.deepEqual(JSON.parse(header), {
    alg: "EdDSA",
    kid: "7",
    x5t: "abc",
    typ: "client-authentication+jwt",
  });
  const { iss, sub, aud, scope } = JSON.parse(claims);
  assert.deepEqual(
    [iss, sub, aud, scope],
    ["42", "somebody@example.com", "https://oauth2.example/token", "a b"],
  );

  for (const more of [
    { assertionHeader: { alg: "none" } },
    { assertionHeader: { kid: "8" } },
    { assertionClaims: { iss: "other" } },
    { assertionClaims: { aud: "other" } },
    { assertionClaims: { exp: 9e9 } },
  ]) {
    const options = { issuer: ISSUER, key: file, ...more };
    const error = await failure(() => tokenSource(options), "option_invalid");
    assert.match(error.message, /overrides what it holds anyway/, JSON.stringify(more));
  }
});

test("a request of the caller's is read, kept, shared and renewed", async (t) => {
  let made = 0;
  const contexts = /** @type {import("edge-credentials").TokenRequestContext[]} */ ([]);
  const { source, events } = sourceFixture(t, {
    issuer: ISSUER,
    request: async (context) => {
      contexts.push(context);
      made += 1;
      const body = { access_token: `own-${made}`, expires_in: 60, account_id: "7" };
      return Response.json(body);
    },
  });
  const tokens = await settled(Promise.all(Array.from({ length: 20 }, () => source.get())));
  assert.deepEqual(new Set(tokens.map(({ accessToken }) => accessToken)), new Set(["own-1"]));
  assert.deepEqual(tokens[0].extra, { account_id: "7" });
  const [{ issuer, tokenEndpoint, fetch, signal }] = contexts;
  assert.deepEqual([issuer, tokenEndpoint], [ISSUER, `${ISSUER}/token`]);
  assert.ok(typeof fetch === "function" && signal instanceof AbortSignal);
  await advance(61_000);
  assert.equal((await settled(source.get())).accessToken, "own-2");
  assert.ok(events.some(({ type }) => type === "fetch"));
});

test("of a refusal of the caller's request only the codes are shown", async (t) => {
  const { source } = sourceFixture(t, {
    tokenEndpoint: `${ISSUER}/token`,
    request: async () =>
      Response.json(
        { error: "invalid_client", error_description: "CANARY", message: "CANARY" },
        { status: 401 },
      ),
  });
  const caller = watch(source.get());
  await outcome(caller);
  const { code, error, errorDescription, status } = caller.error;
  assert.deepEqual(
    [code, error, errorDescription, status],
    ["credentials_refused", "invalid_client", undefined, 401],
  );
  assert.ok(!JSON.stringify(caller.error).includes("CANARY"));
});

test("a request of the caller's needs no server, and may fail", async (t) => {
  let fails = true;
  const source = tokenSource({
    request: async ({ issuer, tokenEndpoint }) => {
      assert.deepEqual([issuer, tokenEndpoint], [undefined, undefined]);
      if (fails) throw new TypeError("fetch failed CANARY");
      return Response.json({ access_token: "own" });
    },
  });
  sourceFixture(t);
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.error?.code, "network_failed");
  assert.ok(!JSON.stringify(caller.error).includes("CANARY"));
  fails = false;
  await advance(5_000);
  assert.equal((await settled(source.get())).accessToken, "own");
});

test("a request of the caller's that gives no Response, or one that is read, is a mistake", async (t) => {
  const read = Response.json({ access_token: "own" });
  await read.text();
  sourceFixture(t);
  for (const [given, what] of /** @type {const} */ ([
    [undefined, "gave undefined, and no Response"],
    [{ access_token: "own" }, "gave an object, and no Response"],
    ["own", "gave a string, and no Response"],
    [read, "gave a Response that was read before"],
  ])) {
    const source = tokenSource({ request: /** @type {any} */ (async () => given) });
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(caller.error?.code, "callback_failed");
    assert.ok(caller.error.message.includes(what), caller.error.message);
  }
});

test("the `fetch` that a request of the caller's gets is the one of that time, and bound", async (t) => {
  sourceFixture(t);
  const source = tokenSource({
    request: async ({ fetch }) => fetch("https://idp.example/own", { method: "POST" }),
  });
  /** @type {unknown[]} */
  const seen = [];
  t.mock.method(globalThis, "fetch", function (/** @type {string} */ url) {
    // @ts-expect-error A browser's `fetch` refuses any other `this`.
    seen.push([url, this === globalThis || this === undefined]);
    return Promise.resolve(Response.json({ access_token: "own" }));
  });
  assert.equal((await settled(source.get())).accessToken, "own");
  assert.deepEqual(seen, [["https://idp.example/own", true]]);
});

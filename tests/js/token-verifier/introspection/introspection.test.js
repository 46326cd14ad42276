// @ts-check
// What a verifier asks about opaque tokens, how often, and what it makes of the answers.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { makeKey } from "../../support/keys/jwt.js";
import { outcome, settled, watch } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

test("the request is that of an API application, with the token in the form", async (t) => {
  const { server, verifier, requests } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  await settled(verifier.verify(token));
  const { path, body, headers } = requests[1];
  assert.deepEqual(
    [path, Object.fromEntries(new URLSearchParams(body))],
    ["/oauth/v2/introspect", { token }],
  );
  assert.equal(headers.get("authorization"), `Basic ${btoa(`${CLIENT.clientId}:s%25cret`)}`);
});

test("with a key it is private_key_jwt, signed for the issuer, anew for each request", async (t) => {
  const { privateKey } = makeKey("Ed25519");
  const key = {
    type: "application",
    keyId: "8",
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    appId: "1",
    clientId: "43@project",
  };
  const { server, verifier, requests } = verifierFixture(t, {
    introspection: { key },
    introspectionEndpoint: `${ISSUER}/ask`,
  });
  server.script["/ask"] = [{ body: { active: false } }, { body: { active: false } }];
  for (const token of ["a", "b"]) await fails(() => verifier.verify(token), "token_inactive");
  const forms = requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  assert.deepEqual(
    requests.map(({ path }) => path),
    ["/ask", "/ask"],
  );
  const claims = forms.map(({ client_assertion }) =>
    JSON.parse(String(Buffer.from(client_assertion.split(".")[1], "base64url"))),
  );
  for (const [i, { iss, sub, aud }] of claims.entries()) {
    assert.deepEqual(
      [iss, sub, aud, forms[i].client_id],
      ["43@project", "43@project", ISSUER, "43@project"],
    );
    assert.equal(
      forms[i].client_assertion_type,
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    );
  }
  assert.notEqual(claims[0].jti, claims[1].jti);
});

test("a secret that rotates is asked for again when it is refused, and the caller is not told", async (t) => {
  const secrets = ["old", "new"];
  let asked = 0;
  const { server, verifier, requests } = verifierFixture(t, {
    introspection: { clientId: "a", clientSecret: () => secrets[Math.min(asked++, 1)] },
  });
  server.introspect = () => {
    const basic = atob(String(requests.at(-1)?.headers.get("authorization")).slice(6));
    return basic === "a:new"
      ? { body: { active: true, aud: AUDIENCE, sub: "1" } }
      : { status: 400, body: { error: "unauthorized_client" } };
  };
  assert.equal((await settled(verifier.verify("token"))).sub, "1");
  assert.deepEqual([asked, server.introspections()], [2, 2]);
});

test("credentials of ours that are refused are our fault: 500 without a challenge, never 401", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  // Not `invalid_token`: that is about the token, since this API never comes with one of its own.
  for (const answer of [
    { status: 400, body: { error: "unauthorized_client" } },
    { status: 401, body: { error: "invalid_client" } },
    { status: 401, body: "" },
    { status: 403, body: "" },
  ]) {
    server.introspect = () => answer;
    const error = await fails(() => verifier.verify(server.opaque()), "credentials_refused");
    await advance(1_001);
    const { status, headers } = verifier.challenge(error);
    assert.deepEqual(
      [error.category, status, headers.get("www-authenticate")],
      ["denied", 500, null],
    );
  }
});

test("an answer is used for a minute, and never beyond the token's end", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const long = server.opaque();
  const short = server.opaque({ exp: Math.floor(Date.now() / 1000) + 20 });
  for (const token of [long, short]) await settled(verifier.verify(token));
  await advance(19_000);
  await verifier.verify(short);
  await advance(1_500);
  assert.equal((await fails(() => verifier.verify(short), "token_inactive")).category, "rejected");
  await verifier.verify(long);
  await advance(41_000);
  server.active.clear();
  await fails(() => verifier.verify(long), "token_inactive");
});

test("its minute begins when it was asked for, however slow the server is", async (t) => {
  const { server, verifier, events } = verifierFixture(t, {
    introspection: CLIENT,
    introspectionEndpoint: `${ISSUER}/oauth/v2/introspect`,
  });
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 4_000 });
  await settled(verifier.verify(server.opaque()));
  const [event] = events;
  assert.equal("expiresAt" in event && event.expiresAt, server.requests[0].at + 60_000);
});

test("an answer of a quarter of a megabyte is read, since a user's metadata may be in it", async (t) => {
  /**
   * As it comes over a network.
   *
   * @param {Response} answer
   */
  const inParts = async (answer) => {
    const bytes = new Uint8Array(await answer.arrayBuffer());
    let at = 0;
    const pull = (/** @type {ReadableStreamDefaultController} */ controller) => {
      if (at >= bytes.length) return controller.close();

      controller.enqueue(bytes.subarray(at, at + 16_384));
      at += 16_384;
    };
    return new Response(new ReadableStream({ pull }), { headers: answer.headers });
  };
  const { server, verifier } = verifierFixture(t, {
    introspection: CLIENT,
    fetch: async (url, init) => inParts(await server.fetch(url, init)),
  });
  const metadata = { note: "x".repeat(2 ** 18) };
  assert.deepEqual(
    (await settled(verifier.verify(server.opaque({ metadata })))).metadata,
    metadata,
  );
});

test("a token in use is asked about ahead of the end, while a slow server makes nobody wait", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  const claims = await settled(verifier.verify(token));
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 3_500 });
  for (let i = 0; i < 300; i += 1) {
    await advance(1_000);
    const checked = watch(verifier.verify(token));
    await settle();
    assert.ok(checked.done && !checked.error, `second ${i}`);
    assert.deepEqual(checked.value, claims);
  }
  assert.ok(
    server.introspections() >= 5 && server.introspections() <= 8,
    String(server.introspections()),
  );
});

test("a token that is revoked while in use is refused within a minute", async (t) => {
  const { server, verifier, events } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  await settled(verifier.verify(token));
  server.active.delete(token);
  let seconds = 0;
  for (let isGood = true; isGood; seconds += 1) {
    await advance(1_000);
    isGood = await settled(verifier.verify(token)).then(
      () => true,
      () => false,
    );
  }
  assert.ok(seconds <= 60, String(seconds));
  assert.deepEqual(
    events.filter(({ type }) => type !== "accept").map(({ type, what }) => `${type} ${what}`),
    ["fetch metadata", "fetch introspection", "refresh introspection", "refuse token"],
  );
});

test("that a token is not active is remembered for ten seconds, and not asked about ahead", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (let second = 0; second < 30; second += 1) {
    await fails(() => verifier.verify("garbage"), "token_inactive");
    await advance(1_000);
  }
  assert.equal(server.introspections(), 3);
});

test("any number of checks of one token at once make one request, though the first who asked gives up", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 1_000 });
  const controller = new AbortController();
  const first = watch(verifier.verify(token, { signal: controller.signal }));
  const others = Array.from({ length: 100 }, () => watch(verifier.verify(token)));
  await advance(500);
  controller.abort(new Error("enough"));
  await settle();
  assert.equal(first.error?.message, "enough");
  await Promise.all(others.map(outcome));
  assert.ok(others.every(({ value }) => value?.username === "edge"));
  assert.equal(server.introspections(), 1);
});

test("five parts, a personal access token and whatever else is no JWT are asked about; with accept so are JWTs, or nothing is", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (const token of ["eyJ.a.b.c.d", "a.b", "a.b.c.d", "A".repeat(71)]) {
    server.active.set(token, { aud: [AUDIENCE], sub: token });
    assert.equal((await settled(verifier.verify(token))).sub, token);
  }
  assert.equal(server.keyRequests(), 0);

  const opaque = verifierFixture(t, { introspection: CLIENT, accept: "opaque" });
  const token = opaque.server.jwt();
  await fails(() => opaque.verifier.verify(token), "token_inactive");
  opaque.server.active.set(opaque.server.jwt({ jti: "2" }), { aud: AUDIENCE });
  assert.deepEqual(await settled(opaque.verifier.verify([...opaque.server.active.keys()][0])), {
    active: true,
    aud: AUDIENCE,
  });
  assert.equal(opaque.server.keyRequests(), 0);

  for (const options of [
    {},
    { accept: /** @type {const} */ ("jwt") },
    { accept: /** @type {const} */ ("jwt"), introspection: CLIENT },
  ]) {
    const jwts = verifierFixture(t, options);
    const error = await fails(() => jwts.verifier.verify("opaque"), "token_invalid");
    assert.match(error.hint, /access tokens as JWTs/);
    assert.equal(jwts.requests.length, 0);
  }
});

test("what is active is not yet for this API, and what is bound to a key is no bearer token", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (const [changes, code] of /** @type {const} */ ([
    [{ aud: AUDIENCE }, undefined],
    [{ aud: ["other", AUDIENCE] }, undefined],
    [{ token_type: "bearer" }, undefined],
    [{ token_type: undefined, iss: undefined, exp: undefined }, undefined],
    [{ token_type: null, iss: null, exp: null, cnf: null }, undefined],
    [{ aud: "other" }, "audience_refused"],
    [{ aud: [] }, "audience_refused"],
    [{ aud: undefined }, "audience_refused"],
    [{ aud: { [AUDIENCE]: AUDIENCE } }, "member_invalid"],
    [{ iss: `${ISSUER}/` }, "token_invalid"],
    [{ token_type: "DPoP" }, "token_invalid"],
    [{ token_type: "N_A" }, "token_invalid"],
    [{ token_type: 5 }, "token_invalid"],
    [{ cnf: { jkt: "x" } }, "token_invalid"],
    [{ exp: "soon" }, "member_invalid"],
    [{ exp: Math.floor(Date.now() / 1000) - 1 }, "token_inactive"],
  ])) {
    const token = server.opaque(changes);
    if (code) await fails(() => verifier.verify(token), code);
    else assert.ok(Object.isFrozen(await settled(verifier.verify(token))), JSON.stringify(changes));
  }
});

test("a server that knows no such type of token speaks of the token, not of who asks: it is not good, and others are", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  server.script["/oauth/v2/introspect"] = [
    { status: 400, body: { error: "unsupported_token_type" } },
  ];
  const error = await fails(() => verifier.verify("garbage"), "token_inactive");
  assert.equal(verifier.challenge(error).status, 401);
  await fails(() => verifier.verify("garbage"), "token_inactive");
  assert.equal(server.introspections(), 1);
  await settled(verifier.verify(server.opaque()));
});

test("an answer that is none: the provider is at fault, and told as down", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (const [body, code] of /** @type {const} */ ([
    ["<html>", "response_not_json"],
    ["", "response_not_json"],
    ["{}", "member_missing"],
    ['{"active":"true"}', "member_invalid"],
    ['{"active":null}', "member_missing"],
    ['{"active":false,"active":true}', "member_duplicate"],
    [`{"active":true,"aud":"${AUDIENCE}","x":"${"x".repeat(2 ** 21)}"}`, "response_too_large"],
  ])) {
    server.introspect = () => ({ body });
    const error = await fails(() => verifier.verify(server.opaque()), code);
    assert.equal(verifier.challenge(error).status, 503);
  }
});

test("a clock that steps makes no answer eternal", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  const garbage = "garbage";
  await settled(verifier.verify(token));
  await fails(() => verifier.verify(garbage), "token_inactive");
  jump(-3_600_000);
  await settled(verifier.verify(token));
  server.active.set(garbage, { aud: AUDIENCE });
  assert.ok(await settled(verifier.verify(garbage)));
  server.active.clear();
  await advance(61_000);
  for (const one of [token, garbage]) await fails(() => verifier.verify(one), "token_inactive");
  jump(7_200_000);
  for (const one of [token, garbage]) await fails(() => verifier.verify(one), "token_inactive");
});

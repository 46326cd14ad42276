// @ts-check
// Whose token was refused: told in the error and in the event, of tokens that are known to be the
// issuer's, and of no others.
import assert from "node:assert/strict";
import test from "node:test";
import { fails } from "../support/errors.js";
import { base64url, jwt, makeKey } from "../support/keys/jwt.js";
import { settled } from "../support/promises.js";
import { claimsOf, CLIENT, PROJECT, verifierFixture } from "../support/fixtures/token-verifier.js";

const SUB = "317905284016374539";
const ROLES = `urn:zitadel:iam:org:project:${PROJECT}:roles`;
const OTHER_ROLES = "urn:zitadel:iam:org:project:roles";

test("a signed token that is refused all the same tells whose it is", async (t) => {
  const { server, verifier, events } = verifierFixture(t);
  const claims = {
    aud: "other",
    [ROLES]: { reader: { 1: "a" }, writer: {} },
    [OTHER_ROLES]: [{ reader: {} }, { admin: {} }],
  };
  const error = await fails(() => verifier.verify(server.jwt(claims)), "audience_refused");
  const token = {
    sub: SUB,
    client_id: "edge-worker",
    aud: ["other"],
    roles: ["reader", "writer", "admin"],
  };
  assert.deepEqual(error.token, token);
  assert.deepEqual(JSON.parse(JSON.stringify(error)).token, token);
  assert.deepEqual(events.at(-1), { type: "refuse", what: "token", code: error.code, token });
  const answer = verifier.challenge(error);
  assert.doesNotMatch(JSON.stringify([...answer.headers]), /edge-worker|317905284016374539/);
});

test("every code that judges claims tells it, also of a token that was accepted before", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt();
  await settled(verifier.verify(token));
  for (const [code, tokenOf, requirements] of /** @type {const} */ ([
    ["scope_insufficient", token, { scope: "a" }],
    ["role_insufficient", token, { role: { role: "a", project: "1" } }],
    ["claim_refused", token, { claims: { a: "b" } }],
    ["audience_refused", token, { audience: "other" }],
    ["token_expired", server.jwt({ exp: 1 }), undefined],
    ["token_invalid", server.jwt({ iss: "https://other.example" }), undefined],
  ])) {
    const error = await fails(() => verifier.verify(tokenOf, requirements), code);
    assert.equal(error.token?.sub, SUB, code);
  }
});

test("of a token whose signature is not known to be good nothing is told", async (t) => {
  const { server, verifier, events } = verifierFixture(t, { introspection: CLIENT });
  await settled(verifier.verify(server.jwt()));
  const own = server.key;
  const wrong = { aud: "other" };
  const [header, , signature] = server.jwt().split(".");
  const tokens = [
    // A bad signature, an unknown key, claims of another token, no signature that is one.
    jwt(makeKey("ES256", own.kid), claimsOf(wrong)),
    jwt(makeKey("ES256", own.kid), claimsOf(wrong)),
    jwt(makeKey(), claimsOf(wrong)),
    jwt(makeKey(), claimsOf({ exp: 1 })),
    `${header}.${base64url(JSON.stringify(claimsOf(wrong)))}.${signature}`,
    `${header}.${base64url(JSON.stringify(claimsOf(wrong)))}.AAAA`,
    server.jwt(wrong, { alg: "HS256" }),
    server.jwt({ nonce: "n" }, { kid: "unknown" }),
  ];
  for (const token of tokens) {
    const error = await fails(() => verifier.verify(token));
    assert.deepEqual([error.token, Object.hasOwn(error, "token")], [undefined, false]);
    assert.ok(!Object.hasOwn(events.at(-1) ?? {}, "token"));
  }
  await fails(() => verifier.verify("made-up"), "token_inactive").then((error) =>
    assert.equal(error.token, undefined),
  );
});

test("an introspection that is refused tells it too, but for texts that may be secrets", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const error = await fails(() => verifier.verify(server.opaque({ aud: "other" })));
  assert.deepEqual(error.token, { sub: SUB, client_id: "edge-worker", aud: ["other"] });
  const secret = "8Hb2kLq0PZr5sTn7vWx1yAc3dEf4gJh6";
  const quoting = server.opaque({ aud: ["other", secret], sub: secret, client_id: secret });
  const { token } = await fails(() => verifier.verify(quoting), "audience_refused");
  assert.deepEqual(token, { aud: ["other"] });
});

test("roles are those of `roleClaim`; odd claims are left out, and long ones cut", async (t) => {
  const { server, verifier } = verifierFixture(t, { roleClaim: ["a", "roles"], role: "x" });
  const told = async (/** @type {Record<string, unknown>} */ claims) =>
    (await fails(() => verifier.verify(server.jwt(claims)))).token;
  assert.deepEqual(await told({ a: { roles: ["r"] }, aud: "o", [ROLES]: { z: {} } }), {
    sub: SUB,
    client_id: "edge-worker",
    aud: ["o"],
    roles: ["r"],
  });
  assert.deepEqual(await told({ sub: 7, client_id: ["a"], aud: { a: 1 }, a: [1] }), {});
  assert.deepEqual(await told({ sub: undefined, client_id: undefined, azp: "app", aud: [] }), {
    client_id: "app",
  });
  const long = await told({
    sub: "s".repeat(10_000),
    aud: Array.from({ length: 1_000 }, (_, n) => `a${n}`),
  });
  assert.deepEqual([long?.sub?.length, long?.aud?.length], [256, 20]);
  const unreadable = jwt(server.key, "null");
  assert.equal((await fails(() => verifier.verify(unreadable))).token, undefined);
});

test("a polluted prototype tells nothing", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const prototype = /** @type {any} */ (Object.prototype);
  Object.assign(prototype, { client_id: "evil", azp: "evil", roles: ["evil"] });
  t.after(() => ["client_id", "azp", "roles"].forEach((name) => delete prototype[name]));
  const token = server.jwt({ client_id: undefined, aud: "other" });
  const error = await fails(() => verifier.verify(token), "audience_refused");
  assert.deepEqual(Object.entries(error.token ?? {}), [
    ["sub", SUB],
    ["aud", ["other"]],
  ]);
});

test("a JWT that is introspected too tells it as well, once its signature is good", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, accept: "opaque" });
  for (const changes of [{ exp: 1 }, { iss: "https://other.example" }]) {
    const token = server.jwt(changes);
    server.active.set(token, claimsOf({ aud: undefined }));
    assert.equal((await fails(() => verifier.verify(token))).token?.sub, SUB);
  }
  const forged = jwt(makeKey("ES256", server.key.kid), claimsOf({ exp: 1 }));
  server.active.set(forged, claimsOf({ aud: undefined }));
  assert.equal((await fails(() => verifier.verify(forged))).token, undefined);
});

test("control characters are not told", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt({ sub: "a\r\nset-cookie: b\u0000", aud: "other" });
  assert.equal((await fails(() => verifier.verify(token))).token?.sub, "a??set-cookie: b?");
});

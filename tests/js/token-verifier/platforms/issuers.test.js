// @ts-check
// Several issuers, an issuer of many tenants, and keys that are given.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { takeTime } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { settled } from "../../support/promises.js";
import { claimsOf, verifierFixture } from "../../support/fixtures/token-verifier.js";

/** @typedef {import("edge-credentials").TokenVerifierOptions} Options */

const A = "https://a.example";
const B = "https://b.example/tenant";
const ENTRA = "https://login.example/{tenantid}/v2.0";
const ONE = "11111111-2222-3333-4444-555555555555";
const TWO = "66666666-7777-8888-9999-000000000000";

/** @param {string} tenant */
const issuerOf = (tenant) => ENTRA.replace("{tenantid}", tenant);

/**
 * Issuers by their names, each with its own key, and what was asked of whom.
 *
 * @param {import("node:test").TestContext} t
 * @param {Options["issuer"]} issuer
 * @param {Partial<Options>} [options]
 */
function fixtureWith(t, issuer, options) {
  takeTime(t);
  /** @type {string[]} */
  const requests = [];
  /** @type {Record<string, unknown>} */
  const answers = {};
  /** @type {Record<string, ReturnType<typeof makeKey>>} */
  const keys = { [A]: makeKey("ES256", "same"), [B]: makeKey("ES256", "same") };
  for (const [name, key] of Object.entries(keys)) {
    answers[`${name}/.well-known/openid-configuration`] = {
      issuer: name,
      jwks_uri: `${name}/keys`,
    };
    answers[`${name}/keys`] = { keys: [key.jwk] };
  }
  const verifier = tokenVerifier({
    issuer,
    audience: "api",
    fetch: async (url) => {
      requests.push(url);
      return url in answers ? Response.json(answers[url]) : new Response("", { status: 404 });
    },
    ...options,
  });
  /** @type {(signer: string, iss: unknown, changes?: Record<string, unknown>) => string} */
  const token = (signer, iss, changes) =>
    jwt(keys[signer], claimsOf({ iss, aud: "api", ...changes }));
  return { verifier, requests, answers, keys, token };
}

test("of several issuers `iss` decides whose keys count, and each is asked once", async (t) => {
  const { verifier, requests, token } = fixtureWith(t, [A, B]);
  for (let n = 0; n < 2; n += 1) {
    assert.equal((await settled(verifier.verify(token(A, A)))).iss, A);
    assert.equal((await settled(verifier.verify(token(B, B)))).iss, B);
  }
  assert.deepEqual(requests, [
    `${A}/.well-known/openid-configuration`,
    `${A}/keys`,
    `${B}/.well-known/openid-configuration`,
    `${B}/keys`,
  ]);
});

test("an issuer's keys are for its own tokens alone", async (t) => {
  const { verifier, token, requests } = fixtureWith(t, [A, B]);
  await settled(verifier.verify(token(A, A)));
  await settled(verifier.verify(token(B, B)));
  const asked = requests.length;
  for (const [signer, iss] of [
    [B, A],
    [A, B],
  ])
    await fails(() => verifier.verify(token(signer, iss)), "token_invalid");
  for (const iss of ["https://c.example", `${A}/`, "", undefined, null, [A], { a: A }]) {
    const { message } = await fails(() => verifier.verify(token(A, iss)), "token_invalid");
    assert.equal(message, "the token's `iss` is not the issuer expected");
  }
  // Nobody but the two is ever asked.
  assert.deepEqual(
    requests.slice(asked).filter((url) => !url.endsWith("/keys")),
    [],
  );
});

test("a token that was accepted is still refused for other requirements, by its own issuer's rules", async (t) => {
  const { verifier, token } = fixtureWith(t, [A, B]);
  const ofB = token(B, B, { scope: "read" });
  await settled(verifier.verify(ofB));
  assert.ok(await settled(verifier.verify(ofB, { scope: "read" })));
  await fails(() => verifier.verify(ofB, { scope: "write" }), "scope_insufficient");
});

test("an opaque token is of nobody where there are several issuers", async (t) => {
  const { verifier, requests } = fixtureWith(t, [A, B]);
  const { message } = await fails(() => verifier.verify("opaque"), "token_invalid");
  assert.equal(message, "the token is opaque, but a JWT is wanted");
  assert.deepEqual(requests, []);
});

/**
 * Entra: keys at `common`, some of them of one tenant.
 *
 * @param {import("node:test").TestContext} t
 * @param {Partial<Options>} options
 */
function entraWith(t, options) {
  const fixture = fixtureWith(t, ENTRA, options);
  const [shared, ofOne, bare] = [makeKey(), makeKey(), makeKey()];
  const common = "https://login.example/common/v2.0/.well-known/openid-configuration";
  fixture.answers[common] = { issuer: ENTRA, jwks_uri: "https://login.example/keys" };
  fixture.answers["https://login.example/keys"] = {
    keys: [{ ...shared.jwk, issuer: ENTRA }, { ...ofOne.jwk, issuer: issuerOf(ONE) }, bare.jwk],
  };
  /**
   * @type {(
   *   key: import("../../support/keys/jwt.js").Key,
   *   tid: unknown,
   *   iss?: unknown,
   * ) => string}
   */
  const token = (key, tid, iss = issuerOf(String(tid))) =>
    jwt(key, claimsOf({ iss, tid, aud: "api" }));
  return { ...fixture, shared, ofOne, bare, token };
}

test("an issuer with `{tenantid}`: the token's `tid` stands in its place, and must be one of `tenants`", async (t) => {
  const { verifier, token, shared, bare } = entraWith(t, { tenants: [ONE] });
  assert.ok(await settled(verifier.verify(token(shared, ONE))));
  assert.ok(await settled(verifier.verify(token(bare, ONE))));
  const { message } = await fails(() => verifier.verify(token(shared, TWO)), "token_invalid");
  assert.equal(message, "the token is of a tenant that is not accepted");
  for (const [tid, iss] of /** @type {[unknown, unknown?][]} */ ([
    [ONE, issuerOf(TWO)],
    [TWO, issuerOf(ONE)],
    [ONE, ENTRA],
    ["{tenantid}", ENTRA],
    [undefined, issuerOf(ONE)],
    [undefined, ENTRA],
    [null, issuerOf(ONE)],
    [[ONE], issuerOf(ONE)],
    ["", issuerOf("")],
    [`${ONE}/v2.0/../${ONE}`, undefined],
    [`a/${ONE}`, undefined],
    ["any", undefined],
    ["*", undefined],
  ]))
    await fails(() => verifier.verify(token(shared, tid, iss)), "token_invalid");
});

test("`any` accepts each tenant, and still only whole names", async (t) => {
  for (const tenants of ["any", ["any"]]) {
    const { verifier, token, shared } = entraWith(t, { tenants });
    for (const tid of [ONE, TWO, "contoso"])
      assert.ok(await settled(verifier.verify(token(shared, tid))), tid);
    for (const tid of ["a/b", "a.b", "ä", "", "{tenantid}", 1, undefined])
      await fails(() => verifier.verify(token(shared, tid)), "token_invalid");
  }
});

test("a key of one tenant signs no other tenant's tokens", async (t) => {
  const { verifier, token, ofOne } = entraWith(t, { tenants: "any" });
  assert.ok(await settled(verifier.verify(token(ofOne, ONE))));
  const { message } = await fails(() => verifier.verify(token(ofOne, TWO)), "token_invalid");
  assert.equal(message, "the token is signed by a key of another tenant");
});

test("a key of one tenant signs for that tenant alone, where the issuer is written out too", async (t) => {
  for (const tenant of [ONE, TWO]) {
    const { verifier, ofOne, token, answers } = entraWith(t, { issuer: issuerOf(tenant) });
    answers[`${issuerOf(tenant)}/.well-known/openid-configuration`] = {
      issuer: issuerOf(tenant),
      jwks_uri: "https://login.example/keys",
    };
    const verifying = () => verifier.verify(token(ofOne, tenant));
    if (tenant === ONE) assert.ok(await settled(verifying()));
    else await fails(verifying, "token_invalid");
  }
});

test("a token by another tenant's key tells nothing of whom it names", async (t) => {
  const { verifier, ofOne } = entraWith(t, { tenants: "any" });
  const claims = claimsOf({ iss: issuerOf(TWO), tid: TWO, aud: "other", sub: "victim" });
  const error = await fails(() => verifier.verify(jwt(ofOne, claims)), "token_invalid");
  assert.equal(error.token, undefined);
});

test("an issuer that is written out comes before one with `{tenantid}`, in any order", async (t) => {
  for (const order of [
    [ENTRA, issuerOf(TWO)],
    [issuerOf(TWO), ENTRA],
  ]) {
    const { verifier, token, shared, answers } = entraWith(t, { issuer: order, tenants: [ONE] });
    answers[`${issuerOf(TWO)}/.well-known/openid-configuration`] = {
      issuer: issuerOf(TWO),
      jwks_uri: "https://login.example/keys",
    };
    for (const tenant of [ONE, TWO])
      assert.ok(await settled(verifier.verify(token(shared, tenant))));
  }
});

test("a tenant's name of any length costs nothing to compare", async (t) => {
  const { verifier, token, shared } = entraWith(t, { issuer: [A, ENTRA], tenants: "any" });
  for (const tid of ["$`".repeat(20_000), "$&", "a".repeat(40_000)])
    await fails(() => verifier.verify(token(shared, tid, A)));
});

test("an issuer with tenants among others", async (t) => {
  const { verifier, answers, token, keys } = fixtureWith(t, [A, ENTRA], { tenants: ONE });
  const key = makeKey();
  answers["https://login.example/common/v2.0/.well-known/openid-configuration"] = {
    issuer: ENTRA,
    jwks_uri: "https://login.example/keys",
  };
  answers["https://login.example/keys"] = { keys: [key.jwk] };
  assert.ok(await settled(verifier.verify(token(A, A))));
  const claims = claimsOf({ iss: issuerOf(ONE), tid: ONE, aud: "api" });
  assert.ok(await settled(verifier.verify(jwt(key, claims))));
  await fails(() => verifier.verify(jwt(keys[A], claims)), "token_invalid");
});

test("metadata that name another issuer than the one with `{tenantid}` are refused", async (t) => {
  const { verifier, answers, token, shared } = entraWith(t, { tenants: ONE });
  answers["https://login.example/common/v2.0/.well-known/openid-configuration"] = {
    issuer: issuerOf(ONE),
    jwks_uri: "https://login.example/keys",
  };
  await fails(() => verifier.verify(token(shared, ONE)), "issuer_mismatch");
});

test("given keys verify without a request, and none is ever added", async (t) => {
  const key = makeKey();
  const jwks = { keys: [{ ...key.jwk }, { kty: "future" }] };
  const { server, verifier, requests } = verifierFixture(t, { jwks });
  jwks.keys.length = 0;
  for (let n = 0; n < 3; n += 1) {
    assert.ok(await settled(verifier.verify(jwt(key, claimsOf({ jti: `${n}` })))));
    for (const stranger of [server.key, makeKey("ES256", key.kid)])
      await fails(() => verifier.verify(jwt(stranger, claimsOf())), "token_invalid");
  }
  assert.deepEqual(requests, []);
});

test("equal keys make one verifier, and others another", () => {
  const [one, other] = [makeKey().jwk, makeKey().jwk];
  const make = (/** @type {object[]} */ ...keys) =>
    tokenVerifier({ issuer: A, audience: "api", jwks: { keys } });
  assert.equal(make(one), make({ ...one }));
  assert.notEqual(make(one), make(other));
  assert.notEqual(make(one), make(one, other));
});

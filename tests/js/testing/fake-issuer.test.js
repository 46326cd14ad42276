// @ts-check
// The fake issuer of `edge-credentials/testing`, by the package's own sources and verifiers.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import {
  buildRevocationRequest,
  parseRevocationResponse,
  tokenSource,
  tokenVerifier,
} from "edge-credentials";
import { fakeIssuer } from "edge-credentials/testing";
import { createLocalJWKSet, jwtVerify } from "jose";
import { failure } from "../support/errors.js";

/** @typedef {import("edge-credentials/testing").FakeIssuer} FakeIssuer */

/** @type {(issuer: FakeIssuer, more?: object) => import("edge-credentials").TokenSource} */
function sourceOf({ issuer, clientId, clientSecret, fetch }, more) {
  return tokenSource({ issuer, clientId, clientSecret, fetch, ...more });
}

/** @type {(issuer: FakeIssuer, more?: object) => import("edge-credentials").TokenVerifier} */
function verifierOf({ issuer, fetch }, more) {
  return tokenVerifier({ issuer, audience: "api", fetch, ...more });
}

test("a source gets a token, by a secret in the header and in the form", async () => {
  for (const clientAuth of ["client_secret_basic", "client_secret_post"]) {
    const issuer = fakeIssuer({ clients: { "a b:c@d": "50% + ü:" } });
    const source = sourceOf(issuer, { clientAuth, scope: "things:read" });
    const { expiresAt, obtainedAt, scope } = await source.get();
    assert.deepEqual([Number(expiresAt) - obtainedAt, scope], [3_600_000, "things:read"]);

    const [metadata, token] = issuer.requests;
    assert.equal(metadata.url, `${issuer.issuer}/.well-known/openid-configuration`);
    assert.deepEqual(
      [token.method, token.url, token.form.grant_type, token.form.client_id],
      [
        "POST",
        `${issuer.issuer}/token`,
        "client_credentials",
        clientAuth === "client_secret_post" ? "a b:c@d" : undefined,
      ],
    );
  }
});

test("wrong credentials are refused, however they come", async () => {
  const issuer = fakeIssuer();
  const stranger = await fakeIssuer().keyFile();
  const { clientId, clientSecret, fetch } = issuer;
  const known = { issuer: issuer.issuer, fetch };
  /** @type {import("edge-credentials").TokenSourceOptions[]} */
  const wrong = [
    { ...known, clientId, clientSecret: "wrong" },
    { ...known, clientId, clientSecret: "wrong", clientAuth: "client_secret_post" },
    { ...known, clientId: "constructor", clientSecret },
    { ...known, clientId, key: stranger.key },
    { ...known, key: stranger },
  ];
  for (const options of wrong)
    await failure(() => tokenSource(options).get(), "credentials_refused");
});

test("a source gets a token by a key: the JWT profile, and private_key_jwt", async () => {
  const { issuer, clientId, fetch, keyFile } = fakeIssuer();
  const key = await keyFile();
  const verifier = tokenVerifier({ issuer, fetch, audience: ["service-user", clientId] });

  const profile = await tokenSource({ issuer, fetch, key }).get();
  assert.equal((await verifier.verify(profile.accessToken)).sub, "service-user");
  const { accessToken } = await tokenSource({
    issuer,
    fetch,
    clientId,
    key: key.key,
    keyId: key.keyId,
  }).get();
  assert.equal((await verifier.verify(accessToken)).sub, clientId);
});

test("its tokens are for what was asked for, with the claims that it was given", async () => {
  const roles = { "urn:zitadel:iam:org:project:7:roles": { writer: { 1: "a.example" } } };
  const issuer = fakeIssuer({ claims: { ...roles, sub: "1" }, expiresIn: 60 });
  const scope = "urn:zitadel:iam:org:project:id:7:aud";
  const { accessToken } = await sourceOf(issuer, { scope, resource: "https://a.example" }).get();

  const verifier = verifierOf(issuer, { audience: "7", projectId: "7", role: "writer" });
  const claims = await verifier.verify(accessToken);
  assert.deepEqual(
    [claims.aud, claims.sub, claims.client_id],
    [["https://a.example", "7"], "1", "service"],
  );
  assert.equal(Number(claims.exp) - Number(claims.iat), 60);
});

test("what it signs is a JWT by its key, with any claim and any header", async () => {
  const issuer = fakeIssuer();
  const keys = await (await issuer.fetch(`${issuer.issuer}/keys`)).json();
  const token = await issuer.sign({ aud: "api", jti: undefined }, { typ: "at+jwt" });
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys));
  assert.deepEqual(
    [payload.iss, payload.aud, "jti" in payload, protectedHeader.typ, protectedHeader.alg],
    [issuer.issuer, "api", false, "at+jwt", "ES256"],
  );

  const { verify } = verifierOf(issuer);
  assert.equal((await verify(token)).sub, "service-user");
  await failure(async () => verify(await issuer.sign({ aud: "other" })), "audience_refused");
  await failure(async () => verify(await issuer.sign({ aud: "api", exp: 1 })), "token_expired");
  await failure(async () => verify(await fakeIssuer().sign({ aud: "api" })), "token_invalid");
});

test("it introspects, and revokes", async () => {
  const issuer = fakeIssuer();
  const { clientId, clientSecret } = issuer;
  const more = { accept: "opaque", introspection: { clientId, clientSecret } };
  const token = await issuer.sign({ aud: "api" });
  assert.equal((await verifierOf(issuer, more).verify(token)).sub, "service-user");
  const byKey = { accept: "opaque", introspection: { key: await issuer.keyFile("application") } };
  assert.equal((await verifierOf(issuer, byKey).verify(token)).sub, "service-user");

  const request = buildRevocationRequest({
    revocationEndpoint: `${issuer.issuer}/revoke`,
    token,
    clientId,
    clientSecret,
  });
  const { status } = await issuer.fetch(request.url, request);
  parseRevocationResponse({ status, body: "" }, { request });
  const fresh = verifierOf(issuer, { ...more, timeout: 5_000 });
  for (const bad of [token, await issuer.sign({ aud: "api", exp: 1 }), "garbage"])
    await failure(() => fresh.verify(bad), "token_inactive");

  const wrong = { accept: "opaque", introspection: { clientId, clientSecret: "wrong" } };
  await failure(() => verifierOf(issuer, wrong).verify("opaque"), "credentials_refused");
});

test("it fails as often as it should, and as it should", async () => {
  const issuer = fakeIssuer();
  const tokenEndpoint = `${issuer.issuer}/token`;
  const { clientId, clientSecret, fetch } = issuer;
  const make = (/** @type {number} */ timeout) =>
    tokenSource({ tokenEndpoint, clientId, clientSecret, fetch, timeout });

  issuer.fail(Infinity, { status: 429 });
  await failure(() => make(1_001).get(), "rate_limited");
  issuer.fail(1, { status: 400, error: "invalid_scope", errorDescription: "no such scope" });
  const { errorDescription } = await failure(() => make(1_002).get(), "scope_refused");
  assert.equal(errorDescription, "no such scope");
  assert.equal(typeof (await make(1_003).authorization()), "string");
  issuer.fail(Infinity, { status: 0 });
  await assert.rejects(fetch(tokenEndpoint), { name: "TypeError" });
  issuer.fail(0);
  assert.equal(typeof (await make(1_005).authorization()), "string");

  issuer.fail();
  assert.equal((await fetch(tokenEndpoint)).status, 503);
  assert.equal((await fetch(tokenEndpoint)).status, 404, "one failure by default; and no GET");
});

test("it knows the time by fake timers", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000_000_000 });
  try {
    const issuer = fakeIssuer();
    const source = sourceOf(issuer);
    const first = await source.get();
    assert.equal(first.expiresAt, 1_000_003_600_000);
    const { verify } = verifierOf(issuer);
    const token = await issuer.sign({ aud: "api" });
    await verify(token);
    mock.timers.tick(3_700_000);
    assert.notEqual((await source.get()).accessToken, first.accessToken);
    await failure(() => verify(token), "token_expired");
  } finally {
    mock.timers.reset();
  }
});

test("an address with a path, RFC 8414's metadata, other addresses, cancelled callers", async () => {
  const issuer = fakeIssuer({ issuer: "https://idp.example/realms/a" });
  assert.equal(typeof (await sourceOf(issuer).authorization()), "string");
  for (const url of [
    "https://idp.example/realms/a/.well-known/openid-configuration",
    new URL("https://idp.example/.well-known/oauth-authorization-server/realms/a"),
    new Request("https://idp.example/realms/a/.well-known/openid-configuration"),
  ]) {
    assert.equal((await (await issuer.fetch(url)).json()).issuer, issuer.issuer);
  }
  const count = issuer.requests.length;
  for (const url of ["https://api.example/", "https://idp.example/realms/ab"])
    await assert.rejects(issuer.fetch(url), { name: "TypeError", message: /is no way to/ });
  const signal = AbortSignal.abort();
  await assert.rejects(issuer.fetch(`${issuer.issuer}/keys`, { signal }), { name: "AbortError" });
  assert.equal(issuer.requests.length, count);
});

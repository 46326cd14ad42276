// @ts-check
// What servers say beside the token, and tokens that end at once.
import assert from "node:assert/strict";
import test from "node:test";
import { parseTokenResponse, tokenSource, tokenVerifier } from "edge-credentials";
import { advance } from "../../support/clock.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { outcome, settled, watch } from "../../support/promises.js";
import { sourceFixture } from "../../support/fixtures/token-source.js";

test("other members are there, frozen, and no other token is", async (t) => {
  const { source, server } = sourceFixture(t);
  server.script = [
    {
      body: {
        access_token: "a",
        expires_in: 60,
        instance_url: "https://api.example",
        limits: { calls: [1] },
        refresh_token: "r",
        id_token: "i",
      },
    },
  ];
  const { extra } = await settled(source.get());
  assert.deepEqual(extra, { instance_url: "https://api.example", limits: { calls: [1] } });
  const limits = /** @type {any} */ (extra.limits);
  assert.ok(Object.isFrozen(extra) && Object.isFrozen(limits) && Object.isFrozen(limits.calls));
});

test("a member that is called __proto__ is a member", () => {
  const body = '{"access_token":"a","__proto__":{"polluted":1}}';
  const { extra } = parseTokenResponse({ status: 200, body }, { requestedAt: 0 });
  assert.deepEqual(Object.keys(extra), ["__proto__"]);
  assert.equal(/** @type {any} */ (extra).polluted, undefined);
});

test("tokens that end at once are warned of once, at the second one", async (t) => {
  const { source, events, server } = sourceFixture(t);
  const warnings = () => events.filter(({ type }) => type === "warn");
  server.expiresIn = 0;
  for (let n = 1; n <= 5; n += 1) {
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(caller.value?.accessToken, `token-${n}`, "it is given to those who waited");
    assert.equal(warnings().length, n < 2 ? 0 : 1);
    await advance(1_000);
  }
  assert.deepEqual(warnings(), [{ type: "warn", what: "token", code: "token_expired" }]);
});

test("one that lives between two of them is no warning", async (t) => {
  const { source, events, server } = sourceFixture(t);
  for (const lifetime of [0, 1, 0, 1, 0]) {
    server.expiresIn = lifetime;
    await settled(source.get());
    await advance(2_000);
  }
  assert.ok(!events.some(({ type }) => type === "warn"));
});

test("a byte order mark and a content type that is off lose neither metadata nor token", async () => {
  const issuer = "https://idp.example";
  const answer = (/** @type {object} */ body) =>
    new Response(`\uFEFF\uFEFF\uFEFF ${JSON.stringify(body)}\n`, {
      headers: { "content-type": "text/plain" },
    });
  const fetch = async (/** @type {string} */ url) =>
    url.includes(".well-known")
      ? answer({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: "", userinfo: 5 })
      : answer({ access_token: "a", instance_url: "x" });
  const source = tokenSource({ issuer, clientId: "bom", clientSecret: "x", fetch });
  const token = await source.get();
  assert.deepEqual(
    [token.accessToken, token.tokenType, token.extra],
    ["a", "Bearer", { instance_url: "x" }],
  );
});

test("nor key sets and introspections", async () => {
  const issuer = "https://keys.example";
  const key = makeKey();
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: "api", sub: "1", exp: now + 60, iat: now };
  /** @type {Record<string, object>} */
  const answers = {
    "/.well-known/openid-configuration": {
      issuer,
      jwks_uri: `${issuer}/keys`,
      introspection_endpoint: `${issuer}/introspect`,
    },
    "/keys": { keys: [key.jwk] },
    "/introspect": { active: true, ...claims },
  };
  const fetch = async (/** @type {string} */ url) =>
    new Response(`\uFEFF ${JSON.stringify(answers[new URL(url).pathname])}\r\n`, {
      headers: { "content-type": "application/octet-stream" },
    });
  const verifier = tokenVerifier({
    issuer,
    audience: "api",
    introspection: { clientId: "api", clientSecret: "x" },
    fetch: /** @type {any} */ (fetch),
  });
  for (const token of [jwt(key, claims), "an-opaque-token"])
    assert.equal((await verifier.verify(token)).sub, "1");
});

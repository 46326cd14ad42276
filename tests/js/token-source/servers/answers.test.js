// @ts-check
// What servers say beside the token, and tokens that end at once.
import assert from "node:assert/strict";
import test from "node:test";
import { parseTokenResponse, tokenSource } from "edge-credentials";
import { advance } from "../../support/clock.js";
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

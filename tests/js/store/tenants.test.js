// @ts-check
// Tenants over one store: whose options differ in anything never meet, and the store holds no
// plaintext, key names included.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenSource } from "edge-credentials";
import { sharedStore } from "edge-credentials/store";
import { failure } from "../support/errors.js";
import { fleet, settle } from "../support/fleet/store.js";
import { keyTenants, secretTenants } from "../support/fleet/tenants.js";

const CLIENTS = { service: "secret", other: "secret", "canary-client": "canary-secret" };

const tokenEndpoint = "https://idp.example/token";

for (const [what, tenants] of /** @type {const} */ ([
  ["a secret", secretTenants({ tokenEndpoint, clientId: "service", clientSecret: "secret" })],
  ["a key", keyTenants({ tokenEndpoint })],
]))
  test(`tenants with ${what} that differ in one option never meet`, async () => {
    const { isolate, values } = tokensOf();
    const tokens = new Map();
    for (const tenant of tenants) tokens.set(tenant, await isolate(tenant));
    await settle();
    assert.equal(new Set(tokens.values()).size, tenants.length);
    assert.equal(values.size, tenants.length);

    // In other isolates each finds its own, and none is requested again.
    for (const tenant of tenants)
      assert.equal(await isolate(tenant), tokens.get(tenant), JSON.stringify(tenant));
  });

test("tenants of two issuers, and of an endpoint that is given", async () => {
  const one = fleet();
  const two = fleet();
  const elsewhere = { issuer: two.issuer.issuer, fetch: two.issuer.fetch };
  const first = await one.isolate().get();
  const second = await one.isolate(elsewhere).get();
  await settle();
  assert.notEqual(first.accessToken, second.accessToken);
  assert.equal(one.values.size, 2);
  assert.equal((await one.isolate().get()).accessToken, first.accessToken);
});

test("tenants with the same client id and other secrets never meet", async () => {
  const { isolate, values } = fleet();
  await isolate().get();
  await settle();
  for (const clientSecret of ["secre", "secret ", "Secret", () => "wrong"])
    await failure(() => isolate({ clientSecret }).get(), "credentials_refused");
  assert.equal(values.size, 1);
});

test("tenants with keys: each key has a token of its own, which other isolates find", async () => {
  const { isolate, issuer, values, tokenRequests } = fleet();
  const { keyFile } = issuer;
  const keys = [await keyFile(), await keyFile("application")];
  const withKey = (/** @type {0 | 1} */ n) =>
    isolate({ key: keys[n], ...(n === 1 && { clientAuth: "private_key_jwt" }) });
  const tokens = [await withKey(0).get(), await withKey(1).get()];
  await settle();
  assert.equal(values.size, 2);
  assert.equal((await withKey(0).get()).accessToken, tokens[0].accessToken);
  assert.equal((await withKey(1).get()).accessToken, tokens[1].accessToken);
  assert.equal(tokenRequests(), 2);
  const stored = JSON.stringify([...values]);
  for (const { key, keyId } of keys)
    assert.ok(!stored.includes(key.slice(40, 80)) && !stored.includes(keyId));
});

test("no token, secret, issuer or client id is in the store in any form that is known", async () => {
  const { isolate, values, issuer } = fleet(undefined, {
    issuer: "https://canary-issuer.example",
    clients: CLIENTS,
    claims: { note: "canary-claim" },
  });
  const client = { clientId: "canary-client", clientSecret: "canary-secret" };
  const source = isolate({ ...client, scope: "canary-scope", params: { p: "canary-param" } });
  const { accessToken } = await source.get();
  await settle();
  const before = JSON.stringify([...values]);
  source.invalidate(accessToken);
  await settle();
  const after = JSON.stringify([...values]);
  assert.notEqual(before, after);
  const texts = ["canary", accessToken, accessToken.slice(0, 24), issuer.issuer];
  const forms = texts.flatMap((text) => [
    text,
    encodeURIComponent(text),
    ...["base64", "base64url", "hex"].map((encoding) =>
      Buffer.from(text)
        .toString(/** @type {BufferEncoding} */ (encoding))
        .replace(/=+$/, ""),
    ),
  ]);
  for (const stored of [before, after])
    for (const form of forms) assert.ok(!stored.includes(form), form);
});

/** Isolates over one store, and a server that gives each request another token. */
function tokensOf() {
  /** @type {Map<string, string>} */
  const values = new Map();
  const store = sharedStore({
    get: (key) => values.get(key),
    set: (key, value) => values.set(key, value),
  });
  let requests = 0;
  /** The token that an isolate gets. @param {Record<string, unknown>} options */
  async function isolate(options) {
    const source = tokenSource(
      /** @type {any} */ ({
        ...options,
        store,
        async fetch(/** @type {string} */ url) {
          const [issuer, isMetadata] = url.split("/.well-known/");
          if (isMetadata) return Response.json({ issuer, token_endpoint: `${issuer}/t` });
          requests += 1;
          return Response.json({
            access_token: `token-${requests}`,
            token_type: "Bearer",
            expires_in: 3_600,
          });
        },
      }),
    );
    return (await source.get()).accessToken;
  }
  return { isolate, values };
}

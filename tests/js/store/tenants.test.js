// @ts-check
// Tenants over one store: whose options differ in anything never meet, and the store holds no
// plaintext, key names included.
import assert from "node:assert/strict";
import test from "node:test";
import { failure } from "../support/errors.js";
import { fleet, settle } from "../support/store.js";

const CLIENTS = { service: "secret", other: "secret", "canary-client": "canary-secret" };

/** What tenants may differ in. @type {Record<string, unknown>[]} */
const DIFFERENCES = [
  {},
  { clientId: "other" },
  { clientAuth: "client_secret_basic" },
  { clientAuth: "client_secret_post" },
  { scope: "a" },
  { scope: "b" },
  { scope: ["a", "b"] },
  { scope: "ab" },
  { resource: "https://a.example/" },
  { resource: ["https://a.example/", "https://b.example/"] },
  { params: { a: "1" } },
  { params: { a: "2" } },
  { params: { a: "1", b: "1" } },
  { params: { tenant: "1" } },
  { allowedOrigins: ["https://a.example"] },
  { allowedOrigins: ["https://b.example"] },
  { timeout: 19_999 },
  { retries: 0 },
  { insecureHttp: true },
  { name: "a" },
  { name: "b" },
  { apiFetch: async () => new Response() },
];

test("tenants that differ in one option never meet", async () => {
  const { isolate, values, tokenRequests } = fleet(undefined, { clients: CLIENTS });
  const tokens = new Set();
  for (const difference of DIFFERENCES) tokens.add((await isolate(difference).get()).accessToken);
  await settle();
  const count = DIFFERENCES.length;
  assert.deepEqual([tokens.size, values.size, tokenRequests()], [count, count, count]);

  // In other isolates each finds its own.
  for (const difference of DIFFERENCES) {
    const { accessToken } = await isolate(difference).get();
    assert.ok(tokens.delete(accessToken), JSON.stringify(difference));
  }
  assert.equal(tokenRequests(), count);
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

// @ts-check
// The blocks of docs/recipes/several-issuers.md, run as they stand.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { fakeIssuer } from "edge-credentials/testing";
import { readDocs } from "../support/docs.js";

const page = readDocs("docs/recipes/several-issuers.md");
after(page.remove);

test("each section with code is run here", () => {
  assert.deepEqual(page.headings, [
    "An API for tokens of several servers",
    "Other requirements for each issuer",
    "A token for each customer",
  ]);
});

test("an API for tokens of several servers", async (t) => {
  const [own, partner, stranger] = [fakeIssuer(), fakeIssuer(), fakeIssuer()];
  t.mock.method(globalThis, "fetch", (/** @type {string} */ url, /** @type {any} */ init) =>
    [own, partner].find(({ issuer }) => url.startsWith(issuer))?.fetch(url, init),
  );
  const { verifier } = await page.run("An API for tokens of several servers", {
    ISSUER: own.issuer,
    PARTNER_ISSUER: partner.issuer,
  });
  const claims = { aud: "https://orders.example", scope: "orders:read" };
  for (const { issuer, sign } of [own, partner])
    assert.equal((await verifier.verify(await sign(claims))).iss, issuer);
  const forged = await stranger.sign({ ...claims, iss: own.issuer });
  for (const token of [await stranger.sign(claims), forged])
    await assert.rejects(verifier.verify(token), { category: /rejected|unavailable/ });
});

test("other requirements for each issuer", async (t) => {
  t.mock.method(console, "warn", () => {});
  const [own, partner, stranger] = [fakeIssuer(), fakeIssuer(), fakeIssuer()];
  t.mock.method(globalThis, "fetch", (/** @type {string} */ url, /** @type {any} */ init) =>
    [own, partner].find(({ issuer }) => url.startsWith(issuer))?.fetch(url, init),
  );
  const { authenticate } = await page.run("Other requirements for each issuer", {
    ISSUER: own.issuer,
    PARTNER_ISSUER: partner.issuer,
    PROJECT_ID: "7",
  });
  const ask = async (/** @type {string} */ token) => {
    const headers = { authorization: `Bearer ${token}` };
    const { claims, response } = await authenticate(new Request("https://a.example", { headers }));
    return claims?.iss ?? response.status;
  };
  const writer = { aud: "7", "urn:zitadel:iam:org:project:7:roles": { writer: { 1: "a" } } };
  const order = { aud: "https://orders.example", scope: "orders:write" };
  assert.equal(await ask(await own.sign(writer)), own.issuer);
  assert.equal(await ask(await partner.sign(order)), partner.issuer);
  assert.equal(await ask(await own.sign(order)), 401);
  assert.equal(await ask(await partner.sign(writer)), 401);
  assert.equal(await ask(await stranger.sign(writer)), 401);
  assert.equal(await ask("garbage"), 401);
});

test("a token for each customer", async (t) => {
  const { ordersOf } = await page.run("A token for each customer", {});
  const issuers = [fakeIssuer(), fakeIssuer()];
  /** @type {(string | null)[]} */
  const seen = [];
  t.mock.method(globalThis, "fetch", (/** @type {string} */ url, /** @type {any} */ init) => {
    const idp = issuers.find(({ issuer }) => url.startsWith(issuer));
    if (idp) return idp.fetch(url, init);
    seen.push(init.headers.get("authorization"));
    return Response.json([url]);
  });
  const apiUrl = "https://api.customer.example";
  for (const { issuer, clientId, clientSecret } of [...issuers, ...issuers]) {
    const customer = { issuer, clientId, clientSecret, apiUrl };
    assert.deepEqual(await ordersOf(customer), [`${apiUrl}/orders`]);
  }
  assert.equal(seen.length, 4);
  assert.equal(new Set(seen).size, 2, "each customer's token is used again");
});

// @ts-check
// The blocks of docs/migration.md whose packages are here, before and after, run as they stand.
// tests/apps/migration.test.js has those that install a package. types.test.js checks MSAL's.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, beforeEach } from "node:test";
import { pathToFileURL } from "node:url";
import { fakeIssuer, reset } from "edge-credentials/testing";
import { root } from "../../../scripts/run.js";
import { blocksOf } from "../support/docs.js";
import { answerAs, documented } from "../support/http/documented-server.js";

const sections = blocksOf("docs/migration.md");
mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target/migration-"));
after(() => rmSync(folder, { recursive: true }));
for (const { name, code } of [...sections.values()].flat()) writeFileSync(join(folder, name), code);

/** @type {(name: string, env: Record<string, string>) => Promise<any>} */
async function load(name, env) {
  Object.assign(process.env, env);
  return import(pathToFileURL(join(folder, `${name}.js`)).href);
}

const API_URL = "https://api.example/things";
const idp = fakeIssuer();
const client = { CLIENT_ID: idp.clientId, CLIENT_SECRET: idp.clientSecret };
beforeEach(() => {
  idp.requests.length = 0;
  reset(); // Equal options give the source of another section.
});
const tokenRequests = () => idp.requests.filter(({ url }) => url.endsWith("/token")).length;

/**
 * The issuer, and an API that answers with the header it got.
 *
 * @param {import("node:test").TestContext} t
 */
function mockFetch(t) {
  t.mock.method(globalThis, "fetch", async (/** @type {any} */ input, /** @type {any} */ init) => {
    const url = input.url ?? String(input);
    if (!url.startsWith("https://api.example/")) return idp.fetch(input, init);
    return new Response(new Headers(init.headers).get("authorization"));
  });
}

test("each section has a program before and after", () => {
  const pairs = ["oauth4webapi", "openid-client", "jose", "msal", "express", "cognito", "fetch"];
  assert.deepEqual(
    [...sections.values()].flat().map(({ name }) => name),
    pairs.flatMap((name) => [`${name}-before.js`, `${name}-after.js`]),
  );
});

for (const name of ["oauth4webapi", "openid-client", "fetch"]) {
  test(`${name}: before, each of many callers requests a token`, async (t) => {
    mockFetch(t);
    const { call } = await load(`${name}-before`, { ...client, ISSUER: idp.issuer, API_URL });
    const responses = await Promise.all(Array.from({ length: 20 }, () => call()));
    for (const response of responses) assert.match(await response.text(), /^Bearer ./);
    assert.equal(tokenRequests(), 20);
    await call();
    assert.equal(tokenRequests(), 20);
  });

  test(`${name}: after, they share one`, async (t) => {
    mockFetch(t);
    const { call } = await load(`${name}-after`, { ...client, ISSUER: idp.issuer, API_URL });
    const responses = await Promise.all(Array.from({ length: 20 }, () => call()));
    for (const response of responses) assert.match(await response.text(), /^Bearer ./);
    assert.equal(tokenRequests(), 1);
  });
}

for (const [name, unknown] of /** @type {const} */ ([
  ["jose-before", 401],
  ["jose-after", 503],
])) {
  test(name, async (t) => {
    t.mock.method(console, "warn", () => {});
    const own = fakeIssuer();
    const AUDIENCE = "orders-api";
    const claims = { aud: AUDIENCE, scope: "orders:read orders:write" };
    let isDown = true;
    t.mock.method(globalThis, "fetch", (/** @type {any} */ url, /** @type {any} */ init) =>
      isDown ? Promise.reject(new TypeError("fetch failed")) : own.fetch(url, init),
    );
    const { answer } = await load(name, { ISSUER: own.issuer, AUDIENCE });
    const ask = async (/** @type {object} */ changes) => {
      const token = await own.sign({ ...claims, ...changes });
      const headers = { authorization: `Bearer ${token}` };
      return answer(new Request("https://api.example", { headers }));
    };
    assert.equal((await ask({})).status, unknown, "the issuer is down");
    isDown = false;
    await new Promise((done) => setTimeout(done, 1_200));
    assert.equal(await (await ask({})).text(), "service-user");
    assert.equal((await ask({ scope: "orders:write" })).status, 403);
    assert.equal((await ask({ aud: "other" })).status, 401);
    const idToken = await ask({ nonce: "n", at_hash: "h" });
    assert.equal(idToken.status, name === "jose-before" ? 200 : 401);
  });
}

test("msal: after", async (t) => {
  const TENANT = "2f1f3a5e-9a51-4f6b-8a3e-0c8a5d1f2b3c";
  const login = `https://login.microsoftonline.com/${TENANT}`;
  const metadata = documented(`${login}/v2.0`, `${login}/oauth2/v2.0/token`, `${login}/keys`);
  const requests = answerAs(t, { metadata, claims: {} });
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", async (/** @type {string} */ url, /** @type {any} */ init) =>
    url === API_URL ? new Response(init.headers.get("authorization")) : fetch(url, init),
  );
  const { call } = await load("msal-after", { ...client, TENANT, API_URL });
  assert.match(await (await call()).text(), /^Bearer ey/);
  assert.equal(requests[0].form.scope, "api://orders/.default");
});

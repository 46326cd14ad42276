// @ts-check
// The blocks of docs/token-verifier.md, run as they stand: each makes its verifier, and the verifier does
// what the page says.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { tokenSource } from "edge-credentials";
import { startProvider } from "../../../www/server/provider.js";
import { readDocs } from "../support/docs.js";
import { failure } from "../support/errors.js";
import { jwt, makeKey } from "../support/keys/jwt.js";
import { close, listen } from "../support/http/listen.js";

const page = readDocs("docs/token-verifier.md");
after(page.remove);
const { run } = page;

const provider = await startProvider();
after(provider.stop);

const key = makeKey();
/** @type {(request: import("node:http").IncomingMessage) => unknown} */
function documentFor({ url = "", headers }) {
  if (url.includes("/.well-known/")) {
    const [jwks_uri, token_endpoint, introspection_endpoint] = ["keys", "token", "ask"].map(
      (name) => `${issuer}/${name}`,
    );
    return { issuer, jwks_uri, token_endpoint, introspection_endpoint };
  }
  if (url === "/token") return { access_token: "own", token_type: "Bearer", expires_in: 60 };
  if (url === "/ask")
    return { active: headers.authorization === "Bearer own", aud: "api", sub: "1" };
  return { keys: [key.jwk] };
}

const idp = createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(documentFor(request)));
});
const { origin: issuer } = await listen(idp);
after(() => close(idp));

/** @param {Record<string, unknown>} claims */
function tokenOf(claims) {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return jwt(key, { iss: issuer, sub: "1", exp, ...claims });
}

test("each section with code is run here", () => {
  assert.deepEqual(page.headings, [
    "The token verifier",
    "Hono",
    "Roles",
    "Tokens without an audience",
    "Introspection without a client",
    "Roles of other servers",
    "Claims that must be there",
    "Several issuers, many tenants",
    "Keys without a request",
    "Where the token stands",
  ]);
});

const API = {
  ISSUER: provider.issuer,
  AUDIENCE: provider.projectId,
  PROJECT_ID: provider.projectId,
  API_CLIENT_ID: provider.apiClient.clientId,
  API_CLIENT_SECRET: provider.apiClient.clientSecret,
};

/**
 * What an API answers to callers with the role, without it, for another API, and without a token.
 *
 * @param {(init?: RequestInit) => Response | Promise<Response>} ask
 * @param {string} clientId
 */
async function answers(ask, clientId) {
  const { issuer, clientSecret, projectId } = provider;
  const audience = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
  const callers = [
    ["openid", audience, "urn:zitadel:iam:org:projects:roles"],
    ["openid", audience],
  ];
  const found = [];
  for (const scope of [...callers, ["openid"]]) {
    const source = tokenSource({ issuer, clientId, clientSecret, scope });
    const response = await ask({ headers: { authorization: await source.authorization() } });
    found.push([
      response.status,
      response.headers.get("www-authenticate") ?? (await response.text()),
    ]);
  }
  const response = await ask();
  return [...found, [response.status, response.headers.get("www-authenticate")]];
}

/** @param {string} clientId */
const expected = (clientId) => [
  [200, `hello ${clientId}`],
  [403, 'Bearer error="insufficient_scope"'],
  [401, 'Bearer error="invalid_token"'],
  [401, "Bearer"],
];

test("an API of node:http takes JWTs with the role", async (t) => {
  const { server } = await run("The token verifier", API);
  const { origin } = await listen(server);
  t.after(() => close(server));
  const { jwtClientId } = provider;
  assert.deepEqual(
    await answers((init) => fetch(origin, init), jwtClientId),
    expected(jwtClientId),
  );
});

test("an API of Hono takes opaque tokens too", async () => {
  const { app } = await run("Hono", API);
  const { clientId } = provider;
  const ask = (/** @type {RequestInit | undefined} */ init) => app.request("/things", init);
  assert.deepEqual(await answers(ask, clientId), expected(clientId));
});

test("the function that looks at roles", async () => {
  const { answer } = await run("Roles", {});
  const name = "urn:zitadel:iam:org:project:7:roles";
  const granted = { 1: "acme.zitadel.cloud", 2: "beta.zitadel.cloud" };
  const metadata = { "urn:zitadel:iam:user:metadata": { department: "RW5naW5lZXJpbmc" } };
  const cases = [
    {
      claims: { [name]: { writer: granted }, ...metadata },
      status: 200,
      text: "a writer of acme.zitadel.cloud and beta.zitadel.cloud, Engineering",
    },
    {
      claims: { [name]: { writer: granted } },
      status: 200,
      text: "a writer of acme.zitadel.cloud and beta.zitadel.cloud, no department",
    },
    {
      claims: { [name]: { reader: granted } },
      status: 403,
      text: "you are no writer",
    },
    {
      claims: { "urn:zitadel:iam:org:project:roles": { writer: granted }, aud: ["7"] },
      status: 403,
      text: "you are no writer",
    },
  ];
  for (const { claims, status, text } of cases) {
    const response = answer(claims, { PROJECT_ID: "7" });
    assert.deepEqual([response.status, await response.text()], [status, text]);
  }
  assert.throws(() => answer({ "urn:zitadel:iam:org:project:roles": { writer: granted } }, {}), {
    code: "option_invalid",
  });
});

test("tokens without an audience", async () => {
  const { verifier } = await run("Tokens without an audience", { ISSUER: issuer });
  const claims = { client_id: "orders-worker", scope: "orders:read" };
  assert.equal((await verifier.verify(tokenOf(claims))).sub, "1");
  const stranger = tokenOf({ ...claims, client_id: "stranger" });
  await failure(() => verifier.verify(stranger), "audience_refused");
  await failure(() => verifier.verify(tokenOf({ ...claims, scope: "" })), "scope_insufficient");
});

test("an access token of its own, out of a source", async () => {
  const { verifier } = await run("Introspection without a client", {
    ISSUER: issuer,
    CLIENT_ID: "orders-api",
    CLIENT_SECRET: "secret",
    AUDIENCE: "api",
  });
  assert.equal((await verifier.verify("opaque")).sub, "1");
});

test("roles of other servers", async () => {
  const { verifier } = await run("Roles of other servers", { ISSUER: issuer });
  const withRoles = (/** @type {string[]} */ ...roles) =>
    tokenOf({ aud: "orders-api", resource_access: { "orders-api": { roles } } });
  assert.equal((await verifier.verify(withRoles("writer"))).sub, "1");
  await failure(() => verifier.verify(withRoles("reader")), "role_insufficient");
});

/**
 * Runs a block whose issuers are on the internet: here they are a function.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} heading
 */
async function runElsewhere(t, heading) {
  t.mock.method(globalThis, "fetch", async (/** @type {string} */ url) => {
    const { origin, pathname } = new URL(url);
    if (!pathname.includes("/.well-known/openid")) return Response.json({ keys: [key.jwk] });
    const isEntra = origin === "https://login.microsoftonline.com";
    const issuer = isEntra ? `${origin}/{tenantid}/v2.0` : origin;
    return Response.json({ issuer, jwks_uri: `${origin}/keys` });
  });
  return run(heading, {});
}

test("claims that must be there", async (t) => {
  const { verifier } = await runElsewhere(t, "Claims that must be there");
  const claims = {
    iss: "https://token.actions.githubusercontent.com",
    aud: "https://deploy.example",
    repository: "org/name",
    ref: "refs/heads/main",
  };
  assert.equal((await verifier.verify(tokenOf(claims))).sub, "1");
  const fork = tokenOf({ ...claims, repository: "fork/name" });
  await failure(() => verifier.verify(fork), "claim_refused");
  await failure(() => verifier.verify(tokenOf({ ...claims, aud: "a" })), "audience_refused");
});

test("several issuers, many tenants", async (t) => {
  const { verifier } = await runElsewhere(t, "Several issuers, many tenants");
  const aud = "9d4f2c1e-0b7a-4c53-8f7e-5a2b6c8d1e90";
  const ofTenant = (/** @type {string} */ tid) =>
    tokenOf({ iss: `https://login.microsoftonline.com/${tid}/v2.0`, tid, aud });
  const tenant = "2f1f3a5e-9a51-4f6b-8a3e-0c8a5d1f2b3c";
  assert.equal((await verifier.verify(ofTenant(tenant))).sub, "1");
  assert.equal((await verifier.verify(tokenOf({ iss: "https://idp.example", aud }))).sub, "1");
  await failure(() => verifier.verify(ofTenant(tenant.replace("2", "3"))), "token_invalid");
  await failure(() => verifier.verify(tokenOf({ aud })), "token_invalid");
});

test("keys without a request", async () => {
  const KEY_SET = join(page.folder, "keys.json");
  writeFileSync(KEY_SET, JSON.stringify({ keys: [key.jwk] }));
  const { verifier } = await run("Keys without a request", { KEY_SET });
  const claims = { iss: "https://idp.example", aud: "orders-api" };
  assert.equal((await verifier.verify(tokenOf(claims))).sub, "1");
});

test("where the token stands", async () => {
  const { verifier } = await run("Where the token stands", { AUDIENCE: "api" });
  const headers = { "cf-access-jwt-assertion": "a" };
  await failure(
    () => verifier.verify(new Request("https://a.example", { headers })),
    "token_invalid",
  );
  const bearer = new Request("https://a.example", { headers: { authorization: "Bearer a" } });
  await failure(() => verifier.verify(bearer), "token_missing");
});

// @ts-check
// examples/zitadel-setup against a double of ZITADEL's management API. The double takes exactly the
// requests that were run on a real ZITADEL (source of July 2026), in any order that their ids permit.
// Its refusals are recorded ones. What it made works: the token endpoint is the fake issuer's.
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test, { after } from "node:test";
import { fakeIssuer } from "edge-credentials/testing";
import { copyExample } from "../support/packed/example.js";
import { installPackage } from "../support/packed/installed-package.js";
import { close, listen } from "../support/http/listen.js";

const { tarball, remove } = installPackage();
after(remove);

const TOKEN = "a-personal-access-token";
const CLIENT = { clientId: "edge-worker", clientSecret: "the user's secret" };
const API = { clientId: "401571963000001@edge", clientSecret: "the-api-s-secret" };
const KEY = { type: "serviceaccount", keyId: "k", key: "-----BEGIN", userId: "u1" };
const ROLES = { "urn:zitadel:iam:org:project:p1:roles": { writer: { 1: "acme.example" } } };

/** Method, path below /management/v1, body, answer. @type {[string, string, object, object][]} */
const REQUESTS = [
  ["POST", "/projects", { name: "edge-credentials" }, { id: "p1" }],
  ["POST", "/projects/p1/roles", { roleKey: "writer", displayName: "writer" }, {}],
  [
    "POST",
    "/users/machine",
    {
      userName: "edge-worker",
      name: "edge-worker",
      description: "calls the APIs of edge-credentials",
      accessTokenType: "ACCESS_TOKEN_TYPE_JWT",
    },
    { userId: "u1" },
  ],
  ["POST", "/users/u1/grants", { projectId: "p1", roleKeys: ["writer"] }, { userGrantId: "g1" }],
  [
    "POST",
    "/projects/p1/apps/api",
    { name: "api", authMethodType: "API_AUTH_METHOD_TYPE_BASIC" },
    { appId: "a1", ...API },
  ],
  ["PUT", "/users/u1/secret", {}, CLIENT],
  [
    "POST",
    "/users/u1/keys",
    { type: "KEY_TYPE_JSON", expirationDate: "a date" },
    { keyDetails: Buffer.from(JSON.stringify(KEY)).toString("base64") },
  ],
];

const NO_TOKEN = {
  status: 401,
  body: { code: 16, message: "Errors.Token.Invalid (AUTH-7fs1e)" },
};
const NO_ROLE = { status: 404, body: { code: 5, message: "membership not found (AUTHZ-cdgFk)" } };

/** @param {{ refuse?: typeof NO_ROLE }} [how] */
async function startZitadel({ refuse } = {}) {
  /** @type {string[]} */
  const seen = [];
  /** @type {ReturnType<typeof fakeIssuer>} */
  let issuer;

  /** @type {(request: Request) => Promise<Response>} */
  async function manage(request) {
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`)
      return Response.json(NO_TOKEN.body, NO_TOKEN);
    if (refuse) return Response.json(refuse.body, refuse);
    const { method, url } = request;
    const path = new URL(url).pathname.replace("/management/v1", "");
    const body = await request.json();
    const year = Date.parse(body.expirationDate) - Date.now();
    if (year > 364 * 86_400_000 && year < 366 * 86_400_000) body.expirationDate = "a date";
    const found = REQUESTS.find(([wanted, at]) => wanted === method && at === path);
    seen.push(`${method} ${path}`);
    if (!found || request.headers.get("content-type") !== "application/json")
      return Response.json({ message: `no such request: ${method} ${path}` }, { status: 400 });
    assert.deepEqual(body, found[2], path);
    return Response.json(found[3]);
  }

  const server = createServer(async (incoming, outgoing) => {
    let text = "";
    for await (const chunk of incoming) text += chunk;
    const { method = "", url = "", headers } = incoming;
    const init = { method, headers: /** @type {HeadersInit} */ (headers), body: text || undefined };
    try {
      const isManaged = url.startsWith("/management/");
      const response = isManaged
        ? await manage(new Request(origin + url, init))
        : await issuer.fetch(origin + url, init);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(await response.text());
    } catch (error) {
      outgoing.writeHead(500).end(String(error));
    }
  });
  const { origin } = await listen(server);
  const clients = { [CLIENT.clientId]: CLIENT.clientSecret, [API.clientId]: API.clientSecret };
  issuer = fakeIssuer({ issuer: origin, clients, claims: ROLES });
  return { origin, seen, requests: issuer.requests, stop: () => close(server) };
}

/** @param {import("node:test").TestContext} t @param {Parameters<typeof startZitadel>[0]} [how] */
async function prepare(t, how) {
  const zitadel = await startZitadel(how);
  t.after(zitadel.stop);
  const example = copyExample("zitadel-setup", tarball);
  t.after(example.remove);
  const installed = await example.install("--offline");
  assert.equal(installed.code, 0, installed.output);
  const env = { ISSUER: zitadel.origin, ZITADEL_TOKEN: TOKEN };
  const run = (more = {}) => example.run("start", { env: { ...env, ...more } }).ended;
  return { zitadel, path: example.path, run };
}

test("it makes all of it, and what it made works", async (t) => {
  const { zitadel, path, run } = await prepare(t);
  const { code, output } = await run();
  assert.equal(code, 0, output);
  assert.match(output, /a token of edge-worker has the role writer: all is set up/);

  const made = REQUESTS.map(([method, at]) => `${method} ${at}`);
  assert.deepEqual(zitadel.seen.toSorted(), made.toSorted(), "each request once, and no other");
  const asked = zitadel.requests.find(({ url }) => url.endsWith("/token"));
  assert.equal(
    asked?.form.scope,
    "openid urn:zitadel:iam:org:project:id:p1:aud urn:zitadel:iam:org:projects:roles",
  );

  assert.equal(
    readFileSync(join(path, ".dev.vars"), "utf8"),
    `ISSUER='${zitadel.origin}'
CLIENT_ID='edge-worker'
CLIENT_SECRET="the user's secret"
PROJECT_ID='p1'
AUDIENCE='p1'
API_CLIENT_ID='401571963000001@edge'
API_CLIENT_SECRET='the-api-s-secret'
`,
  );
  assert.deepEqual(JSON.parse(readFileSync(join(path, "key.json"), "utf8")), KEY);
  for (const file of [".dev.vars", "key.json"])
    assert.equal(statSync(join(path, file)).mode & 0o77, 0, `${file} is the owner's alone`);
  for (const secret of [TOKEN, CLIENT.clientSecret, API.clientSecret, "BEGIN"])
    assert.ok(!output.includes(secret), "no secret is printed");
});

test("it overwrites nothing, and makes nothing then", async (t) => {
  const { zitadel, path, run } = await prepare(t);
  writeFileSync(join(path, "key.json"), "mine");
  const { code, output } = await run();
  assert.equal(code, 1);
  assert.match(output, /key\.json exists: move it away/);
  assert.deepEqual(zitadel.seen, []);
});

test("a refusal is told in words, without the token", async (t) => {
  const { run } = await prepare(t);
  const wrong = await run({ ZITADEL_TOKEN: "another-token" });
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.output,
    /POST \/projects: 401 Errors\.Token\.Invalid \(AUTH-7fs1e\)\n.*no perso/,
  );
  assert.ok(!wrong.output.includes("another-token"));

  const missing = await run({ ZITADEL_TOKEN: "" });
  assert.match(missing.output, /set ISSUER and ZITADEL_TOKEN/);
});

test("a token without a manager role is told as such", async (t) => {
  const { run } = await prepare(t, { refuse: NO_ROLE });
  const { code, output } = await run();
  assert.equal(code, 1);
  assert.match(output, /404 membership not found \(AUTHZ-cdgFk\)\n.*organization owner/);
});

// @ts-check
// `edge-credentials/mcp` with the real SDKs, of version 1 and 2: the official clients against gated
// servers in Node and in workerd, over streamable HTTP.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { root } from "../../scripts/run.js";
import { bundleWorker, COMPATIBILITY_DATES, startWorkerd } from "../../scripts/workerd/workerd.js";
import { startProvider } from "../../www/server/provider.js";
import { freePort } from "../js/support/http/listen.js";
import { run } from "./child.js";

const folder = join(apps, "mcp");
/** @type {(name: string) => Promise<any>} */
const load = (name) => import(pathToFileURL(join(folder, name)).href);
const agent = await load("agent.js");
const { startServer } = await load("server.js");
const { answers } = await load("sdk-middleware.js");

// Plain, since the SDK sends Basic unencoded. As at ZITADEL, `resource` changes nothing.
const provider = await startProvider({
  clientId: "agent",
  clientSecret: "plain-secret",
  ignoresResource: true,
});
after(provider.stop);
const { issuer, projectId, apiClient, clientId, clientSecret } = provider;
const SCOPES = [
  "openid",
  `urn:zitadel:iam:org:project:id:${projectId}:aud`,
  "urn:zitadel:iam:org:projects:roles",
];
const VERIFIER = {
  issuer,
  audience: projectId,
  projectId,
  role: "writer",
  introspection: apiClient,
};

const server = await startServer({ verifier: VERIFIER, scopes: SCOPES });
after(server.stop);

let sources = 0;
/** A source that no test had before. */
function freshSource(/** @type {object} */ more) {
  sources += 1;
  const params = { n: String(sources) };
  return agent.tokenSource({ issuer, clientId, clientSecret, scope: SCOPES, params, ...more });
}

/** A `fetch` that counts what was asked, by the address and by the status. */
function counting() {
  /** @type {{ url: string; status: number }[]} */
  const asked = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
    const response = await globalThis.fetch(url, init);
    asked.push({ url: String(url), status: response.status });
    return response;
  };
  const statuses = () => new Set(asked.map(({ status }) => status));
  return { fetch, asked, statuses };
}

/** Bundles a Worker of examples or of apps. */
async function bundle(/** @type {string} */ entry) {
  const outdir = join(folder, "out", entry.replaceAll("/", "-"));
  mkdirSync(outdir, { recursive: true });
  return bundleWorker({ entry: join(folder, entry), outdir });
}

/** Its address is known before it starts. */
async function startWorker(/** @type {string} */ entry) {
  const modules = await bundle(entry);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const worker = await startWorkerd({
    modules,
    port,
    compatibilityFlags: ["nodejs_compat"],
    bindings: {
      RESOURCE: url,
      ISSUER: issuer,
      PROJECT_ID: projectId,
      API_CLIENT_ID: apiClient.clientId,
      API_CLIENT_SECRET: apiClient.clientSecret,
    },
  });
  after(worker.stop);
  return url;
}

rmSync(join(folder, "mcp-server"), { recursive: true, force: true });
cpSync(join(root, "examples/mcp-server"), join(folder, "mcp-server"), { recursive: true });
const exampleUrl = await startWorker("mcp-server/src/index.ts");
const agentsUrl = await startWorker("agents-worker.js");

const agentWorker = await bundle("agent-worker.js");

const SERVERS = {
  Node: { url: server.url, said: clientId },
  "workerd, the example": { url: exampleUrl, said: `You are ${clientId}` },
  "workerd, Cloudflare's agents": { url: agentsUrl, said: `You are ${clientId}` },
};
for (const [name, { url, said }] of Object.entries(SERVERS)) {
  test(`${name}: the official client with mcpAuth calls a tool`, async () => {
    const authProvider = agent.mcpAuth(freshSource({}), { url });
    assert.equal(await agent.whoami(url, { authProvider }), said);
  });

  test(`${name}: the client of version 1, and of version 2, with source.fetch alone`, async () => {
    const { fetch } = freshSource({ allowedOrigins: [new URL(url).origin] });
    assert.equal(await agent.whoami(url, { fetch }), said);
    assert.equal(await agent.whoami1(url, { fetch }), said);
  });

  test(`${name}: 20 cold agents at once: one request for the metadata, one for a token, no 401`, async () => {
    const { fetch, asked } = counting();
    const sent = counting();
    const before = provider.tokenRequests;
    const authProvider = agent.mcpAuth(freshSource({}), { url, fetch });
    const options = { authProvider, fetch: sent.fetch };
    const results = await Promise.all(Array.from({ length: 20 }, () => agent.whoami(url, options)));
    assert.deepEqual(new Set(results), new Set([said]));
    assert.equal(asked.length, 1);
    assert.equal(provider.tokenRequests - before, 1);
    assert.ok(!sent.statuses().has(401));
  });

  test(`${name}: the SDK's ClientCredentialsProvider logs in with nothing but the address`, async () => {
    const authProvider = new agent.ClientCredentialsProvider({
      clientId,
      clientSecret,
      expectedIssuer: issuer,
    });
    assert.equal(await agent.whoami(url, { authProvider }), said);
  });

  test(`${name}: the SDK's PrivateKeyJwtProvider logs in with nothing but the address`, async () => {
    const [key] = provider.clientKeys;
    const authProvider = new agent.PrivateKeyJwtProvider({
      clientId: key.clientId,
      privateKey: key.pem,
      algorithm: key.algorithm,
      expectedIssuer: issuer,
    });
    assert.equal(await agent.whoami(url, { authProvider }), said.replace(clientId, key.clientId));
  });

  test(`${name}: without the role: 403, which names the scopes`, async () => {
    const scope = SCOPES.slice(0, 2);
    const authProvider = agent.mcpAuth(freshSource({ scope }), { url });
    await assert.rejects(agent.whoami(url, { authProvider }), (/** @type {any} */ error) => {
      assert.equal(error.constructor.name, "InsufficientScopeError");
      assert.equal(error.requiredScope, SCOPES.join(" "));
      return true;
    });
  });

  test(`${name}: a token for another project: 401, and again after another token`, async () => {
    const authProvider = agent.mcpAuth(freshSource({ scope: "openid" }), { url });
    await assert.rejects(agent.whoami(url, { authProvider }), /401/);
  });
}

test("step-up: what a 403 named is asked for, and the call repeated", async () => {
  const own = await startServer({ verifier: VERIFIER, scopes: SCOPES });
  after(own.stop);
  // Neither metadata nor 401 name it: only what this request needs does.
  own.requirements = { scope: "profile" };
  const { url } = own;
  const asked = new Set();
  const params = { n: "step-up" };
  const authProvider = agent.mcpAuth(
    (/** @type {any} */ { scope }) => {
      asked.add(scope);
      const scopes = scope.split(" ");
      return agent.tokenSource({ issuer, clientId, clientSecret, scope: scopes, params });
    },
    { url },
  );
  const error = await agent.whoami(url, { authProvider }).catch((/** @type {any} */ e) => e);
  assert.equal(error.constructor.name, "InsufficientScopeError");
  const both = [...SCOPES, "profile"].join(" ");
  assert.equal(error.requiredScope, both);
  authProvider.stepUp(error.requiredScope);
  assert.equal(await agent.whoami(url, { authProvider }), clientId);
  assert.deepEqual([...asked], [SCOPES.join(" "), both]);
});

test("all tokens are revoked: 20 agents at once get one new token", async () => {
  const { url } = server;
  const { fetch, asked } = counting();
  const authProvider = agent.mcpAuth(freshSource({}), { url, fetch });
  await agent.whoami(url, { authProvider });
  server.refused.add(await authProvider.token());
  const before = provider.tokenRequests;
  const results = await Promise.all(
    Array.from({ length: 20 }, () => agent.whoami(url, { authProvider })),
  );
  assert.deepEqual(new Set(results), new Set([clientId]));
  assert.equal(provider.tokenRequests - before, 1);
  assert.equal(asked.length, 1);
});

test("tokens of 3 s and 300 calls: no 401", async () => {
  const short = await startProvider({
    clientId,
    clientSecret,
    expiresIn: 3,
    ignoresResource: true,
  });
  after(short.stop);
  const own = await startServer({
    verifier: { ...VERIFIER, issuer: short.issuer },
    scopes: SCOPES,
  });
  after(own.stop);
  const sent = counting();
  // JWTs: the provider counts in whole seconds, so it may say that an opaque token of 3 s has ended
  // after 2 s.
  const source = freshSource({ issuer: short.issuer, clientId: short.jwtClientId });
  const authProvider = agent.mcpAuth(source, { url: own.url });
  const startedAt = Date.now();
  let calls = 0;
  while (calls < 300 || Date.now() - startedAt < 7_000) {
    const said = await agent.whoami(own.url, { authProvider, fetch: sent.fetch }, 10);
    assert.equal(said, short.jwtClientId);
    calls += 10;
  }
  assert.ok(!sent.statuses().has(401));
  assert.ok(short.tokenRequests > 2, `${short.tokenRequests} tokens in 7 s`);
});

for (const compatibilityDate of COMPATIBILITY_DATES) {
  test(`an agent in workerd of ${compatibilityDate}: its requests share what is asked, also after one was cancelled`, async (t) => {
    const own = await startServer({ verifier: VERIFIER, scopes: SCOPES });
    t.after(own.stop);
    const bindings = {
      ISSUER: issuer,
      CLIENT_ID: clientId,
      CLIENT_SECRET: clientSecret,
      SCOPE: SCOPES.join(" "),
      MCP_URL: own.url,
    };
    const worker = await startWorkerd({ modules: agentWorker, compatibilityDate, bindings });
    t.after(worker.stop);
    const before = provider.tokenRequests;
    const first = await Promise.all(Array.from({ length: 20 }, () => fetch(worker.url)));
    const said = await Promise.all(first.map((response) => response.text()));
    assert.deepEqual(new Set(said), new Set(["200"]), worker.output());
    assert.equal(provider.tokenRequests - before, 1);
    const metadata = own.answers.filter((/** @type {any} */ { path }) => path.includes("/.well-"));
    assert.equal(metadata.length, 1);

    const other = await startWorkerd({ modules: agentWorker, compatibilityDate, bindings });
    t.after(other.stop);
    let pauses = 0;
    own.pause = async () => {
      pauses += 1;
      if (pauses === 1) await new Promise((done) => setTimeout(done, 2_000));
    };
    const { hostname, port } = new URL(other.url);
    const leader = connect(Number(port), hostname);
    leader.on("error", () => {});
    leader.write(`GET / HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
    await new Promise((done) => setTimeout(done, 500));
    assert.equal(pauses, 1);
    const waiting = Promise.all(Array.from({ length: 3 }, () => fetch(other.url)));
    await new Promise((done) => setTimeout(done, 200));
    // The runtime cancels what this client's request has asked.
    leader.resetAndDestroy();
    for (const response of await waiting)
      assert.equal(await response.text(), "200", other.output());
  });
}

test("the issuer is down: the gate says 503, and when to come back", async () => {
  const own = await startServer({
    verifier: { ...VERIFIER, introspectionEndpoint: "http://127.0.0.1:1/introspect" },
  });
  after(own.stop);
  const headers = { authorization: "Bearer abc" };
  const answer = await fetch(own.url, { method: "POST", headers });
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, "1"]);
});

test("the SDKs' own middleware, with a gate as its verifier", async () => {
  const { fakeIssuer } = await import("../../pkg/dist/esm/testing.js");
  const fake = fakeIssuer();
  const { issuer, fetch } = fake;
  // A subject alone is no client.
  const [aud, sub, client_id] = ["https://mcp.example/mcp", "1", "2"];
  const tokens = [
    await fake.sign({ aud, sub, client_id, scope: "mcp" }),
    await fake.sign({ aud, sub, client_id }),
    await fake.sign({ aud: "https://mcp.example/other", sub, scope: "mcp" }),
    "abc",
  ];
  assert.deepEqual(await answers({ issuer, fetch, scope: "mcp" }, tokens), [
    [200, "2", "2"],
    [403, undefined, 403],
    [401, undefined, 401],
    [401, undefined, 401],
  ]);
});

test("both ends have the SDKs' types", async () => {
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--ignoreConfig"];
  const target = ["--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom"];
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...options, ...target, "mcp/types.ts"];
  const { code, stdout } = await run(process.execPath, args);
  assert.equal(code, 0, stdout);
});

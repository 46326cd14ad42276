// @ts-check
// `validateToken` of a gate in `OAuthResourceServer` of `@cloudflare/workers-oauth-provider`, in
// workerd, where alone it runs: what docs/recipes/mcp.md says of it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { bundleWorker, startWorkerd } from "../../scripts/workerd/workerd.js";
import { startProvider } from "../../www/server/provider.js";
import { freePort } from "../js/support/http/listen.js";
import { versionOf } from "./child.js";

const folder = join(apps, "mcp");
const agent = await import(pathToFileURL(join(folder, "agent.js")).href);
const NAME = `OAuthResourceServer ${versionOf("@cloudflare/workers-oauth-provider", "mcp")}`;

const provider = await startProvider({ ignoresResource: true });
after(provider.stop);
const { issuer, projectId, apiClient, clientId, clientSecret } = provider;
const AUDIENCE = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
const SCOPES = ["openid", AUDIENCE, "urn:zitadel:iam:org:projects:roles"];

const outdir = join(folder, "out/resource-server");
mkdirSync(outdir, { recursive: true });
const modules = await bundleWorker({ entry: join(folder, "resource-server-worker.js"), outdir });

async function start(/** @type {Record<string, string>} */ more) {
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
      ...more,
    },
  });
  after(worker.stop);
  return url;
}

const sourceOf = (/** @type {string[]} */ scope) =>
  agent.tokenSource({ issuer, clientId, clientSecret, scope });
const url = await start({});

test(`${NAME}: the official client calls a tool, which sees what the gate said`, async () => {
  const authProvider = agent.mcpAuth((/** @type {any} */ { scope }) => sourceOf(scope.split(" ")), {
    url,
  });
  const { extra, ...rest } = JSON.parse(await agent.whoami(url, { authProvider }));
  const { expiresAt, ...named } = extra;
  assert.equal(rest.clientId, clientId);
  assert.deepEqual(named, { userId: clientId, audience: url, sub: clientId });
  assert.ok(expiresAt > Date.now() / 1000);
});

const post = (/** @type {string} */ address, /** @type {string} */ token) =>
  fetch(address, { method: "POST", headers: { authorization: `Bearer ${token}` } });

test(`${NAME}: a token for another project, without the role, or of nobody: 401`, async () => {
  for (const scope of [["openid"], SCOPES.slice(0, 2), undefined]) {
    const token = scope ? (await sourceOf(scope).get()).accessToken : "abc";
    const answer = await post(url, token);
    assert.equal(answer.status, 401, String(scope));
    const challenge = answer.headers.get("www-authenticate") ?? "";
    assert.match(challenge, /error="invalid_token"/);
    assert.ok(challenge.includes(`scope="${SCOPES.join(" ")}"`), challenge);
  }
});

test(`${NAME}: the issuer is down: 503`, async () => {
  const down = await start({ INTROSPECTION: "http://127.0.0.1:1/introspect" });
  assert.equal((await post(down, "abc")).status, 503);
});

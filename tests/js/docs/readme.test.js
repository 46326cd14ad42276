// @ts-check
// The README: its size, its numbers, and its code, run as it stands against the provider.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import test, { after } from "node:test";
import { tokenSource } from "edge-credentials";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { startProvider } from "../../../www/server/provider.js";
import { blocksIn, readDocs, textOf } from "../support/docs.js";
import { close, listen } from "../support/http/listen.js";

const readme = textOf("README.md");
const page = readDocs("README.md");
after(page.remove);

const provider = await startProvider();
after(provider.stop);

test("it is short", () => {
  const lines = readme.trimEnd().split("\n");
  assert.ok(lines.length <= 150, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= 120, line);
  const words = readme.split(/\s+/).filter(Boolean).length;
  assert.ok(words <= 900, `${words} words`);
});

test("each section with code is run here", () => {
  assert.deepEqual(page.headings, ["Get a token", "Verify a token", "Errors"]);
});

test("its settings are those that its Workers read", () => {
  const files = ["wrangler.toml", ".dev.vars"];
  const settings = blocksIn("README.md").filter(({ name }) => files.includes(name));
  assert.deepEqual(
    settings.map(({ name }) => name),
    files,
  );
  const set = settings.flatMap(({ code }) => [...code.matchAll(/^([A-Z_]+) ?=/gm)]);
  const [[worker]] = [page.sections.get("Get a token") ?? []];
  const read = [...worker.code.matchAll(/env\.([A-Z_]+)/g)];
  const names = (/** @type {RegExpExecArray[]} */ found) => new Set(found.map(([, name]) => name));
  assert.deepEqual(names(set), names(read));
});

test("the Worker calls the API with a token", async (t) => {
  const api = createServer(({ headers }, response) => response.end(headers.authorization));
  const { origin } = await listen(api);
  t.after(() => close(api));
  const { issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = provider;
  const bindings = {
    ISSUER,
    CLIENT_ID,
    CLIENT_SECRET,
    SCOPE: "openid",
    API_URL: `${origin}/things`,
  };
  const worker = await start("Get a token", bindings);
  t.after(worker.stop);
  const before = provider.tokenRequests;
  const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(worker.url)).text()));
  assert.match(answers[0], /^Bearer \S{20,}$/);
  assert.equal(new Set(answers).size, 1);
  assert.equal(provider.tokenRequests, before + 1, "concurrent callers share one request");
});

test("the API takes a caller with the role, and no other", async (t) => {
  const { issuer, projectId, apiClient } = provider;
  const worker = await start("Verify a token", {
    ISSUER: issuer,
    PROJECT_ID: projectId,
    API_CLIENT_ID: apiClient.clientId,
    API_CLIENT_SECRET: apiClient.clientSecret,
  });
  t.after(worker.stop);
  const audience = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
  const roles = "urn:zitadel:iam:org:projects:roles";
  const ask = async (/** @type {string[]} */ ...scope) => {
    const { clientId, clientSecret } = provider;
    const source = tokenSource({ issuer, clientId, clientSecret, scope });
    const response = await fetch(worker.url, {
      headers: { authorization: await source.authorization() },
    });
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask("openid", audience, roles), [200, `hello ${provider.clientId}`]);
  assert.deepEqual(await ask("openid", audience), [403, ""]);
  assert.deepEqual(await ask("openid"), [401, ""]);
  assert.equal((await fetch(worker.url)).status, 401);
});

test("the error is what ZITADEL's answer to a wrong secret gives", async (t) => {
  const { cases } = JSON.parse(textOf("tests/vectors/servers/zitadel.json"));
  const { status, headers, body } = cases.find((/** @type {{ body: string }} */ { body }) =>
    body.includes("Secret.Invalid"),
  );
  const { log } = await page.run("Errors", {});
  /** @type {string[]} */
  const logged = [];
  t.mock.method(console, "error", (/** @type {string} */ line) => logged.push(line));
  const source = tokenSource({
    tokenEndpoint: "https://acme.zitadel.cloud/oauth/v2/token",
    clientId: "my-service",
    clientSecret: "wrong",
    fetch: async () => new Response(body, { status, headers }),
  });
  await source.get().catch(log);
  const [shown] = blocksIn("README.md").filter(({ language }) => language === "text");
  const start = shown.code.replace(/…\n$/, "");
  assert.equal(logged[0].slice(0, start.length), start);
  assert.throws(() => log(new TypeError("another")), TypeError);
});

test("its numbers are those of bench/RESULTS.md", () => {
  const [, comparison] = readme.split("\n## Compared\n");
  const results = textOf("bench/RESULTS.md");
  const row = (/** @type {string} */ name) =>
    /** @type {string} */ (comparison.split("\n").find((line) => line.startsWith(`| ${name}`)))
      .split("|")
      .map((cell) => cell.trim().replace(/ (kB|ms)$/, ""));
  const bytes = (/** @type {string} */ label) => {
    const found = results.split("\n").find((line) => line.startsWith(`| ${label} `));
    const cell = String(found).split("|")[4];
    return (Number(cell.replaceAll(/\s/g, "")) / 1000).toFixed(1);
  };
  assert.deepEqual(row("size in a Worker").slice(2, 5), [
    bytes("edge-credentials: `tokenSource` and `tokenVerifier`"),
    bytes("oauth4webapi: everything"),
    bytes("jose: `jwtVerify` and `createRemoteJWKSet`"),
  ]);
  const millis = (/** @type {string} */ label) =>
    Number(new RegExp(`^\\| workerd: ${label}.*?\\| +([\\d.]+) `, "m").exec(results)?.[1]).toFixed(
      1,
    );
  assert.deepEqual(row("first token in workerd").slice(2, 4), [
    millis("edge-credentials `tokenSource`"),
    millis("oauth4webapi"),
  ]);
});

test("its commands are there", () => {
  const { scripts, bin } = JSON.parse(textOf("package.json"));
  for (const [, name] of readme.matchAll(/^npm (start|test)\b/gm)) assert.ok(scripts[name], name);
  assert.ok(bin["edge-credentials"]);
});

/**
 * @type {(
 *   heading: string,
 *   bindings: Record<string, string>,
 * ) => ReturnType<typeof startWorkerd>}
 */
async function start(heading, bindings) {
  const [block] = page.sections.get(heading) ?? [];
  const entry = page.write(heading, block.name.replace(/\.ts$/, ".js"));
  const modules = await bundleWorker({ entry, outdir: join(page.folder, `out-${block.name}`) });
  return startWorkerd({ modules, bindings });
}

// @ts-check
// The blocks of docs/recipes/github-actions.md, run as they stand, with a server that answers as
// GitHub's does.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after } from "node:test";
import { fakeIssuer } from "edge-credentials/testing";
import { readDocs } from "../support/docs.js";
import { close, listen } from "../support/http/listen.js";

const page = readDocs("docs/recipes/github-actions.md");
after(page.remove);

test("each section with code is run here", () => {
  assert.deepEqual(page.headings, [
    "A workflow calls an API",
    "The API verifies it",
    "A workflow gets a token of your server",
  ]);
});

test("GitHub Actions", async (t) => {
  t.mock.method(console, "warn", () => {});
  const actions = fakeIssuer({ issuer: "https://token.actions.githubusercontent.com" });
  const claims = { repository_id: "1234567", ref: "refs/heads/main", event_name: "push" };
  const idp = createServer(async (request, response) => {
    const { searchParams } = new URL(`http://localhost${request.url}`);
    const isJob = request.headers.authorization === "Bearer of-the-job";
    const token = { ...claims, sub: "repo:a/b", aud: searchParams.get("audience") };
    const value = await actions.sign(token);
    response.writeHead(isJob ? 200 : 401).end(JSON.stringify({ value }));
  });
  const { origin } = await listen(idp);
  t.after(() => close(idp));
  Object.assign(process.env, {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-job",
  });

  const { fetch } = globalThis;
  const login = "https://login.example";
  /** @type {URLSearchParams[]} */
  const forms = [];
  /** @type {((request: Request) => Promise<Response>) | undefined} */
  let api;
  t.mock.method(globalThis, "fetch", (/** @type {string} */ url, /** @type {any} */ init) => {
    if (url.startsWith(actions.issuer)) return actions.fetch(url, init);
    if (url.startsWith("https://deploy.example")) return api?.(new Request(url, init));
    if (!url.startsWith(login)) return fetch(url, init);
    if (!init.body) return Response.json({ issuer: login, token_endpoint: `${login}/token` });
    forms.push(new URLSearchParams(init.body));
    return Response.json({ access_token: "a-token", token_type: "Bearer", expires_in: 60 });
  });

  const { answer } = await page.run("The API verifies it", {});
  api = answer;
  const API_URL = "https://deploy.example/deploy";
  const { response } = await page.run("A workflow calls an API", { API_URL });
  assert.equal(await response.text(), "hello repo:a/b");
  const ask = async (/** @type {object} */ changes) => {
    const aud = "https://deploy.example";
    const token = await actions.sign({ ...claims, aud, ...changes });
    const headers = { authorization: `Bearer ${token}` };
    return (await answer(new Request(API_URL, { headers }))).status;
  };
  assert.equal(await ask({}), 200);
  assert.equal(await ask({ repository_id: "7654321" }), 403);
  assert.equal(await ask({ ref: "refs/pull/1/merge" }), 403);
  assert.equal(await ask({ aud: "https://github.com/a" }), 401);

  const { source } = await page.run("A workflow gets a token of your server", {
    ISSUER: login,
    CLIENT_ID: "orders-workflow",
    SCOPE: "api://orders/.default",
  });
  assert.equal((await source.get()).accessToken, "a-token");
  const [form] = forms;
  assert.equal(form.get("client_id"), "orders-workflow");
  assert.equal(form.get("scope"), "api://orders/.default");
  const [, sent] = String(form.get("client_assertion")).split(".");
  const { aud } = JSON.parse(Buffer.from(sent, "base64url").toString());
  assert.equal(aud, "api://AzureADTokenExchange");
});

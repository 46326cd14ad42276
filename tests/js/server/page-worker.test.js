// @ts-check
// The way from the test page to its Worker: who may ask, what, how much, and what comes back.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { startPageWorker } from "../../../scripts/demo/page-worker.js";
import { startPage } from "../../../www/server/page-server.js";
import { startZitadel } from "../support/zitadel/server.js";

const JSON_TYPE = { "content-type": "application/json" };

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
/** @type {Awaited<ReturnType<typeof startPageWorker>>} */
let worker;
/** @type {Awaited<ReturnType<typeof startPage>>[]} */
let pages;
before(async () => {
  [zitadel, worker] = await Promise.all([startZitadel(), startPageWorker()]);
  const context = {
    vectors: {},
    servers: {},
    keys: /** @type {any} */ ({}),
    signed: { issuer: "a", audience: "b", tokens: [] },
  };
  pages = await Promise.all([startPage({ context, worker }), startPage({ context })]);
});
after(() => Promise.all([...pages, zitadel, worker].map((one) => one.stop())));

test("a token: the raw answer and the parsed one, nothing kept", async () => {
  const { status, headers, json } = await ask("token", optionsOf());
  assert.deepEqual(
    [status, headers["cache-control"], headers["access-control-allow-origin"]],
    [200, "no-store", undefined],
  );
  assert.equal(json.answer.status, 200);
  assert.match(json.answer.headers["content-type"], /^application\/json/);
  assert.equal(JSON.parse(json.answer.body).access_token, json.token.accessToken);
  assert.deepEqual(
    [json.token.tokenType, json.token.expiresAt - json.token.obtainedAt],
    ["Bearer", 43_199_000],
  );
});

test("what goes wrong comes back as an error's public members, with no secret in it", async () => {
  const wrong = await ask("token", { ...optionsOf(), clientSecret: "wrong canary" });
  assert.deepEqual(
    [wrong.json.answer.status, wrong.json.error.code, wrong.json.error.category],
    [400, "credentials_refused", "denied"],
  );
  const built = await ask("token", { ...optionsOf(), clientId: "" });
  assert.deepEqual([built.json.answer, built.json.error.code], [undefined, "option_invalid"]);
  const gone = await ask("token", { ...optionsOf(), tokenEndpoint: "http://127.0.0.1:9/token" });
  assert.deepEqual([gone.json.error.code, gone.json.error.retryable], ["network_failed", true]);
  for (const { text } of [wrong, built, gone]) assert.doesNotMatch(text, /canary/);
  const { status, json } = await ask("token", { canary: 1 });
  assert.deepEqual([status, json.error.code], [200, "option_invalid"]);
});

test("an answer that is too long is cut and refused", async () => {
  zitadel.script({ status: 200, body: `{"access_token":"${"a".repeat(900_000)}"}` });
  const { json, text } = await ask("token", optionsOf());
  assert.equal(json.error.code, "response_too_large");
  assert.ok(text.length < 400_000, String(text.length));
});

test("metadata, also at RFC 8414's path; an introspection", async () => {
  const { issuer, tokenEndpoint, state } = zitadel;
  assert.equal((await ask("metadata", { issuer })).json.metadata.tokenEndpoint, tokenEndpoint);
  zitadel.script(
    { path: "/.well-known/openid-configuration", status: 404 },
    {
      path: "/.well-known/oauth-authorization-server",
      body: { issuer, token_endpoint: tokenEndpoint },
    },
  );
  assert.equal((await ask("metadata", { issuer })).json.metadata.tokenEndpoint, tokenEndpoint);
  const { clientId, clientSecret } = state.application;
  const { json } = await ask("introspect", { issuer, clientId, clientSecret, token: "garbage" });
  assert.deepEqual([json.answer.status, json.introspection], [200, { active: false }]);
});

test("only this page may ask", async () => {
  const before = zitadel.requests.length;
  const { origin, host } = new URL(pages[0].url);
  /** @type {[headers: Record<string, string>, status: number][]} */
  const rows = [
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "" }, 403],
    [{ origin: `${origin}.evil.example` }, 403],
    [{ origin: pages[1].url.slice(0, -1) }, 403],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ "sec-fetch-site": "none" }, 403],
    [{ "content-type": "text/plain" }, 415],
    [{ "content-type": "text/plain; application/json" }, 415],
    [{ "content-type": "application/x-www-form-urlencoded" }, 415],
    [{ "content-type": "" }, 415],
    [{ host: "evil.example", origin: "http://evil.example" }, 421],
  ];
  const statusWith = async (/** @type {Record<string, string>} */ headers) =>
    (await ask("token", optionsOf(), headers)).status;
  for (const [headers, status] of rows)
    assert.equal(await statusWith(headers), status, JSON.stringify(headers));
  const otherName = { host: `localhost:${host.split(":")[1]}` };
  assert.equal(await statusWith(otherName), 403, "the origin is another");
  assert.equal(zitadel.requests.length, before);

  const own = {
    "sec-fetch-site": "same-origin",
    "content-type": "application/json; charset=utf-8",
  };
  assert.equal(await statusWith(own), 200);
});

test("the Worker itself answers the page's server alone", async () => {
  const url = `${worker.url}/token`;
  const body = JSON.stringify(optionsOf());
  /** @type {Record<string, string>[]} */
  const wrong = [{}, { "x-pass": "" }, { "x-pass": "wrong" }];
  for (const headers of wrong)
    assert.equal((await fetch(url, { method: "POST", headers, body })).status, 403);
  assert.equal((await fetch(url, { headers: { "x-pass": worker.pass } })).status, 403);
});

test("a question is bounded, an object and a known one; a page may have no Worker", async () => {
  assert.equal((await ask("token", "x".repeat(70_000))).status, 413);
  for (const question of ["x", 1, null])
    assert.equal((await ask("token", question)).status, 400, JSON.stringify(question));
  for (const name of ["", "nothing", "__proto__", "toString", "token/x", "..", "%2e%2e/token"])
    assert.equal((await ask(name, {})).status, 404, name);
  assert.equal((await ask("token", optionsOf(), {}, pages[1])).status, 404);
});

function optionsOf() {
  const { tokenEndpoint, state } = zitadel;
  return {
    tokenEndpoint,
    clientId: state.clientId,
    clientSecret: state.clientSecret,
    scope: ["openid"],
  };
}

/**
 * With headers that `fetch` would not send; an empty one is left out.
 *
 * @type {(
 *   name: string,
 *   question: unknown,
 *   headers?: Record<string, string>,
 *   page?: { url: string },
 * ) => Promise<{
 *   status: number | undefined;
 *   headers: import("node:http").IncomingHttpHeaders;
 *   text: string;
 *   json: any;
 * }>}
 */
async function ask(name, question, headers = {}, page = pages[0]) {
  const { port, origin } = new URL(page.url);
  const given = Object.entries({ ...JSON_TYPE, origin, ...headers }).filter(([, value]) => value);
  const sent = request({
    host: "127.0.0.1",
    port,
    path: `/worker/${name}`,
    method: "POST",
    headers: Object.fromEntries(given),
  });
  sent.end(JSON.stringify(question));
  const [response] = /** @type {[import("node:http").IncomingMessage]} */ (
    await once(sent, "response")
  );
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: /json/.test(String(response.headers["content-type"])) ? JSON.parse(text) : undefined,
  };
}

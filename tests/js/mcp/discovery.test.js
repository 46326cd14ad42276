// @ts-check
// How long an agent uses a server's metadata, and where it does not look for them.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { mcpAuth } from "edge-credentials/mcp";
import { jump, takeTime } from "../support/clock.js";
import { fails, failure } from "../support/errors.js";
import { mcpFixture, METADATA, SERVER } from "../support/fixtures/mcp.js";
import { close, listen } from "../support/http/listen.js";
import { settled } from "../support/promises.js";

/** More than passes while a call is waited for. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A source whose token is good for ever: only the metadata age. */
const sourceOf = (/** @type {string} */ issuer) =>
  /** @type {any} */ ({ issuer, get: async () => ({ accessToken: "a" }), invalidate() {} });

/** An agent that has asked once, while the time stands still. */
async function agentOf(/** @type {import("node:test").TestContext} */ t) {
  takeTime(t);
  const { server, issuer } = mcpFixture();
  const auth = mcpAuth(sourceOf(issuer.issuer), { url: SERVER, fetch: server.fetch });
  const token = () => settled(auth.token());
  assert.equal(await token(), "a");
  return { server, auth, token, asked: () => server.countOf(METADATA) };
}

test("the metadata are asked for again after an hour, and when the clock goes back", async (t) => {
  const { token, asked } = await agentOf(t);
  jump(HOUR - SECOND);
  await token();
  assert.equal(asked(), 1);
  jump(SECOND);
  await token();
  assert.equal(asked(), 2);
  jump(-SECOND);
  await token();
  assert.equal(asked(), 3);
});

/** @type {Record<string, () => Response | Promise<Response>>} */
const OUTAGES = {
  "answers 500": () => new Response(null, { status: 500 }),
  "answers 503": () => new Response(null, { status: 503 }),
  "answers 429": () => new Response(null, { status: 429 }),
  "cannot be reached": () => {
    throw new TypeError("fetch failed");
  },
  "does not answer": () => new Promise(() => {}),
};
for (const [what, outage] of Object.entries(OUTAGES)) {
  test(`a server that ${what} after an hour: the old metadata hold, and it is asked once a minute`, async (t) => {
    const { server, auth, token, asked } = await agentOf(t);
    server.metadata = outage;
    jump(HOUR);
    const tokens = await settled(Promise.all(Array.from({ length: 20 }, () => auth.token())));
    assert.deepEqual(tokens, Array(20).fill("a"));
    assert.equal(asked(), 2);
    jump(MINUTE - SECOND);
    await token();
    assert.equal(asked(), 2);
    jump(SECOND);
    await token();
    assert.equal(asked(), 3);

    server.metadata = undefined;
    jump(MINUTE);
    await token();
    assert.equal(asked(), 4);
    jump(HOUR - SECOND);
    await token();
    assert.equal(asked(), 4);
  });
}

test("a server whose metadata have changed gets no token by the old ones", async (t) => {
  const changes = {
    endpoint_not_found: () => new Response(null, { status: 404 }),
    response_not_json: () => new Response("<html>"),
    issuer_mismatch: () =>
      Response.json({ resource: SERVER, authorization_servers: ["https://other.example"] }),
  };
  for (const [code, change] of Object.entries(changes)) {
    const { server, auth } = await agentOf(t);
    server.metadata = change;
    jump(HOUR);
    await fails(() => auth.token(), code);
    await fails(() => auth.token(), code);
  }
});

test("a redirect to good metadata is not followed", async (t) => {
  const http = createServer();
  const { origin } = await listen(http);
  t.after(() => close(http));
  const issuer = "https://id.example";
  const resource = `${origin}/mcp`;
  http.on("request", ({ url }, response) => {
    if (url !== "/elsewhere") return response.writeHead(302, { location: "/elsewhere" }).end();
    return response.end(JSON.stringify({ resource, authorization_servers: [issuer] }));
  });
  const auth = mcpAuth(sourceOf(issuer), { url: resource });
  await failure(() => auth.token(), "endpoint_redirects");
});

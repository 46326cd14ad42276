// @ts-check
// `mcpAuth`: the agent's end of MCP, against a gated server that is a function.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenSource } from "edge-credentials";
import { mcpAuth } from "edge-credentials/mcp";
import { stubSource } from "edge-credentials/testing";
import { failure, thrown } from "../support/errors.js";
import { call, mcpFixture, METADATA, SERVER } from "../support/fixtures/mcp.js";

const OTHER = "https://mcp.example/other";

/** @param {ReturnType<typeof mcpFixture>} fixture @param {object} [options] */
const authOf = ({ source, server }, options) =>
  mcpAuth(source(), { url: SERVER, fetch: server.fetch, ...options });

test("20 cold calls at once: one request for the metadata, one for a token, no 401", async () => {
  const fixture = mcpFixture();
  const { server, tokenRequests } = fixture;
  const auth = authOf(fixture);
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(auth, server.fetch)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(20).fill(200),
  );
  assert.equal(server.countOf(METADATA), 1);
  assert.equal(server.countOf(SERVER), 20);
  assert.equal(tokenRequests(), 1);
});

test("all tokens are revoked: 20 calls at once get one new token", async () => {
  const fixture = mcpFixture();
  const { server, tokenRequests } = fixture;
  const auth = authOf(fixture);
  await call(auth, server.fetch);
  server.refused.add(await auth.token());
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(auth, server.fetch)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(tokenRequests(), 2);
  assert.equal(server.countOf(METADATA), 1);
});

test("tokens of 3 s and calls for 7 s: no 401", async () => {
  const fixture = mcpFixture({}, { expiresIn: 3 });
  const { server, tokenRequests } = fixture;
  const auth = authOf(fixture);
  for (let calls = 0; calls < 300; calls += 1) {
    assert.equal((await call(auth, server.fetch)).status, 200);
    await new Promise((done) => setTimeout(done, 7_000 / 300));
  }
  assert.equal(server.countOf(SERVER), 300);
  assert.ok(tokenRequests() > 2 && tokenRequests() < 20, String(tokenRequests()));
});

test("a server whose metadata do not list the source's issuer gets no token", async () => {
  const fixture = mcpFixture({ authorizationServers: ["https://other.example"] });
  const { server, tokenRequests, issuer } = fixture;
  const auth = authOf(fixture);
  const error = await failure(() => auth.token(), "issuer_mismatch");
  assert.ok(error.message.includes(issuer.issuer));
  assert.match(error.hint, /no token was sent there: it names https:\/\/other\.example/);
  assert.equal(tokenRequests(), 0);
  assert.equal(server.countOf(SERVER), 0);
});

test("an issuer with a slash at its end is the same; another path, host or case is not", async () => {
  const answers = { "/": true, "//": false, "/a": false, ".": false };
  for (const [end, isSame] of Object.entries(answers)) {
    const fixture = mcpFixture();
    const { issuer, server } = fixture;
    const list = [`${issuer.issuer}${end}`, issuer.issuer.toUpperCase()];
    server.metadata = () => Response.json({ resource: SERVER, authorization_servers: list });
    const auth = authOf(fixture);
    if (isSame) await auth.token();
    else await failure(() => auth.token(), "issuer_mismatch");
  }
});

test("metadata of another resource: no token, not even for a path of the same origin", async () => {
  const resources = [
    OTHER,
    "https://mcp.example",
    `${SERVER}/`,
    `${SERVER}?a`,
    "https://mcp.example.evil.example/mcp",
    "http://mcp.example/mcp",
    "mcp",
    7,
    null,
  ];
  for (const resource of resources) {
    const fixture = mcpFixture();
    const { server, issuer, tokenRequests } = fixture;
    server.metadata = () => Response.json({ resource, authorization_servers: [issuer.issuer] });
    const auth = authOf(fixture);
    const code = typeof resource === "string" ? "member_invalid" : "member_missing";
    await failure(() => auth.token(), code);
    assert.equal(tokenRequests(), 0);
  }
});

// "Identical" (RFC 9728 section 3.3): the text goes on to the issuer, which may read it otherwise.
test("a server that writes its address otherwise than the agent gets no token", async () => {
  for (const resource of [
    "https://MCP.example:443/mcp",
    "https://mcp.example/a/../mcp",
    "https://mcp.example/other/%2e%2e/mcp",
    "https:\\\\mcp.example\\mcp",
    "https://@mcp.example/mcp",
    " https://mcp.example/m\tcp",
    "https://\uff4dcp.example/mcp",
  ]) {
    const fixture = mcpFixture();
    const { server, issuer } = fixture;
    server.metadata = () => Response.json({ resource, authorization_servers: [issuer.issuer] });
    await failure(() => authOf(fixture).token(), "member_invalid");
  }
});

test("as the agent writes it, as URLs are written, and without the slash behind a host: the same", async () => {
  for (const [url, ...resources] of [
    ["https://MCP.example/mcp", "https://MCP.example/mcp", SERVER],
    ["https://mcp.example", "https://mcp.example", "https://mcp.example/"],
    ["https://mcp.example/", "https://mcp.example", "https://mcp.example/"],
  ]) {
    for (const resource of resources) {
      const fixture = mcpFixture();
      const { server, issuer } = fixture;
      server.metadata = () => Response.json({ resource, authorization_servers: [issuer.issuer] });
      await authOf(fixture, { url }).token();
    }
  }
});

test("a limit of the request that asked for the metadata is not that of others", async () => {
  const fixture = mcpFixture();
  let calls = 0;
  const auth = authOf(fixture, {
    async fetch(/** @type {string} */ url, /** @type {RequestInit} */ init) {
      calls += 1;
      if (calls === 1) throw new Error("Too many subrequests.");
      return fixture.server.fetch(url, init);
    },
  });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => auth.token()));
  const failed = results.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
  assert.deepEqual(failed, ["io_forbidden"]);
  assert.equal(calls, 2);
});

test("scopes of the metadata that are none are left out, and so are more than 100", async () => {
  const fixture = mcpFixture();
  const { server, issuer, source } = fixture;
  const many = Array.from({ length: 300 }, (_, index) => `s${index}`);
  const scopes_supported = ["a\nb", 'a"b', "\u001b[2J", "", "a\0", ...many];
  server.metadata = () =>
    Response.json({
      resource: SERVER,
      authorization_servers: [issuer.issuer],
      scopes_supported,
    });
  /** @type {string[]} */
  const asked = [];
  const make = (/** @type {{ scope: string }} */ { scope }) => {
    asked.push(scope);
    return source({ scope });
  };
  const auth = mcpAuth(make, { url: SERVER, fetch: server.fetch });
  await auth.token();
  assert.equal(asked[0], many.slice(0, 100).join(" "));
  auth.stepUp("more");
  await auth.token();
  assert.equal(asked[1].split(" ").length, 100);
});

test("options are checked: their names and their kinds", () => {
  const { source } = mcpFixture();
  const make = (/** @type {object} */ options) =>
    thrown(
      () => mcpAuth(source(), /** @type {any} */ ({ url: SERVER, ...options })),
      "option_invalid",
    );
  for (const insecureHttp of ["false", 0, {}, null]) make({ insecureHttp });
  for (const fetch of ["a", {}]) make({ fetch });
  make({ issuer: 1 });
  assert.match(make({ insecureHTTP: true }).hint, /^did you mean `insecureHttp`\?/);
  mcpAuth(source(), /** @type {any} */ ({ url: SERVER, fetch: undefined, issuer: undefined }));
});

test("a second server on another path of the origin: its metadata are asked for, and refused", async () => {
  const fixture = mcpFixture();
  const { server, tokenRequests } = fixture;
  // The gate has metadata for its own path alone, so the other server's are missing: 401.
  const auth = authOf(fixture, { url: OTHER });
  const error = await failure(() => auth.token(), "endpoint_not_found");
  assert.equal(error.status, 401);
  assert.equal(tokenRequests(), 0);
  assert.equal(server.countOf("https://mcp.example/.well-known/oauth-protected-resource/other"), 1);
});

test("a transport for another address: nothing is given any more, from its first 401 on", async () => {
  const fixture = mcpFixture();
  const { server, source, tokenRequests } = fixture;
  const auth = authOf(fixture);
  const token = await auth.token();
  server.refused.add(token);
  const error = await failure(() => call(auth, server.fetch, OTHER), "origin_refused");
  assert.match(error.message, /other, and mcpAuth for https:\/\/mcp\.example\/mcp$/);
  await failure(() => auth.token(), "origin_refused");
  const none = authOf(fixture);
  const context = { response: new Response(null), serverUrl: /** @type {any} */ ("mcp") };
  const { message } = await failure(() => none.onUnauthorized(context), "origin_refused");
  assert.match(message, /^the transport is for an address that is no URL, and mcpAuth for https/);
  assert.equal(tokenRequests(), 1);
  assert.equal((await source().get()).accessToken, token, "the source has lost nothing");
});

test("metadata at the wrong path, none, a redirect, a page: no token", async () => {
  /** @type {[Response, string][]} */
  const answers = [
    [new Response(null, { status: 404 }), "endpoint_not_found"],
    [new Response(null, { status: 401 }), "endpoint_not_found"],
    [new Response(null, { status: 302, headers: { location: "/" } }), "endpoint_redirects"],
    // Its status is 0, as of a browser's opaque redirect.
    [Response.error(), "endpoint_redirects"],
    [new Response(null, { status: 500 }), "server_failed"],
    [new Response(null, { status: 503 }), "server_overloaded"],
    [new Response(null, { status: 429 }), "rate_limited"],
    [new Response("<html>"), "response_not_json"],
    [new Response("[]"), "response_not_json"],
    [new Response("{}"), "member_missing"],
    [Response.json({ resource: SERVER }), "member_missing"],
    [Response.json({ resource: SERVER, authorization_servers: [] }), "member_missing"],
    [Response.json({ resource: SERVER, authorization_servers: "a" }), "member_missing"],
    [Response.json({ resource: SERVER, padding: "a".repeat(200_000) }), "response_too_large"],
  ];
  for (const [answer, code] of answers) {
    const fixture = mcpFixture();
    fixture.server.metadata = () => answer;
    const error = await failure(() => authOf(fixture).token(), code);
    assert.match(`${error.hint} ${error.message}`, /no token was sent there/);
    assert.equal(fixture.tokenRequests(), 0);
  }
});

test("a server that cannot be reached is asked again at the next call", async () => {
  const fixture = mcpFixture();
  const { server } = fixture;
  const auth = authOf(fixture);
  server.metadata = () => {
    throw new TypeError("secret", { cause: { code: "ECONNREFUSED" } });
  };
  const error = await failure(() => auth.token(), "network_failed");
  assert.deepEqual(error.cause, { name: "TypeError", code: "ECONNREFUSED" });
  assert.ok(error.retryable);
  server.metadata = undefined;
  assert.equal((await call(auth, server.fetch)).status, 200);
});

test("the source's errors are the caller's", async () => {
  const fixture = mcpFixture();
  fixture.issuer.fail(Infinity, { status: 401, error: "invalid_client" });
  await failure(() => authOf(fixture).token(), "credentials_refused");
});

test("over http, or to what no server is: no provider at all", () => {
  const { source } = mcpFixture();
  const make = (/** @type {any} */ url, /** @type {any} */ code = "option_invalid") =>
    thrown(() => mcpAuth(source(), { url }), code);
  make("http://mcp.example/mcp", "url_insecure");
  make("http://localhost.example/mcp", "url_insecure");
  make("http://127.0.0.1.example/mcp", "url_insecure");
  make("mcp.example");
  make("ftp://mcp.example");
  make("https://user:secret@mcp.example/mcp");
  make(`${SERVER}#a`);
  // The one place where URLs keep a quote.
  make('https://mcp".example/mcp');
  make(undefined);
  for (const url of ["http://127.0.0.1:1/mcp", "http://localhost/mcp", "http://[::1]/mcp"]) {
    mcpAuth(source(), { url });
  }
  mcpAuth(source(), { url: "http://mcp.internal/mcp", insecureHttp: true });
});

test("a source that names no issuer needs one; a source keeps its own", async () => {
  const { server, issuer } = mcpFixture();
  const options = { url: SERVER, fetch: server.fetch };
  const nameless = tokenSource({ accessToken: "a-token", allowedOrigins: [] });
  const error = thrown(() => mcpAuth(nameless, options), "option_invalid");
  assert.match(error.hint, /set `issuer`/);
  thrown(() => mcpAuth(stubSource("a"), options), "option_invalid");
  assert.equal(await mcpAuth(nameless, { ...options, issuer: issuer.issuer }).token(), "a-token");
  const other = { ...options, issuer: "https://other.example" };
  await failure(() => mcpAuth(nameless, other).token(), "issuer_mismatch");
  const own = tokenSource({
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    clientSecret: issuer.clientSecret,
  });
  thrown(() => mcpAuth(own, other), "option_invalid");
  for (const given of [undefined, null, {}, "a", { get() {} }]) {
    thrown(() => mcpAuth(/** @type {any} */ (given), options), "option_invalid");
  }
});

test("a source that is a function gets the resource and the scopes that the server names", async () => {
  const { server, source } = mcpFixture({ scopes: "tools:read" });
  /** @type {unknown[]} */
  const asked = [];
  const auth = mcpAuth(
    (what) => {
      asked.push(what);
      return source(what);
    },
    { url: SERVER, fetch: server.fetch },
  );
  server.requirements = { scope: "tools:read" };
  assert.equal((await call(auth, server.fetch)).status, 200);
  assert.deepEqual(asked, [{ resource: SERVER, scope: "tools:read" }]);

  server.requirements = { scope: "tools:write" };
  const forbidden = await call(auth, server.fetch);
  assert.equal(forbidden.status, 403);
  const challenge = forbidden.headers.get("www-authenticate");
  const [, scope = ""] = /scope="([^"]+)"/.exec(challenge ?? "") ?? [];
  auth.stepUp(scope);
  assert.equal((await call(auth, server.fetch)).status, 200);
  const both = { resource: SERVER, scope: "tools:read tools:write" };
  assert.deepEqual(asked.at(-1), both);

  // A 401 names the scopes that all need, and takes none of the others away.
  server.refused.add(await auth.token());
  assert.equal((await call(auth, server.fetch)).status, 200);
  assert.deepEqual(asked.at(-1), both);
});

test("the scopes of a 401 replace those of the metadata", async () => {
  const { server, source } = mcpFixture();
  /** @type {string[]} */
  const asked = [];
  const auth = mcpAuth(
    (what) => {
      asked.push(what.scope);
      return source(what);
    },
    { url: SERVER, fetch: server.fetch },
  );
  await auth.token();
  const response = new Response(null, {
    status: 401,
    headers: { "www-authenticate": 'Bearer error="invalid_token", scope="a b a", realm="c"' },
  });
  await auth.onUnauthorized({ response, serverUrl: new URL(SERVER) });
  assert.deepEqual(asked, ["", "a b"]);
});

test("a function that fails, or gives no source, or one of another issuer: no token", async () => {
  const { server } = mcpFixture();
  const auth = (/** @type {any} */ make) => mcpAuth(make, { url: SERVER, fetch: server.fetch });
  const broken = auth(() => {
    throw new TypeError("secret");
  });
  const error = await failure(() => broken.token(), "callback_failed");
  assert.ok(!JSON.stringify(error).includes("secret"));
  await failure(() => auth(() => undefined).token(), "option_invalid");
  const foreign = { issuer: "https://other.example", clientId: "a", clientSecret: "b" };
  await failure(() => auth(() => tokenSource(foreign)).token(), "issuer_mismatch");
});

test("step-up without a function, and without a scope, is a mistake", () => {
  const fixture = mcpFixture();
  const error = thrown(() => authOf(fixture).stepUp("a"), "option_invalid");
  assert.match(error.hint, /mcpAuth\(\(\{ resource, scope \}\)/);
  const auth = mcpAuth(() => fixture.source(), { url: SERVER });
  for (const scope of ["", '"', "ä", "\n"]) thrown(() => auth.stepUp(scope), "option_invalid");
});

test("no error shows what the address's query holds", async () => {
  const fixture = mcpFixture();
  const auth = authOf(fixture, { url: `${SERVER}?key=s3cr3t` });
  const error = await failure(() => auth.token(), "member_invalid");
  assert.ok(!JSON.stringify(error).includes("s3cr3t"));
  fixture.server.metadata = () => new Response(null, { status: 404 });
  const missing = await failure(() => auth.token(), "endpoint_not_found");
  assert.ok(!JSON.stringify(missing).includes("s3cr3t"));
});

// @ts-check
// `mcpGate`: the server's end of MCP, with an issuer that is a function.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { mcpGate } from "edge-credentials/mcp";
import { fakeIssuer, stubVerifier } from "edge-credentials/testing";
import { failure, thrown } from "../support/errors.js";
import { mcpFixture, METADATA, SERVER, withToken } from "../support/fixtures/mcp.js";

/** @param {unknown} answer */
async function responseOf(answer) {
  assert.ok(answer instanceof Response);
  const { status, headers } = answer;
  return { status, challenge: headers.get("www-authenticate"), body: await answer.text(), headers };
}

test("the metadata are at the resource's path, for anybody, and nowhere else", async () => {
  const { gate, issuer } = mcpFixture({ scopes: ["tools:read", "tools:write"] });
  assert.equal(gate.metadataUrl, METADATA);
  const { status, body, headers } = await responseOf(await gate(new Request(METADATA)));
  assert.equal(status, 200);
  assert.equal(headers.get("access-control-allow-origin"), "*");
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(headers.get("cache-control"), "public, max-age=300");
  assert.deepEqual(JSON.parse(body), {
    resource: SERVER,
    authorization_servers: [issuer.issuer],
    scopes_supported: ["tools:read", "tools:write"],
    bearer_methods_supported: ["header"],
  });

  for (const path of ["", "/mcp/", "/other", "/mcp/other"]) {
    const other = new Request(`https://mcp.example/.well-known/oauth-protected-resource${path}`);
    assert.equal((await responseOf(await gate(other))).status, 401, path);
  }
  const statusBy = async (/** @type {string} */ method) =>
    (await responseOf(await gate(new Request(METADATA, { method })))).status;
  assert.equal(await statusBy("HEAD"), 200);
  assert.equal(await statusBy("OPTIONS"), 204);
  assert.equal(await statusBy("POST"), 405);
});

test("addresses are published as URLs are written: clients compare texts", () => {
  const verifier = stubVerifier({ sub: "1" });
  for (const address of [
    "https://mcp.example/mcp\n",
    "https://MCP.example/mcp",
    "https://mcp.example:443/mcp",
    "https://mcp.example/a/../mcp",
    "https://mcp.example/m cp",
  ]) {
    const error = thrown(() => mcpGate(verifier, { resource: address }), "option_invalid");
    assert.match(error.hint, /^write https:\/\/mcp\.example\/\S+$/);
    const options = { resource: SERVER, authorizationServers: [address] };
    thrown(() => mcpGate(verifier, options), "option_invalid");
  }
});

test("options are checked: their names and their kinds", () => {
  const { verifier } = mcpFixture({}, {}, { insecureHttp: true });
  const make = (/** @type {object} */ options) =>
    thrown(
      () => mcpGate(verifier, /** @type {any} */ ({ resource: SERVER, ...options })),
      "option_invalid",
    );
  for (const insecureHttp of ["false", 0, {}]) make({ insecureHttp });
  make({ sdkError: "a" });
  assert.match(make({ scope: "a" }).hint, /^it takes resource, scopes, /);
});

test("what is no standard Request is told", async () => {
  const { gate } = mcpFixture();
  for (const request of [{ url: "/mcp", headers: {} }, {}, null, "a"]) {
    await failure(() => gate(/** @type {any} */ (request)), "option_invalid");
  }
});

test("a client that writes the scheme twice is refused, and is no mistake of the server", async () => {
  const { gate } = mcpFixture();
  await failure(() => gate.verifyAccessToken("Bearer a.b.c"), "token_malformed");
  assert.equal(await gate.validateToken(SERVER, "bearer a.b.c"), null);
});

test("a subject is no client", async () => {
  const { gate, issuer } = mcpFixture();
  const token = await issuer.sign({ aud: SERVER, sub: "somebody", client_id: undefined });
  const info = await gate(withToken(token));
  assert.ok(!(info instanceof Response));
  assert.deepEqual([info.clientId, info.extra.claims.sub], ["", "somebody"]);
});

test("a server at the root has them behind the name alone", () => {
  const verifier = stubVerifier({ sub: "1" });
  const well = "https://mcp.example/.well-known/oauth-protected-resource";
  for (const resource of ["https://mcp.example", "https://mcp.example/"]) {
    const gate = mcpGate(verifier, { resource });
    assert.equal(gate.metadataUrl, well);
    assert.equal(gate.metadata.resource, resource);
  }
  assert.equal(mcpGate(verifier, { resource: "https://mcp.example/a/" }).metadataUrl, `${well}/a/`);
});

test("a good token: the SDK's AuthInfo, without the token", async () => {
  const { gate, source, issuer } = mcpFixture();
  const { accessToken } = await source({ scope: "a b" }).get();
  const info = await gate(withToken(accessToken));
  assert.ok(!(info instanceof Response));
  const { extra, expiresAt, resource, ...rest } = info;
  assert.deepEqual(rest, {
    token: "",
    clientId: issuer.clientId,
    scopes: ["a", "b"],
    resourceMetadataUrl: METADATA,
  });
  assert.equal(resource.href, SERVER);
  assert.equal(extra.claims.sub, issuer.clientId);
  assert.ok(Number(expiresAt) > Date.now() / 1000);
  assert.ok(!JSON.stringify(info).includes(accessToken), "no token is ever passed through");
});

test("no token, a bad one, one for another resource: 401 with the metadata's address and the scope", async () => {
  const { gate, source, issuer } = mcpFixture({ scopes: "tools:read" });
  const told = `scope="tools:read", resource_metadata="${METADATA}"`;
  const answer = async (/** @type {Request} */ request) => {
    const { status, challenge, body } = await responseOf(await gate(request));
    assert.equal(body, "");
    return [status, challenge];
  };
  assert.deepEqual(await answer(new Request(SERVER)), [401, `Bearer ${told}`]);
  const { accessToken } = await source({ resource: "https://mcp.example/other" }).get();
  const tokens = {
    "for another path of the origin": accessToken,
    "for the origin": (await source({ resource: "https://mcp.example" }).get()).accessToken,
    "for its client alone": (await source({ resource: "" }).get()).accessToken,
    "of another issuer": await fakeIssuer({ issuer: "https://other.example" }).sign({
      aud: SERVER,
    }),
    "at its end": await issuer.sign({ aud: SERVER, exp: 1 }),
    opaque: "abc",
  };
  for (const [what, token] of Object.entries(tokens)) {
    const expected = [401, `Bearer error="invalid_token", ${told}`];
    assert.deepEqual(await answer(withToken(token)), expected, what);
  }
});

test("without a scope: 403 that names it beside what the gate advertises; with it: step-up", async () => {
  const { gate, source } = mcpFixture({ scopes: "tools:read" });
  const needs = { scope: "tools:write" };
  const read = (await source({ scope: "tools:read" }).get()).accessToken;
  const { status, challenge } = await responseOf(await gate(withToken(read), needs));
  const told = `scope="tools:read tools:write", resource_metadata="${METADATA}"`;
  assert.deepEqual([status, challenge], [403, `Bearer error="insufficient_scope", ${told}`]);
  const both = (await source({ scope: "tools:read tools:write" }).get()).accessToken;
  assert.ok(!((await gate(withToken(both), needs)) instanceof Response));
  assert.ok(!((await gate(withToken(read))) instanceof Response));
});

test("what the verifier requires of all tokens is named by the 401 too", async () => {
  const { gate } = mcpFixture({ scopes: "tools:read" }, {}, { scope: "mcp" });
  const { challenge } = await responseOf(await gate(new Request(SERVER)));
  assert.match(challenge ?? "", /scope="tools:read mcp"/);
});

test("without a role: 403", async () => {
  const { gate, source } = mcpFixture({}, {}, { roleClaim: ["roles"], role: "agent" });
  const { accessToken } = await source().get();
  const { status, challenge } = await responseOf(await gate(withToken(accessToken)));
  assert.equal(status, 403);
  assert.match(challenge ?? "", /^Bearer error="insufficient_scope", resource_metadata=/);

  const granted = mcpFixture(
    {},
    { claims: { roles: ["agent"] } },
    { roleClaim: ["roles"], role: "agent" },
  );
  const good = (await granted.source().get()).accessToken;
  assert.ok(!((await granted.gate(withToken(good))) instanceof Response));
});

test("the issuer is down: 503 with Retry-After, no challenge", async () => {
  const { gate, source, issuer } = mcpFixture();
  const { accessToken } = await source().get();
  issuer.fail(Infinity);
  const { status, challenge, headers } = await responseOf(await gate(withToken(accessToken)));
  assert.equal(status, 503);
  assert.equal(challenge, null);
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
});

test("a mistake of the server itself is thrown, not answered", async () => {
  const { gate } = mcpFixture();
  await failure(() => gate(new Request(SERVER), { scope: "" }), "option_invalid");
});

test("the SDK's verifyAccessToken: the same answer; a token without an end is refused", async () => {
  const { gate, source } = mcpFixture();
  const { accessToken } = await source().get();
  const { token, resource } = await gate.verifyAccessToken(accessToken);
  assert.deepEqual([token, resource.href], ["", SERVER]);

  const verifier = stubVerifier({ sub: "1", aud: SERVER });
  const endless = mcpGate(verifier, { resource: SERVER });
  const error = await failure(() => endless.verifyAccessToken("abc"), "token_invalid");
  assert.match(error.hint, /`exp`/);
  const info = await endless(withToken("abc"));
  assert.ok(!(info instanceof Response) && !("expiresAt" in info), "the gate itself takes it");
  // @ts-expect-error a request is no token
  await failure(() => gate.verifyAccessToken(withToken(accessToken)), "option_invalid");
});

test("the SDK's own errors are made by `sdkError`, of refusals alone and without a text of ours", async () => {
  /** @type {string[][]} */
  const made = [];
  const sdkError = (/** @type {string[]} */ ...given) => {
    made.push(given);
    return new Error(given[0]);
  };
  const { gate, issuer } = mcpFixture({ sdkError }, {}, { scope: "mcp" });
  await assert.rejects(gate.verifyAccessToken("abc"), { message: "invalid_token" });
  const noScope = await issuer.sign({ aud: SERVER });
  await assert.rejects(gate.verifyAccessToken(noScope), { message: "insufficient_scope" });
  assert.deepEqual(made, [
    ["invalid_token", "the access token is not accepted"],
    ["insufficient_scope", "the access token does not permit this"],
  ]);

  const other = mcpFixture({ sdkError });
  other.issuer.fail(Infinity);
  const token = await other.issuer.sign({ aud: SERVER });
  await failure(() => other.gate.verifyAccessToken(token), "server_overloaded");
  assert.equal(made.length, 2);
});

test("workers-oauth-provider's validateToken: null for a refused token, and for another resource", async () => {
  const { gate, source, issuer } = mcpFixture();
  const { accessToken } = await source({ scope: "a" }).get();
  const { props, expiresAt, ...rest } = (await gate.validateToken(SERVER, accessToken)) ?? {};
  assert.deepEqual(rest, {
    audience: SERVER,
    scope: ["a"],
    userId: issuer.clientId,
    clientId: issuer.clientId,
  });
  assert.equal(props?.claims.sub, issuer.clientId);
  assert.ok(Number(expiresAt) > Date.now() / 1000);
  assert.equal(await gate.validateToken(`${SERVER}/`, accessToken), null);
  assert.equal(await gate.validateToken("https://mcp.example/other", accessToken), null);
  assert.equal(await gate.validateToken(SERVER, "abc"), null);
  issuer.fail(Infinity);
  const down = mcpFixture();
  down.issuer.fail(Infinity);
  const token = await down.issuer.sign({ aud: SERVER });
  await failure(() => down.gate.validateToken(SERVER, token), "server_overloaded");
});

test("mistakes in the options are reported at once", () => {
  const verifier = stubVerifier({ sub: "1" });
  const make = (/** @type {any} */ options, /** @type {any} */ given = verifier) =>
    thrown(() => mcpGate(given, options), "option_invalid");
  make({});
  make({ resource: "mcp.example" });
  make({ resource: "ftp://mcp.example/" });
  make({ resource: "https://user@mcp.example/" });
  make({ resource: `${SERVER}#a` });
  make({ resource: 'https://mcp".example/mcp' });
  make({ resource: `${SERVER}?a` });
  make({ resource: SERVER, scopes: [] });
  make({ resource: SERVER, scopes: 'a"' });
  make({ resource: SERVER, scopes: "a  b" });
  make({ resource: SERVER, authorizationServers: [] });
  make({ resource: SERVER, authorizationServers: ["id.example"] });
  make({ resource: SERVER, sdkError: "no" });
  make({ resource: SERVER }, {});
  make({ resource: SERVER }, null);
  make({
    get resource() {
      throw new Error("secret");
    },
  });
  thrown(() => mcpGate(verifier, { resource: "http://mcp.example/mcp" }), "url_insecure");
  mcpGate(verifier, { resource: "http://127.0.0.1:1/mcp" });

  const tenants = tokenVerifier({
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    audience: SERVER,
    tenants: "any",
  });
  make({ resource: SERVER }, tenants);
  const authorizationServers = ["https://login.microsoftonline.com/common/v2.0"];
  const gate = mcpGate(tenants, { resource: SERVER, authorizationServers });
  assert.deepEqual(gate.metadata.authorization_servers, authorizationServers);
});

test("`azp` names the client where `client_id` does not", async () => {
  const { gate, issuer } = mcpFixture();
  const cases = [
    [{ client_id: undefined, azp: "azp" }, "azp"],
    [{ client_id: "client", azp: "azp" }, "client"],
    [{ client_id: undefined, azp: ["azp"] }, ""],
  ];
  for (const [claims, expected] of cases) {
    const token = await issuer.sign({ aud: SERVER, sub: "1", .../** @type {object} */ (claims) });
    const info = await gate(withToken(token));
    assert.ok(!(info instanceof Response));
    assert.equal(info.clientId, expected);
  }
});

test("a claim that is not as required: insufficient_scope, from the gate and from `sdkError`", async () => {
  const sdkError = (/** @type {string} */ code) => new Error(code);
  const { gate, issuer } = mcpFixture({ sdkError }, {}, { claims: { tenant: "a" } });
  const token = await issuer.sign({ aud: SERVER, tenant: "b" });
  assert.equal((await responseOf(await gate(withToken(token)))).status, 403);
  await assert.rejects(gate.verifyAccessToken(token), { message: "insufficient_scope" });
});

test("an issuer that answers with a page: 503, no challenge", async () => {
  const { issuer } = mcpFixture();
  const token = await issuer.sign({ aud: SERVER });
  const { gate } = mcpFixture({}, {}, { fetch: async () => new Response("<html>") });
  await failure(() => gate.verifyAccessToken(token), "response_not_json");
  const { status, challenge } = await responseOf(await gate(withToken(token)));
  assert.deepEqual([status, challenge], [503, null]);
});

// @ts-check
// The stubs of `edge-credentials/testing`.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError } from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";
import { stubSource, stubVerifier } from "edge-credentials/testing";
import { failure } from "../support/errors.js";

const DOWN = new AuthError({
  code: "network_failed",
  category: "unavailable",
  message: "no answer",
  hint: "wait",
  retryable: true,
});

test("a source with a token sends it anywhere", async (t) => {
  /** @type {Request[]} */
  const sent = [];
  t.mock.method(globalThis, "fetch", async (/** @type {Request} */ request) => {
    sent.push(request);
    return Response.json(await request.text());
  });
  const source = stubSource("abc");
  assert.equal((await source.get()).accessToken, "abc");
  assert.equal(await source.authorization(), "Bearer abc");
  source.invalidate("abc");
  const init = { method: "POST", body: "x", headers: { accept: "text/plain" } };
  assert.equal(await (await source.fetch("https://api.example/", init)).json(), "x");
  const [{ url, headers }] = sent;
  assert.deepEqual(
    [url, headers.get("authorization"), headers.get("accept")],
    ["https://api.example/", "Bearer abc", "text/plain"],
  );
});

test("a source that fails", async () => {
  const source = stubSource(DOWN);
  for (const call of [source.get, source.authorization, () => source.fetch("https://a.example")])
    await assert.rejects(call, (thrown) => thrown === DOWN);
});

test("a verifier judges requirements like a real one", async () => {
  const claims = {
    sub: "1",
    scope: "things:read",
    "urn:zitadel:iam:org:project:7:roles": { writer: { 1: "a.example" } },
  };
  const { verify, challenge } = stubVerifier(claims);
  assert.deepEqual(await verify("anything"), claims);
  assert.ok(Object.isFrozen(await verify("anything")));
  assert.ok(!Object.isFrozen(claims));
  await verify("another", { role: { role: "writer", project: "7" }, scope: "things:read" });
  const reader = { role: { role: "reader", project: "7" } };
  const refused = await failure(() => verify("anything", reader), "role_insufficient");
  assert.equal(challenge(refused).status, 403);
  await failure(() => verify("anything", { scope: "things:write" }), "scope_insufficient");
  await failure(() => verify("anything", { audience: "other" }), "audience_refused");
  const missing = await failure(() => verify(new Request("https://a.example")), "token_missing");
  assert.equal(challenge(missing).status, 401);

  const forApi = stubVerifier({ aud: ["api", "other"] });
  await forApi.verify("anything", { audience: "other" });
  await failure(() => stubVerifier({ sub: "1", exp: 1 }).verify("a"), "token_inactive");
});

test("many verifiers bring no warning, and share nothing", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  for (let index = 0; index < 8; index += 1) {
    const { verify } = stubVerifier({ sub: String(index) });
    assert.equal((await verify("same")).sub, String(index));
  }
  assert.equal(warn.mock.callCount(), 0);
});

test("a verifier that refuses, in middleware", async () => {
  const middleware = bearerAuth(stubVerifier(DOWN));
  const headers = { authorization: "Bearer a" };
  const raw = new Request("https://api.example/", { headers });
  const context = /** @type {any} */ ({ req: { raw }, set() {} });
  const response = /** @type {Response} */ (await middleware(context, async () => {}));
  assert.equal(response.status, 503);
});

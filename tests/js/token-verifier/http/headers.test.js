// @ts-check
// Where a token stands: headers of every platform, and a function that says where else.
import assert from "node:assert/strict";
import test from "node:test";
import { fails } from "../../support/errors.js";
import { settled } from "../../support/promises.js";
import { CLIENT, verifierFixture } from "../../support/fixtures/token-verifier.js";

test("headers of every kind carry a token, with a request around them or without", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const value = `Bearer ${server.jwt()}`;
  const all = [
    new Headers({ authorization: value }),
    { authorization: value },
    { Authorization: value, accept: "*/*" },
    { authorization: [value] },
    Object.assign(Object.create(null), { authorization: value }),
    // Lambda@Edge
    { authorization: [{ key: "Authorization", value }] },
  ];
  for (const headers of all) {
    assert.ok(await settled(verifier.verify(/** @type {any} */ (headers))));
    assert.ok(await settled(verifier.verify(/** @type {any} */ ({ headers }))));
  }
});

test("headers without a token, or with two, are told from it", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const value = `Bearer ${server.jwt()}`;
  const entry = { key: "Authorization", value };
  for (const headers of [
    {},
    new Headers(),
    { accept: "*/*" },
    { authorization: undefined },
    { authorization: [] },
    { authorization: [{ key: "Authorization" }] },
    { "x-authorization": value },
    { authorization: "" },
    new Headers({ authorization: "" }),
  ]) {
    const verifying = () => verifier.verify(/** @type {any} */ (headers));
    const { message } = await fails(verifying, "token_missing");
    assert.equal(message, "the request has no `authorization` header");
  }
  for (const headers of [
    { authorization: [value, value] },
    { authorization: value, Authorization: value },
    { authorization: [entry, entry] },
    new Headers([
      ["authorization", value],
      ["authorization", value],
    ]),
  ])
    await fails(() => verifier.verify(/** @type {any} */ (headers)), "token_malformed");
});

test("a client may send a header named `headers`, and no token makes it the API's fault", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    token: (request) => request.headers?.["x-token"] ?? request["x-token"],
  });
  const plain = verifierFixture(t);
  const authorization = `Bearer ${plain.server.jwt()}`;
  for (const headers of ["x", ["x", "y"], [{ key: "headers", value: "x" }]]) {
    const sent = /** @type {any} */ ({ headers, authorization });
    assert.ok(await settled(plain.verifier.verify(sent)));
    await fails(() => plain.verifier.verify(/** @type {any} */ ({ headers })), "token_missing");
  }
  const whole = { headers: { "x-token": `Bearer ${server.jwt()}` } };
  await fails(() => verifier.verify(whole), "token_malformed");
});

test("a token with an empty part is none, but for a JWE without a key", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const idToken = server.jwt({ nonce: "n" });
  for (const token of [`${idToken}.`, `.${idToken}`, `${idToken}..`, "a.", ".a", "a.b..c"])
    await fails(() => verifier.verify(token), "token_malformed");
  assert.equal(server.introspections(), 0);
  for (const token of ["a..b.c.d", "a.b", "a.b.c.d.e"])
    await fails(() => verifier.verify(token), "token_inactive");
});

test("a polluted prototype brings no header", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const prototype = /** @type {any} */ (Object.prototype);
  const pollution = {
    headers: { authorization: `Bearer ${server.jwt()}` },
    authorization: `Bearer ${server.jwt()}`,
    value: `Bearer ${server.jwt()}`,
  };
  t.after(() => Object.keys(pollution).forEach((name) => delete prototype[name]));
  Object.assign(prototype, pollution);
  for (const headers of [{}, { accept: "*/*" }, { authorization: [{ key: "a" }] }])
    await fails(() => verifier.verify(/** @type {any} */ (headers)), "token_missing");
  await fails(() => verifier.verify(/** @type {any} */ (5)), "option_invalid");
});

test("`token` says where else a request carries it", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    token: (request) => request.headers.get("cf-access-jwt-assertion"),
  });
  const token = server.jwt();
  const requestWith = (/** @type {Record<string, string>} */ headers) =>
    new Request("https://api.example/", { headers });
  assert.ok(await settled(verifier.verify(requestWith({ "cf-access-jwt-assertion": token }))));
  assert.ok(await settled(verifier.verify(token)), "a text is the token itself");
  /** @type {Record<string, string>[]} */
  const elsewhere = [{}, { authorization: `Bearer ${token}` }];
  // No second place.
  for (const headers of elsewhere)
    await fails(() => verifier.verify(requestWith(headers)), "token_missing");
  const malformed = requestWith({ "cf-access-jwt-assertion": "a b" });
  await fails(() => verifier.verify(malformed), "token_malformed");
  await fails(() => verifier.verify(null), "token_missing");
});

test("a function `token` that throws, or gives no text, is the API's own fault", async (t) => {
  for (const [token, message] of /** @type {[() => any, string][]} */ ([
    [
      () => {
        throw new TypeError("hidden");
      },
      "the function `token` threw an error",
    ],
    [() => 5, "the function `token` gave no string"],
    [async () => "abc", "the function `token` gave no string"],
    [() => ["abc"], "the function `token` gave no string"],
  ])) {
    const { verifier, requests } = verifierFixture(t, { token, introspection: CLIENT });
    const error = await fails(() => verifier.verify({ headers: {} }), "callback_failed");
    assert.equal(error.message, message);
    assert.doesNotMatch(JSON.stringify(error), /hidden/);
    assert.equal(verifier.challenge(error).status, 500);
    assert.deepEqual(requests, []);
  }
});

// @ts-check
// A polluted `Object.prototype`, as a careless merge of somebody's JSON makes it: it grants
// nothing, and mixes nothing up.
import assert from "node:assert/strict";
import test from "node:test";
import { AuthError, tokenVerifier } from "edge-credentials";
import { advance, settle } from "../../support/clock.js";
import { base64url, jwt, makeKey } from "../../support/keys/jwt.js";
import { outcome, watch } from "../../support/promises.js";
import {
  AUDIENCE,
  claimsOf,
  CLIENT,
  ISSUER,
  verifierFixture,
  PROJECT,
  withToken,
} from "../../support/fixtures/token-verifier.js";

/** @typedef {import("edge-credentials").TokenVerifierOptions} Options */

const ROLES = `urn:zitadel:iam:org:project:${PROJECT}:roles`;
const key = makeKey();
const good = { authorization: `Bearer ${jwt(key, claimsOf({}, Date.UTC(2026, 10, 24)))}` };

/** @type {[name: string, value: unknown][]} */
const POLLUTION = [
  ["audience", AUDIENCE],
  ["audience", "other"],
  ["aud", AUDIENCE],
  ["iss", ISSUER],
  ["exp", 9_999_999_999],
  ["scope", "read"],
  ["scope", ["read"]],
  ["role", "admin"],
  ["roles", []],
  ["project", PROJECT],
  ["projectId", PROJECT],
  ["organization", "1"],
  [ROLES, { admin: { 1: "acme.localhost" } }],
  ["admin", { 1: "acme.localhost" }],
  ["1", "acme.localhost"],
  ["keyId", key.kid],
  ["call", "zitadelScope"],
  ["isAtJwt", true],
  ["leeway", 1e15],
  ["now", 0],
  ["kid", key.kid],
  ["alg", "none"],
  ["algorithm", "none"],
  ["algorithms", ["ES256"]],
  ["jwk", key.jwk],
  ["text", "same"],
  ["maxAge", 1],
  ["issuer", ISSUER],
  ["accept", "jwt"],
  ["introspection", CLIENT],
  ["introspects", true],
  ["jwksUri", "https://evil.example/keys"],
  ["leeway", 300_000],
  ["insecureHttp", true],
  ["active", true],
  ["met", new Set([""])],
  ["key", "same"],
  ["from", 0],
  ["until", Infinity],
  ["headers", good],
  ["authorization", good.authorization],
  ["toJSON", () => "same"],
  ["hint", "evil"],
];

/**
 * @template T
 * @param {[name: string, value: unknown]} pollution
 * @param {() => Promise<T>} run
 */
async function polluted([name, value], run) {
  // What the test runner writes must be written by then: the runtime's own options inherit from the
  // same prototype.
  await settle();
  const before = Object.getOwnPropertyDescriptor(Object.prototype, name);
  Reflect.set(Object.prototype, name, value);
  try {
    return await run();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
    if (before) Reflect.defineProperty(Object.prototype, name, before);
  }
}

/**
 * What it comes to: a code, or the user.
 *
 * @param {Promise<Record<string, unknown>>} verifying
 */
async function come(verifying) {
  const watched = watch(verifying);
  await outcome(watched);
  if (watched.value) return String(watched.value.sub);
  return watched.error instanceof AuthError ? watched.error.code : String(watched.error);
}

/** @param {unknown} value */
function described(value) {
  if (typeof value === "string") return `"${value.slice(0, 30)}"`;
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

for (const pollution of POLLUTION) {
  const [name, value] = pollution;
  const words = `\`${name}\` as ${described(value)}`;

  test(`${words} on Object.prototype grants nothing`, async (t) => {
    const { server, verifier } = verifierFixture(t);
    server.key = key;
    // As texts, since the prototype would change what the server writes.
    const body = JSON.stringify({ keys: [key.jwk] });
    // The second time after the first bad signature.
    server.script["/oauth/v2/keys"] = [{ body }, { body }];
    server.script["/.well-known/openid-configuration"] = [
      { body: JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}/oauth/v2/keys` }) },
    ];
    const { kid, ...nameless } = { alg: "ES256", kid: key.kid, typ: "JWT" };
    const { aud, iss, exp, ...others } = claimsOf();
    /**
     * @type {[
     *   token: import("edge-credentials").TokenOrRequest,
     *   requirements: import("edge-credentials").Requirements | undefined,
     *   outcome: string,
     * ][]}
     */
    const all = [
      [server.jwt(), undefined, "317905284016374539"],
      [server.jwt(), { role: { role: "admin", project: PROJECT } }, "role_insufficient"],
      [server.jwt(), { scope: "read" }, "scope_insufficient"],
      [server.jwt(), { audience: "other" }, "audience_refused"],
      [
        server.jwt({ [ROLES]: {} }),
        { role: { role: "admin", project: PROJECT } },
        "role_insufficient",
      ],
      [
        server.jwt({ [ROLES]: { admin: {} } }),
        { role: { role: "admin", project: PROJECT, organization: "1" } },
        "role_insufficient",
      ],
      [jwt(key, { ...others, iss, exp }), undefined, "audience_refused"],
      [jwt(key, { ...others, aud, exp }), undefined, "token_invalid"],
      [jwt(key, { ...others, aud, iss }), undefined, "token_invalid"],
      [server.jwt({ exp: 1 }), undefined, "token_expired"],
      [server.jwt({ nonce: "n" }), undefined, "token_invalid"],
      [jwt(makeKey("ES256", key.kid), claimsOf()), undefined, "token_invalid"],
      [jwt(makeKey(), claimsOf(), nameless), undefined, "token_invalid"],
      [
        `${base64url("{}")}.${base64url(JSON.stringify(claimsOf()))}.AAAA`,
        undefined,
        "token_invalid",
      ],
      [base64url("opaque"), undefined, "token_invalid"],
      [new Request("https://api.example/"), undefined, "token_missing"],
      [withToken("x.y.z"), undefined, "token_invalid"],
      [{ headers: {} }, undefined, "token_missing"],
      [{ headers: { accept: "*/*" } }, undefined, "token_missing"],
    ];
    const outcomes = await polluted(pollution, async () => {
      const found = [];
      for (const [token, requirements] of all)
        found.push(await come(verifier.verify(token, requirements)));
      // And what is remembered.
      for (const [token, requirements] of all)
        found.push(await come(verifier.verify(token, requirements)));
      return found;
    });
    // WebCrypto itself reads a key's members from the prototype: then nothing is verified, which is
    // the API's own trouble.
    const allowed = (/** @type {string} */ code, /** @type {string} */ expected) =>
      code === expected || (["alg", "key_ops", "use"].includes(name) && code === "option_invalid");
    const expected = [...all, ...all].map(([, , code]) => code);
    assert.deepEqual(
      outcomes.map((code, n) => (allowed(code, expected[n]) ? expected[n] : code)),
      expected,
    );
  });
}

test("a polluted prototype makes no two verifiers one, and completes no options", async () => {
  let number = 0;
  for (const pollution of POLLUTION) {
    number += 1;
    const base = { issuer: `${ISSUER}/polluted/${number}`, audience: AUDIENCE };
    /** @type {Options[]} */
    const different = [
      base,
      { ...base, audience: "other" },
      { ...base, scope: "read" },
      { ...base, scope: "write" },
      { ...base, projectId: "1", role: "admin" },
      { ...base, projectId: "1", role: "reader" },
      { ...base, role: { role: "admin", project: "2", organization: "1" } },
      { ...base, leeway: 0 },
      { ...base, jwksUri: `${ISSUER}/keys` },
      { ...base, introspection: CLIENT },
      { ...base, introspection: { ...CLIENT, clientSecret: "other" } },
      { ...base, introspection: { ...CLIENT, clientAuth: "client_secret_post" } },
      { ...base, introspection: CLIENT, accept: "opaque" },
    ];
    const wrong = [
      { issuer: ISSUER },
      { audience: AUDIENCE },
      { ...base, role: "admin" },
      { ...base, accept: "opaque" },
      { ...base, issuer: "http://idp.example" },
      { ...base, introspection: {} },
    ];
    const [verifiers, refused] = await polluted(pollution, async () => {
      const refused = wrong.filter((options) => {
        try {
          return !tokenVerifier(/** @type {any} */ (options));
        } catch (error) {
          return error instanceof AuthError;
        }
      });
      return [different.map((options) => tokenVerifier(options)), refused.length];
    });
    assert.equal(new Set(verifiers).size, different.length, pollution[0]);
    assert.deepEqual(
      different.map((options) => tokenVerifier(options)),
      verifiers,
      pollution[0],
    );
    assert.equal(refused, wrong.length, pollution[0]);
  }
});

test("with a `toJSON` on Object.prototype a JWT is still forgotten with its key", async (t) => {
  const { server, verifier } = verifierFixture(t, { jwksUri: `${ISSUER}/oauth/v2/keys` });
  const token = server.jwt();
  const before = JSON.stringify(server.keys);
  const after = JSON.stringify({ keys: [makeKey("ES256", server.key.kid).jwk] });
  const codes = await polluted(["toJSON", () => "same"], async () => {
    server.keys = before;
    const first = await come(verifier.verify(token));
    await advance(299_000);
    server.keys = after;
    await come(verifier.verify(token));
    return [first, await come(verifier.verify(token))];
  });
  // The third time after the bad signature.
  assert.deepEqual([codes, server.keyRequests()], [["317905284016374539", "token_invalid"], 3]);
});

test("with a `keyId` on Object.prototype a key without a name has none", async (t) => {
  const { server, verifier } = verifierFixture(t, { jwksUri: `${ISSUER}/oauth/v2/keys` });
  const { kid, ...nameless } = server.key.jwk;
  server.keys = { keys: [nameless] };
  assert.equal(
    await polluted(["keyId", kid], () => come(verifier.verify(server.jwt()))),
    "token_invalid",
  );
});

test("with a `keyId` on Object.prototype a token without a name has none", async (t) => {
  const { server, verifier } = verifierFixture(t, { jwksUri: `${ISSUER}/oauth/v2/keys` });
  const token = server.jwt(undefined, { kid: undefined });
  assert.equal(
    await polluted(["keyId", "other"], () => come(verifier.verify(token))),
    "317905284016374539",
  );
});

test("with a `get` on Object.prototype a request without a token has none, and with a `signal` nobody is sent away", async (t) => {
  const { server, verifier } = verifierFixture(t);
  // The `Date` of the fake timers is a Proxy, whose handler would inherit `get`.
  globalThis.Date = /** @type {DateConstructor} */ (
    class extends Date {
      static now = Date.now;
    }
  );
  const token = server.jwt();
  const { sub } = await verifier.verify(token);
  /** @type {[headers: Record<string, string>, outcome: unknown][]} */
  const requests = [
    [{}, "token_missing"],
    [{ authorization: "Bearer x.y.z" }, "token_invalid"],
    [{ authorization: `Bearer ${token}` }, sub],
  ];
  for (const [name, value] of /** @type {[string, unknown][]} */ ([
    ["get", () => `Bearer ${token}`],
    ["signal", { aborted: true }],
    ["timeout", 0],
  ])) {
    for (const [headers, expected] of requests) {
      Reflect.set(Object.prototype, name, value);
      // For this moment only: with it the runtime itself does not work any more.
      const verifying = verifier.verify({ headers });
      Reflect.deleteProperty(Object.prototype, name);
      assert.equal(await come(verifying), expected, name);
    }
  }
});

test("headers of any kind are read by their own `get`", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const authorization = `Bearer ${server.jwt()}`;
  const get = (/** @type {string} */ name) => (name === "authorization" ? authorization : null);
  for (const headers of [
    new Headers({ authorization }),
    { authorization },
    { Authorization: authorization },
    Object.assign(Object.create(null), { authorization }),
    { get },
    new (class {
      get = get;
    })(),
  ]) {
    await verifier.verify({ headers: /** @type {any} */ (headers) });
  }
  await assert.rejects(
    verifier.verify({ headers: /** @type {any} */ (new Map([["Authorization", authorization]])) }),
    { code: "token_missing" },
  );
});

for (const name of ["assertionAudience", "tokenEndpoint", "userId"]) {
  test(`\`${name}\` on Object.prototype gets into no assertion of an API's key`, async (t) => {
    const { privateKey } = makeKey();
    const { server, verifier } = verifierFixture(t, {
      introspection: {
        key: { .../** @type {any} */ (privateKey.export({ format: "jwk" })), kid: "1" },
        clientId: "api",
      },
      introspectionEndpoint: `${ISSUER}/oauth/v2/introspect`,
    });
    await polluted([name, "https://evil.example"], () => come(verifier.verify(server.opaque())));
    const [{ body }] = server.requests;
    const [, claims] = String(new URLSearchParams(body).get("client_assertion")).split(".");
    const { iss, sub, aud } = JSON.parse(Buffer.from(claims, "base64url").toString());
    assert.deepEqual({ iss, sub, aud }, { iss: "api", sub: "api", aud: ISSUER });
  });
}

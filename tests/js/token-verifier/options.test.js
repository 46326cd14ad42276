// @ts-check
// What `tokenVerifier` and `verify` take, and what they say of everything else: at once, and before
// anybody is asked anything.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { failure } from "../support/errors.js";
import { AUDIENCE, CLIENT, ISSUER, verifierFixture } from "../support/fixtures/token-verifier.js";
import { makeKey, makePem } from "../support/keys/jwt.js";

const BASE = { issuer: ISSUER, audience: AUDIENCE };
const PEM = makePem("ec", { namedCurve: "P-256" });

const KEY_SET = { keys: [makeKey().jwk] };

/** Options that are about one issuer, each good with one. */
const ALL_OF_ONE_ISSUER = /** @type {Record<string, unknown>} */ ({
  jwks: KEY_SET,
  jwksUri: `${ISSUER}/keys`,
  introspection: CLIENT,
  introspectionEndpoint: `${ISSUER}/introspect`,
});

/**
 * What is wrong: as the message names it, and options to go with the base or instead of it.
 *
 * @type {[RegExp, Record<string, unknown>][]}
 */
const WRONG = [
  [/^`issuer` is undefined: is the binding set\?$/, { issuer: undefined }],
  [/^`issuer` must be a string or a list of strings, not a number$/, { issuer: 1 }],
  [/^`issuer` must be a string or a list of strings, not an object$/, { issuer: new URL(ISSUER) }],
  [/issuer/, { issuer: "" }],
  [/issuer/, { issuer: "idp.example" }],
  [/issuer/, { issuer: `${ISSUER}?a=b` }],
  [/issuer/, { issuer: "ftp://idp.example" }],
  [/^`audience` is undefined: is the binding set\?$/, { audience: undefined }],
  [/^`audience` must be a string or a list of strings, not null$/, { audience: null }],
  [/^`audience` must be a string or a list of strings/, { audience: 317905284016571148n }],
  [/^`audience` must be a string or a list of strings/, { audience: [AUDIENCE, undefined] }],
  [/^`audience` is empty, or holds what no audience does$/, { audience: [] }],
  [/^`audience` is empty/, { audience: "" }],
  [/^`audience` is empty/, { audience: [AUDIENCE, ""] }],
  [/^`audience` is empty/, { audience: `${AUDIENCE} other` }],
  [/^`audience` is empty/, { audience: `${AUDIENCE}\n` }],
  [/^`audience` is empty/, { audience: "ä" }],
  [/^`scope` is undefined/, { scope: undefined }],
  [/^`scope` must be a string or a list of strings/, { scope: { read: true } }],
  [/^`scope` is empty, or holds what no scope does$/, { scope: "" }],
  [/^`scope` is empty/, { scope: "read  write" }],
  [/^`scope` is empty/, { scope: [""] }],
  [/^`scope` is empty/, { scope: 'read"' }],
  [/^`scope` is empty/, { scope: "read\\" }],
  [/^`scope` is empty/, { scope: "read\nwrite" }],
  [
    /^`scope` names a scope by which ZITADEL is asked for roles$/,
    { scope: "urn:zitadel:iam:org:project:role:writer" },
  ],
  [
    /^`scope` names a scope by which ZITADEL is asked for roles$/,
    { scope: ["openid", "urn:zitadel:iam:org:projects:roles"] },
  ],
  [/^`role` is undefined/, { role: undefined }],
  [/^`role` must be a role or a list of roles/, { role: 1 }],
  [/^`role` must be a role or a list of roles/, { role: [null] }],
  [/^`role` must be a role or a list of roles/, { role: [["admin"]] }],
  [/^`role` must be a role or a list of roles/, { role: new Map() }],
  [/^a role, its project or its organization is empty$/, { role: "", projectId: "1" }],
  [/^a role, its project or its organization is empty$/, { role: { role: "admin", project: "" } }],
  [
    /^a role, its project or its organization is empty$/,
    { role: { role: "admin", organization: "" }, projectId: "1" },
  ],
  [/^`role` is missing$/, { role: {} }],
  [/^`role` is missing$/, { role: { project: "1" } }],
  [/^`role` must be a string, not a list$/, { role: { role: ["admin"] } }],
  [/^`project` is undefined/, { role: { role: "admin", project: undefined } }],
  [/^`projectId` is no option of role$/, { role: { role: "admin", projectId: "1" } }],
  [/^a role is required, but of no project$/, { role: "admin" }],
  [
    /^a role is required, but of no project$/,
    { role: "admin", accept: "jwt", introspection: CLIENT },
  ],
  [/^`projectId` is empty$/, { projectId: "" }],
  [/^`projectId` must be a string, not a number$/, { projectId: Number("317905284016571148") }],
  [/^`accept` is neither `jwt` nor `opaque`$/, { accept: "JWT" }],
  [/^`accept` is neither/, { accept: "" }],
  [/^`accept` must be a string, not a list$/, { accept: ["jwt", "opaque"] }],
  [/^`typ` is not `at\+jwt`$/, { typ: "JWT" }],
  [/^`typ` is not/, { typ: "" }],
  [/^`typ` is not/, { typ: "AT+JWT" }],
  [/^`typ` is not/, { typ: "application/at+jwt" }],
  [/^`typ` must be a string, not a list$/, { typ: ["at+jwt"] }],
  [/^`typ` is undefined/, { typ: undefined }],
  [/^`introspection` is missing$/, { accept: "opaque" }],
  [/^`introspection` is undefined/, { introspection: undefined }],
  [/^`introspection` must be an object, not a string$/, { introspection: "id:secret" }],
  [/^`clientId` is missing$/, { introspection: {} }],
  [/client/, { introspection: { ...CLIENT, clientId: "" } }],
  [/client/, { introspection: { ...CLIENT, clientSecret: "" } }],
  [/^`clientSecret` is missing$/, { introspection: { clientId: "1" } }],
  [
    /^`clientSecret` is undefined: is the binding set\?$/,
    { introspection: { clientId: "1", clientSecret: undefined } },
  ],
  [/^`key` is undefined: is the binding set\?$/, { introspection: { key: undefined } }],
  [
    /^`clientSecret` is no option of introspection with `key`$/,
    { introspection: { key: PEM, clientId: "1", keyId: "1", clientSecret: "s" } },
  ],
  [/^`secret` is no option of introspection$/, { introspection: { ...CLIENT, secret: "s" } }],
  [
    /^`clientId` is no option of introspection with `clientAuth=none`$/,
    { introspection: { ...CLIENT, clientAuth: "none" } },
  ],
  [/^the client authentication is unknown$/, { introspection: { ...CLIENT, clientAuth: "None" } }],
  [/^`accessToken` must be a string or a function/, { introspection: { accessToken: 1 } }],
  ...["", "a b", "Bearer a", "a\n"].map(
    (accessToken) =>
      /** @type {[RegExp, Record<string, unknown>]} */ ([
        /access token|string/,
        { introspection: { accessToken } },
      ]),
  ),
  [/^`introspectionEndpoint` is given without/, { introspectionEndpoint: `${ISSUER}/a` }],
  [/^`issuer` is empty$/, { issuer: [] }],
  [/issuer/, { issuer: [ISSUER, ""] }],
  ...["jwks", "jwksUri", "introspection", "introspectionEndpoint"].map(
    (name) =>
      /** @type {[RegExp, Record<string, unknown>]} */ ([
        new RegExp(`^\`${name}\` is given, and several issuers or tenants$`),
        { issuer: [ISSUER, `${ISSUER}/b`], [name]: ALL_OF_ONE_ISSUER[name] },
      ]),
  ),
  [
    /^`introspection` is given, and several issuers or tenants$/,
    { issuer: `${ISSUER}/{tenantid}/v2.0`, tenants: "any", introspection: CLIENT },
  ],
  [/^`jwks` and `jwksUri` are given$/, { jwks: KEY_SET, jwksUri: `${ISSUER}/a` }],
  [/^`jwks` must be a plain object with a list of `keys`/, { jwks: { keys: ["a"] } }],
  [/^`jwks` must be a plain object with a list of `keys`/, { jwks: JSON.stringify(KEY_SET) }],
  [/^`jwks`: the key set holds no key that verifies here$/, { jwks: { keys: [] } }],
  [/^`jwks`: the key set holds no key/, { jwks: { keys: [{ kty: "oct", k: "AAAA" }] } }],
  [/^`tenants` is missing$/, { issuer: `${ISSUER}/{tenantid}/v2.0` }],
  [/^`tenants` is given, and no issuer has tenants$/, { tenants: "any" }],
  [/^`tenants` is empty/, { issuer: `${ISSUER}/{tenantid}/v2.0`, tenants: [] }],
  [/^`tenants` is empty/, { issuer: `${ISSUER}/{tenantid}/v2.0`, tenants: "" }],
  [/^`clientId` is empty/, { clientId: "" }],
  [/^`clientId` is empty/, { clientId: [] }],
  [/^`roleClaim` is empty/, { roleClaim: [] }],
  [/^`roleClaim` is empty/, { roleClaim: ["a", ""] }],
  [/^`projectId` and `roleClaim` are given$/, { roleClaim: "roles", projectId: "1" }],
  [
    /^a role of a project or an organization is required, and `roleClaim` is set$/,
    { roleClaim: "roles", role: { role: "a", organization: "1" } },
  ],
  [/^`claims` must be an object of 1 to 100 strings/, { claims: {} }],
  [/^`claims` must be an object of 1 to 100 strings/, { claims: { email_verified: true } }],
  [/^`claims` must be an object of 1 to 100 strings/, { claims: { a: ["b"] } }],
  [/^`claims` must be an object of 1 to 100 strings/, { claims: [["a", "b"]] }],
  [/^`token` must be a function/, { token: "cf-access-jwt-assertion" }],
  [/^`maxInstances` must be a whole number/, { maxInstances: 0 }],
  [/clientId/, { introspection: { key: PEM } }],
  [/key/, { introspection: { key: "nonsense", clientId: "1", keyId: "1" } }],
  [/algorithm/, { introspection: { key: PEM, clientId: "1", keyId: "1", algorithm: "HS256" } }],
  [/^`jwksUri` is undefined/, { jwksUri: undefined }],
  [/address of the keys/, { jwksUri: "" }],
  [/address of the keys/, { jwksUri: "/oauth/v2/keys" }],
  [/introspection/, { introspectionEndpoint: "nonsense", introspection: CLIENT }],
  [/^`leeway` must be a number of milliseconds, 0 or more/, { leeway: -1 }],
  [/^`leeway` must be a number of milliseconds, 0 or more/, { leeway: NaN }],
  [/^`leeway` must be a number of milliseconds, 0 or more/, { leeway: Infinity }],
  [/^`leeway` must be a number of milliseconds, 0 or more/, { leeway: "30" }],
  [/^`leeway` is more than five minutes$/, { leeway: 300_001 }],
  [/^`timeout` must be a number of milliseconds, more than 0$/, { timeout: 0 }],
  [/^`timeout` must be a number/, { timeout: "20" }],
  [/^`fetch` must be a function/, { fetch: "fetch" }],
  [/^`insecureHttp` must be true or false/, { insecureHttp: "true" }],
  [/^`onEvent` must be a function/, { onEvent: {} }],
  [/^`audiences` is no option of tokenVerifier$/, { audiences: [AUDIENCE] }],
  [/^`tokenEndpoint` is no option of tokenVerifier$/, { tokenEndpoint: `${ISSUER}/token` }],
  [/^`clientSecret` is no option of tokenVerifier$/, { clientSecret: "s" }],
];

/** @type {Record<string, unknown>[]} */
const INSECURE = [
  { issuer: "http://idp.example" },
  { jwksUri: "http://idp.example/keys" },
  { introspection: CLIENT, introspectionEndpoint: "http://idp.example/introspect" },
];

/**
 * Fails whoever asks anybody, looks at the clock, sets a timer or draws random numbers.
 *
 * @param {import("node:test").TestContext} t
 */
function forbidAll(t) {
  const forbidden = (/** @type {string} */ what) => () => assert.fail(`${what} was used`);
  const mocks = [
    t.mock.method(globalThis, "fetch", forbidden("fetch")),
    t.mock.method(globalThis, "setTimeout", forbidden("a timer")),
    t.mock.method(Date, "now", forbidden("the clock")),
    t.mock.method(Math, "random", forbidden("randomness")),
    t.mock.method(crypto, "getRandomValues", forbidden("randomness")),
    t.mock.method(crypto.subtle, "importKey", forbidden("WebCrypto")),
  ];
  return () => mocks.forEach(({ mock }) => mock.restore());
}

/** @param {unknown} options */
function make(options) {
  return tokenVerifier(/** @type {any} */ (options));
}

test("whatever is wrong with the options is said when the verifier is made, and nobody is asked", async (t) => {
  const permit = forbidAll(t);
  const errors = [];
  for (const [message, options] of WRONG)
    errors.push({ message, error: await failure(() => make({ ...BASE, ...options })) });
  for (const options of INSECURE)
    errors.push({
      message: /http/,
      error: await failure(() => make({ ...BASE, ...options }), "url_insecure"),
    });
  permit();
  for (const { message, error } of errors) {
    assert.match(error.message, message);
    assert.deepEqual([error.category, error.retryable], ["misuse", false], error.message);
    assert.ok(
      error.hint.length > 10 && !`${error.message} ${error.hint}`.includes(CLIENT.clientSecret),
    );
  }
});

test("without `issuer` or `audience`, or with something else than options, there is no verifier", async () => {
  for (const [options, message] of /** @type {[unknown, RegExp][]} */ ([
    [{ issuer: ISSUER }, /^`audience` is missing$/],
    [{ audience: AUDIENCE }, /^`issuer` is missing$/],
    [Object.create(BASE), /^`issuer` is missing$/],
    [undefined, /^tokenVerifier takes an object with issuer, /],
    [ISSUER, /^tokenVerifier takes an object with issuer, .*, not a string$/],
    [Promise.resolve(BASE), /not a promise$/],
    [
      {
        ...BASE,
        get leeway() {
          return assert.fail(CLIENT.clientSecret);
        },
      },
      /^an option threw when it was read$/,
    ],
  ])) {
    const error = await failure(() => make(options), "option_invalid");
    assert.match(error.message, message);
  }
});

test("what is right is taken, without a question, a look at the clock or a random number", (t) => {
  const right = [
    {},
    { audience: [AUDIENCE, "other"] },
    {
      issuer: "http://localhost:8080",
      jwksUri: "http://127.0.0.1:1/keys",
      introspectionEndpoint: "http://[::1]:1/introspect",
      introspection: CLIENT,
    },
    { issuer: "http://idp.example", insecureHttp: true, jwksUri: "http://idp.example/keys" },
    { issuer: `${ISSUER}/tenant/` },
    { accept: "jwt" },
    { accept: "opaque", introspection: CLIENT },
    { typ: "at+jwt" },
    { typ: "at+jwt", accept: "opaque", introspection: CLIENT },
    { introspection: CLIENT, role: "admin" },
    { introspection: { ...CLIENT, clientAuth: "client_secret_post" } },
    { introspection: { clientId: "1", clientSecret: () => assert.fail("it was asked") } },
    { introspection: { key: PEM, clientId: "1", keyId: "1" } },
    { introspection: { key: () => assert.fail("it was asked") } },
    { introspection: { clientAuth: "none" } },
    { introspection: { accessToken: "t" } },
    { introspection: { accessToken: () => assert.fail("it was asked") } },
    { issuer: [ISSUER, `${ISSUER}/b`] },
    { issuer: `${ISSUER}/{tenantid}/v2.0`, tenants: "any" },
    { issuer: [ISSUER, `${ISSUER}/{tenantid}/v2.0`], tenants: ["1", "2"] },
    { jwks: KEY_SET },
    { clientId: ["1", "2"] },
    { roleClaim: ["resource_access", "api", "roles"], role: "a" },
    { claims: { repository: "org/name" } },
    { token: () => assert.fail("it was called") },
    { role: ["admin", { role: "reader", project: "2", organization: "3" }], projectId: "1" },
    { leeway: 1 },
    { scope: "a b" },
    { scope: "urn:zitadel:iam:org:project:id:1:aud" },
    { leeway: 0 },
    { leeway: 300_000, timeout: 1 },
    { fetch: () => assert.fail("it was called"), onEvent: () => assert.fail("it was called") },
  ];
  const permit = forbidAll(t);
  const verifiers = right.map((options) => make({ ...BASE, ...options }));
  permit();
  assert.equal(new Set(verifiers).size, right.length);
  for (const verifier of verifiers)
    assert.ok(
      Object.isFrozen(verifier) && Object.keys(verifier).join() === "verify,challenge,issuers",
    );
});

test("wrong requirements are the API's own fault, also where the token is known, and cost no request", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const token = server.jwt();
  const ofVerifier = new Set([
    "issuer",
    "projectId",
    "accept",
    "typ",
    "introspection",
    "jwksUri",
    "introspectionEndpoint",
    "leeway",
    "timeout",
    "fetch",
    "insecureHttp",
    "onEvent",
    "jwks",
    "tenants",
    "clientId",
    "roleClaim",
    "token",
    "maxInstances",
  ]);
  for (const count of [0, 2]) {
    for (const [message, options] of WRONG.filter(
      ([, options]) => !Object.keys(options).some((name) => ofVerifier.has(name)),
    )) {
      const error = await failure(() => verifier.verify(token, options), "option_invalid");
      if (!message.source.includes("tokenVerifier")) assert.match(error.message, message);
      assert.equal(verifier.challenge(error).status, 500);
    }
    for (const options of [{ signal: {} }, { leeway: 0 }, null, "read", ["read"]])
      await failure(() => verifier.verify(token, /** @type {any} */ (options)), "option_invalid");
    assert.equal(requests.length, count);
    await verifier.verify(token);
  }
});

test("what is no request and no token is misuse, and no 401", async (t) => {
  const { verifier, requests } = verifierFixture(t);
  for (const input of [1, { headers: undefined }, { headers: 5 }, [], new Map()]) {
    const error = await failure(
      () => verifier.verify(/** @type {any} */ (input)),
      "option_invalid",
    );
    assert.equal(verifier.challenge(error).status, 500);
  }
  assert.equal(requests.length, 0);
});

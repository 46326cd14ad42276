// @ts-check
// Equal options give the same verifier, and whatever differs another: so that calling it in every
// request is right, and nobody gets a verifier that somebody else has made laxer.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { inspect } from "node:util";
import { tokenVerifier } from "edge-credentials";
import { settled } from "../support/promises.js";
import { AUDIENCE, CLIENT, ISSUER, verifierFixture } from "../support/fixtures/token-verifier.js";
import { generateKey } from "../../../www/server/generate-key.js";

/** @typedef {import("edge-credentials").TokenVerifierOptions} Options */

const jwk = /** @type {Record<string, unknown> & { kty: string }} */ (
  generateKey("ec", { namedCurve: "P-256" }).export({ format: "jwk" })
);
let issuers = 0;

/** An issuer that no test had before. */
function fresh() {
  issuers += 1;
  return { issuer: `${ISSUER}/${issuers}`, audience: AUDIENCE };
}

/**
 * @template {object} T
 * @param {T} object
 * @returns {T}
 */
function reversed(object) {
  return /** @type {T} */ (Object.fromEntries(Object.entries(object).reverse()));
}

test("equal options give the same verifier, in whatever order and form", () => {
  const base = fresh();
  const clientSecret = () => "secret";
  const key = { ...jwk, kid: "1" };
  /** @type {Options} */
  const full = {
    ...base,
    introspection: CLIENT,
    projectId: "1",
    scope: ["a", "b"],
    role: ["admin", { role: "reader", project: "2", organization: "3" }],
    leeway: 1,
    timeout: 2,
    jwksUri: `${ISSUER}/keys`,
  };
  /** @type {[Options, Options][]} */
  const pairs = [
    [base, { ...base }],
    [base, reversed(base)],
    [base, { ...base, audience: [AUDIENCE] }],
    [base, { ...base, leeway: 30_000, timeout: 20_000, insecureHttp: false }],
    [full, structuredClone(full)],
    [full, reversed(full)],
    [full, { ...full, scope: "a b", introspection: reversed(CLIENT) }],
    [full, { ...full, scope: ["a b", "a"] }],
    [
      full,
      {
        ...full,
        role: [
          { role: "admin", project: "1" },
          { organization: "3", project: "2", role: "reader" },
        ],
      },
    ],
    [
      { ...full, role: "admin" },
      { ...full, role: [{ role: "admin" }] },
    ],
    [
      { ...base, introspection: { clientId: "1", clientSecret } },
      { ...base, introspection: { clientSecret, clientId: "1" } },
    ],
    [
      { ...base, introspection: { key, clientId: "1" } },
      { ...base, introspection: { clientId: "1", key: reversed(key) } },
    ],
    [
      { ...base, fetch },
      { fetch, ...base },
    ],
  ];
  for (const [a, b] of pairs) assert.equal(tokenVerifier(a), tokenVerifier(b), inspect(b));
});

test("whatever differs, the verifier differs", () => {
  const base = fresh();
  /** @type {Options} */
  const client = { ...base, introspection: CLIENT };
  /** @type {Options[]} */
  const all = [
    base,
    client,
    { ...base, issuer: `${base.issuer}/` },
    { ...base, audience: "other" },
    { ...base, audience: [AUDIENCE, "other"] },
    { ...base, audience: ["other", AUDIENCE] },
    { ...base, audience: `${AUDIENCE},other` },
    { ...base, accept: "jwt" },
    { ...client, accept: "jwt" },
    { ...client, accept: "opaque" },
    { ...base, typ: "at+jwt" },
    { ...client, typ: "at+jwt" },
    { ...base, projectId: "1" },
    { ...base, projectId: "2" },
    { ...base, scope: "a" },
    { ...base, scope: "b" },
    { ...base, scope: "a b" },
    { ...base, scope: "a,b" },
    { ...base, projectId: "1", role: "a" },
    { ...base, projectId: "1", role: ["a", "b"] },
    { ...base, projectId: "1", role: "a,b" },
    { ...base, role: { role: "a", project: "2" } },
    { ...base, role: { role: "a", project: "2", organization: "3" } },
    { ...base, role: { role: "a", project: "3", organization: "2" } },
    { ...client, role: "a" },
    { ...base, jwksUri: `${ISSUER}/a` },
    { ...base, jwksUri: `${ISSUER}/b` },
    { ...client, introspectionEndpoint: `${ISSUER}/a` },
    { ...base, leeway: 0 },
    { ...base, leeway: 1 },
    { ...base, timeout: 1 },
    { ...base, insecureHttp: true },
    { ...base, fetch },
    { ...base, fetch: async () => new Response() },
    { ...base, introspection: { ...CLIENT, clientSecret: "other" } },
    { ...base, introspection: { ...CLIENT, clientId: "other" } },
    { ...base, introspection: { ...CLIENT, clientSecret: () => CLIENT.clientSecret } },
    { ...base, introspection: { ...CLIENT, clientSecret: () => CLIENT.clientSecret } },
    { ...base, introspection: { ...CLIENT, clientAuth: "client_secret_basic" } },
    { ...base, introspection: { ...CLIENT, clientAuth: "client_secret_post" } },
    { ...base, introspection: { key: jwk, clientId: "1", keyId: "1" } },
    { ...base, introspection: { key: jwk, clientId: "1", keyId: "2" } },
    { ...base, introspection: { key: jwk, clientId: "1", keyId: "1", algorithm: "ES256" } },
    { ...base, introspection: { key: { ...jwk, kid: "1" }, clientId: "1", keyId: "1" } },
    { ...base, introspection: { key: async () => jwk } },
  ];
  const verifiers = all.map(tokenVerifier);
  assert.equal(new Set(verifiers).size, all.length);
  assert.deepEqual(all.map(tokenVerifier), verifiers);
});

test("a verifier does not follow changes of the options it was made with", async (t) => {
  const audience = ["other"];
  const { server, verifier } = verifierFixture(t, { audience });
  audience.push(AUDIENCE);
  await assert.rejects(verifier.verify(server.jwt()), { code: "audience_refused" });
});

test("the latest `onEvent` is told, and makes no other verifier", async (t) => {
  const { server } = verifierFixture(t);
  const first = mock.fn();
  const second = mock.fn();
  const options = { ...fresh(), fetch: server.fetch, jwksUri: `${ISSUER}/oauth/v2/keys` };
  const verifier = tokenVerifier({ ...options, onEvent: first });
  const verifying = verifier.verify(server.jwt({ iss: options.issuer }));
  assert.equal(tokenVerifier({ ...options, onEvent: second }), verifier);
  assert.equal(tokenVerifier(options), verifier);
  await settled(verifying);
  assert.deepEqual(
    [first, second].map(({ mock: { calls } }) =>
      calls.map(({ arguments: [event] }) => `${event.type} ${event.what}`),
    ),
    [[], ["fetch keys", "accept token"]],
  );
});

test("an `onEvent` that throws harms nobody", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    onEvent: () => {
      throw new Error("full disk");
    },
  });
  await settled(verifier.verify(server.jwt()));
});

test("the fourth verifier with equal options but a new function is warned of, once", (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  /** @type {((base: ReturnType<typeof fresh>) => Options)[]} */
  const makers = [
    (base) => ({ ...base, fetch: async () => new Response() }),
    (base) => ({ ...base, introspection: { clientId: "1", clientSecret: () => "secret" } }),
    (base) => ({ ...base, introspection: { key: async () => jwk } }),
  ];
  for (const make of makers) {
    warn.mock.resetCalls();
    const base = fresh();
    for (let n = 0; n < 3; n += 1) tokenVerifier(make(base));
    assert.equal(warn.mock.callCount(), 0);
    for (let n = 0; n < 9; n += 1) tokenVerifier(make(base));
    assert.equal(warn.mock.callCount(), 1);
    assert.match(
      String(warn.mock.calls[0].arguments),
      /^edge-credentials: .*tokenVerifier was called four times with equal options but new functions/,
    );
  }
});

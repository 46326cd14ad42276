// @ts-check
// No token, no secret and no text of a server's in anything of a verifier that can be logged,
// whatever callers and servers do.
import assert from "node:assert/strict";
import test, { after, mock } from "node:test";
import { inspect } from "node:util";
import { tokenVerifier } from "edge-credentials";
import { settle } from "../../support/clock.js";
import { fails, failure } from "../../support/errors.js";
import { jwt, makePem } from "../../support/keys/jwt.js";
import { settled } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";
import {
  BASIC,
  clean,
  hostile,
  lacks,
  MARKS,
  SECRET,
  thrown,
  TOKEN,
} from "../../support/canary.js";

/** @typedef {import("../../support/fixtures/token-source.js").Answer} Answer */

const CLIENT_SECRET = { clientId: "id", clientSecret: SECRET };
const PEM = makePem();
const notices = /** @type {const} */ (["log", "info", "warn", "error", "debug"]).map((method) =>
  mock.method(console, method, () => {}),
);
after(() =>
  notices.forEach(({ mock }) => mock.calls.forEach((call) => clean(call.arguments, "console"))),
);

/**
 * The error of a call, which shows nothing; nor do the events.
 *
 * @param {ReturnType<typeof verifierFixture>} fixture
 * @param {unknown} input
 * @param {any} [requirements]
 * @param {string} [what]
 */
async function unseen(
  { verifier, events },
  input,
  requirements,
  what = inspect(input).slice(0, 80),
) {
  const error = await fails(() => verifier.verify(/** @type {string} */ (input), requirements));
  // Of a JWT its parts too.
  const parts =
    typeof input === "string"
      ? input
          .split(".")
          .filter((part) => part.length > 8)
          .map((part) => part.slice(0, 16))
      : [];
  for (const shown of [error, ...events]) lacks(shown, [...MARKS, ...parts], what);
  const { headers } = verifier.challenge(error);
  clean(Array.from(headers), what);
  return error;
}

test("the verifier, its functions and the events of good days show nothing", async (t) => {
  const { server, verifier, events } = verifierFixture(t, { introspection: CLIENT_SECRET });
  server.active.set(TOKEN, { aud: AUDIENCE, sub: SECRET });
  const signed = server.jwt({ sub: SECRET, jti: TOKEN });
  for (const token of [TOKEN, signed])
    assert.equal((await settled(verifier.verify(token))).sub, SECRET);
  [verifier, ...Object.values(verifier), ...events].forEach((value) =>
    lacks(value, [...MARKS, signed.slice(-20)]),
  );
  assert.deepEqual(
    [Object.isFrozen(verifier), Object.keys(verifier)],
    [true, ["verify", "challenge", "issuers"]],
  );
  assert.equal(events.length, 5);
});

test("requests and tokens that are refused before anybody is asked", async (t) => {
  const fixture = verifierFixture(t, { introspection: CLIENT_SECRET });
  const header = (/** @type {unknown} */ authorization) => ({ headers: { authorization } });
  const inputs = [
    `${TOKEN} x`,
    `${TOKEN}\n`,
    TOKEN.repeat(2_000),
    ...[
      `Basic ${BASIC}`,
      `Bearer ${TOKEN} x`,
      `${TOKEN} x`,
      TOKEN,
      [TOKEN, SECRET],
      [`Bearer ${TOKEN}`, SECRET],
    ].map(header),
    { [TOKEN]: SECRET },
    [TOKEN],
    Symbol(TOKEN),
    hostile(),
    { headers: hostile() },
    { headers: { get: hostile() } },
  ];
  for (const input of inputs) await unseen(fixture, input);
  const requirements = [
    { [TOKEN]: 1 },
    { scope: `${TOKEN}"` },
    { scope: [5, SECRET] },
    { audience: `${SECRET}` },
    { role: { role: SECRET, [TOKEN]: 1 } },
    { role: { role: [TOKEN] } },
    { signal: { aborted: SECRET } },
    hostile(),
    SECRET,
  ];
  for (const requirement of requirements) await unseen(fixture, TOKEN, requirement);
  assert.deepEqual(fixture.requests, []);
});

test("JWTs that are forged, or lack something", async (t) => {
  const fixture = verifierFixture(t, { introspection: CLIENT_SECRET });
  const { server } = fixture;
  await settled(fixture.verifier.verify(server.jwt()));
  const headers = [
    { alg: TOKEN },
    { typ: TOKEN },
    { kid: TOKEN },
    { kid: [TOKEN] },
    { crit: [TOKEN] },
    { alg: "none", [TOKEN]: TOKEN },
  ];
  const claims = [
    { iss: TOKEN },
    { aud: { [TOKEN]: 1 } },
    { exp: TOKEN },
    { exp: 1 },
    { nbf: 1e11 },
    { scope: [TOKEN, 5] },
    { sub: [SECRET] },
    { cnf: { jkt: TOKEN } },
    { nonce: TOKEN },
    { typ: "ID", [TOKEN]: 1 },
  ];
  const tokens = [
    ...headers.map((header) => server.jwt({ sub: SECRET }, header)),
    ...claims.map((changes) => server.jwt({ name: SECRET, ...changes })),
    jwt(server.key, `{"${TOKEN}":1,"${TOKEN}":2}`),
    jwt(server.key, `"${TOKEN}`),
    jwt(server.key, { sub: TOKEN }, `{"alg":"ES256","${TOKEN}":`),
    `${server.jwt({ sub: SECRET }).slice(0, -4)}AAAA`,
    `${TOKEN}.e30`,
    `eyJhbGciOiJFUzI1NiJ9.${TOKEN}`,
  ];
  for (const token of tokens) await unseen(fixture, token);
  for (const requirement of [
    { scope: "admin" },
    { role: { role: "admin", project: "7" } },
    { audience: TOKEN },
  ])
    await unseen(fixture, server.jwt({ name: SECRET }), requirement);
});

test("an introspection endpoint that quotes what it was sent, with every status", async (t) => {
  /** @type {((quote: string) => unknown)[]} */
  const bodies = [
    (quote) => ({ error: "unauthorized_client", error_description: `wrong: ${quote} for id` }),
    (quote) => ({ error: quote, error_description: quote, error_uri: quote }),
    (quote) => ({ active: quote }),
    (quote) => ({ active: true, aud: quote, iss: quote, sub: quote, [quote]: quote }),
    (quote) => ({ active: true, aud: AUDIENCE, token_type: quote }),
    (quote) => ({ active: true, aud: AUDIENCE, exp: quote }),
    (quote) => ({ active: true, aud: AUDIENCE, scope: quote, cnf: { jkt: quote } }),
    (quote) => ({ active: false, reason: quote }),
    (quote) => quote,
    (quote) => `{"active":true,"${quote.replace(/["\\]/g, "")}`,
    () => `{"${TOKEN}":1,"${TOKEN}":2}`,
  ];
  const keyFile = { type: "application", keyId: "8", key: PEM, appId: "1", clientId: "id" };
  for (const introspection of [
    CLIENT_SECRET,
    { ...CLIENT_SECRET, clientAuth: /** @type {const} */ ("client_secret_post") },
    { key: keyFile },
  ]) {
    const fixture = verifierFixture(t, { introspection });
    let n = 0;
    for (const status of [200, 302, 400, 401, 403, 404, 429, 500, 503]) {
      for (const body of bodies) {
        const { server, requests } = fixture;
        n += 1;
        const token = `${TOKEN}-${n}`;
        server.introspect = () => {
          const { headers, body: sent } =
            /** @type {import("../../support/fixtures/token-verifier.js").Recorded} */ (
              requests.at(-1)
            );
          const assertion = new URLSearchParams(sent).get("client_assertion");
          const quote = [
            headers.get("authorization"),
            sent,
            decodeURIComponent(sent.replaceAll("+", " ")),
            SECRET,
            encodeURIComponent(SECRET),
            SECRET.toUpperCase(),
            TOKEN,
            assertion,
          ].join(" ");
          return {
            status,
            body: body(quote),
            headers: {
              location: `https://x.example/?${encodeURIComponent(quote)}`,
              "www-authenticate": `Bearer error="${encodeURIComponent(quote)}"`,
            },
          };
        };
        const error = await unseen(fixture, token, undefined, `${status} ${body}`);
        const assertion = new URLSearchParams(requests.at(-1)?.body).get("client_assertion");
        if (assertion) lacks(error, assertion.split("."), `${status} ${body}`);
      }
    }
  }
});

test("what a server says and is no secret is shown to the API's owner, and not to whoever calls", async (t) => {
  const fixture = verifierFixture(t, { introspection: CLIENT_SECRET });
  fixture.server.introspect = () => ({
    status: 400,
    body: {
      // Any other name with a 400 is about the token, and its words are nobody's.
      error: "invalid_client",
      error_description: `tenant acme of ${SECRET} is suspended: ${TOKEN}`,
    },
  });
  const error = await unseen(fixture, TOKEN);
  assert.deepEqual(
    [error.error, error.errorDescription, error.status],
    ["invalid_client", "tenant acme of [redacted] is suspended: [redacted]", 400],
  );
  const { headers, body } = fixture.verifier.challenge(error);
  assert.deepEqual([Object.fromEntries(headers), body], [{ "cache-control": "no-store" }, null]);
});

test("metadata and key sets that hold what is not theirs to know", async (t) => {
  const good = {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/oauth/v2/keys`,
    introspection_endpoint: `${ISSUER}/oauth/v2/introspect`,
  };
  const metadata = [
    SECRET,
    { issuer: SECRET },
    { issuer: ISSUER, [TOKEN]: SECRET },
    ...[
      SECRET,
      `https://id:${TOKEN}@idp.example`,
      `http://${TOKEN}.example`,
      [TOKEN],
      `javascript:${TOKEN}`,
    ].map((url) => ({ ...good, jwks_uri: url, introspection_endpoint: url })),
    `{"${TOKEN}":1,"${TOKEN}":1}`,
  ];
  for (const body of metadata) {
    const fixture = verifierFixture(t, { introspection: CLIENT_SECRET });
    fixture.server.script["/.well-known/openid-configuration"] = Array.from({ length: 9 }, () => ({
      body,
    }));
    for (const token of [TOKEN, fixture.server.jwt({ sub: SECRET })])
      await unseen(fixture, token, undefined, inspect(body));
  }
  const { jwk } = verifierFixture(t).server.key;
  const sets = [
    SECRET,
    { keys: SECRET },
    { keys: [SECRET] },
    { keys: [{ kid: TOKEN, kty: SECRET }] },
    { keys: [{ ...jwk, d: SECRET, kid: TOKEN, x: TOKEN }] },
    { keys: [{ ...jwk, alg: SECRET }] },
    `{"keys":[],"${TOKEN}":1,"${TOKEN}":1}`,
    { keys: [{ ...jwk, x: "AAAA", kid: undefined }] },
  ];
  for (const keys of sets) {
    const fixture = verifierFixture(t);
    fixture.server.keys = keys;
    await unseen(
      fixture,
      fixture.server.jwt({ sub: SECRET }, { kid: TOKEN }),
      undefined,
      inspect(keys),
    );
    await unseen(fixture, fixture.server.jwt({ sub: SECRET }), undefined, inspect(keys));
  }
});

test("a fetch, secrets and keys that throw, or give, what they must not", async (t) => {
  for (const [name, make] of Object.entries(thrown())) {
    /**
     * @param {any} [_url]
     * @param {RequestInit} [init]
     * @returns {any}
     */
    const raise = (_url, init) => {
      throw make(init);
    };
    /** @type {Record<string, Partial<import("edge-credentials").TokenVerifierOptions>>} */
    const worlds = {
      fetch: { fetch: raise, introspection: CLIENT_SECRET },
      "fetch, later": {
        fetch: async (url, init) => raise(url, init),
        introspection: CLIENT_SECRET,
      },
      "fetch that gives it": {
        fetch: async (_, init) => /** @type {any} */ (make(init)),
        introspection: CLIENT_SECRET,
      },
      secret: { introspection: { clientId: "id", clientSecret: raise } },
      "secret that is it": {
        introspection: { clientId: "id", clientSecret: () => /** @type {any} */ (make()) },
      },
      key: { introspection: { clientId: "id", key: raise } },
      "key that is it": {
        introspection: { clientId: "id", key: () => /** @type {any} */ (make()) },
      },
    };
    for (const [what, options] of Object.entries(worlds)) {
      const fixture = verifierFixture(t, options);
      for (const token of what.startsWith("fetch")
        ? [TOKEN, fixture.server.jwt({ sub: SECRET })]
        : [TOKEN])
        await unseen(fixture, token, undefined, `${what}: ${name}`);
    }
  }
});

test("a listener that throws is nobody's trouble, and hears nothing", async (t) => {
  const told = /** @type {unknown[]} */ ([]);
  const { server, verifier } = verifierFixture(t, {
    introspection: CLIENT_SECRET,
    onEvent(event) {
      told.push(event);
      throw new Error(SECRET);
    },
  });
  server.active.set(TOKEN, { aud: AUDIENCE });
  await settled(verifier.verify(TOKEN));
  server.introspect = () => ({ status: 500, body: SECRET });
  clean(await fails(() => verifier.verify(`${TOKEN}2`), "server_failed"));
  await settle();
  assert.equal(told.length, 4);
  told.forEach((event) => clean(event));
});

test("options that cannot be taken are refused without their values", async () => {
  const base = { issuer: ISSUER, audience: AUDIENCE };
  const wrong = [
    { ...base, introspection: { ...CLIENT, clientAuth: SECRET } },
    { ...base, introspection: { ...CLIENT_SECRET, [TOKEN]: 1 } },
    { ...base, introspection: { clientId: SECRET, clientSecret: 5 } },
    { ...base, introspection: { clientId: `${TOKEN}\n`, clientSecret: `${SECRET}\n` } },
    { ...base, introspection: { key: SECRET, clientId: "a" } },
    {
      ...base,
      introspection: { key: { type: "application", key: SECRET, keyId: TOKEN, clientId: TOKEN } },
    },
    { ...base, introspection: { key: PEM, clientId: "a", algorithm: SECRET } },
    { ...base, introspection: hostile() },
    { ...base, accept: SECRET },
    { ...base, issuer: `http://${TOKEN}.example` },
    { ...base, issuer: `https://id:${TOKEN}@idp.example` },
    { ...base, jwksUri: `http://${TOKEN}.example` },
    { ...base, introspection: CLIENT, introspectionEndpoint: `http://${TOKEN}.example/?${TOKEN}` },
    { ...base, leeway: SECRET, [TOKEN]: 1 },
    hostile(),
  ];
  for (const options of /** @type {any[]} */ (wrong)) {
    const shows = inspect(options, { showProxy: true }).slice(0, 200);
    clean(await failure(() => tokenVerifier(options)), shows);
  }
});

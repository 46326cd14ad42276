// @ts-check
// What an issuer may answer when it is asked for its keys: how long a set counts, which keys of it,
// and what is no set.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { advance } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { base64url, jwt, makeKey } from "../../support/keys/jwt.js";
import { atOnce, outcome, settled, watch } from "../../support/promises.js";
import {
  claimsOf,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";
import { countChecks, refused, unavailable } from "../../support/verification.js";
import { generateKey } from "../../../../www/server/generate-key.js";

const KEYS = "/oauth/v2/keys";
const METADATA = "/.well-known/openid-configuration";
const MINUTE = 60_000;
/** The members of a JWK that are numbers. */
const NUMBERS = ["n", "e", "x", "y"];

/**
 * In minutes.
 *
 * @type {[cacheControl: string | undefined, lifetime: number][]}
 */
const LIFETIMES = [
  [undefined, 5],
  ["public", 5],
  ["max-age=300", 5],
  ["max-age=1", 1],
  ["no-store", 1],
  ["public, max-age=3600, must-revalidate", 60],
  ["max-age=604800", 24 * 60],
  ["max-age=99999999999999999999", 24 * 60],
];

for (const [cacheControl, minutes] of LIFETIMES) {
  test(`a set with ${cacheControl === undefined ? "no Cache-Control" : `\`${cacheControl}\``} is used for ${minutes} min, and refreshed in the last third while good tokens go on`, async (t) => {
    const { server, verifier, events } = verifierFixture(t);
    server.cacheControl = cacheControl;
    const token = server.jwt({ exp: Math.floor(Date.now() / 1000) + 7 * 86_400 });
    await verifier.verify(token);
    await advance(minutes * MINUTE * 0.69);
    await atOnce(verifier.verify(token));
    assert.equal(server.keyRequests(), 1);

    await advance(minutes * MINUTE * 0.31 - 1);
    server.script[KEYS] = [
      { body: server.keys, delay: 5_000, headers: { "cache-control": "max-age=60" } },
    ];
    await atOnce(verifier.verify(token));
    assert.equal(server.keyRequests(), 2);
    await advance(5_000);
    await atOnce(verifier.verify(token));
    assert.equal(server.keyRequests(), 2);
    assert.deepEqual(
      events.filter(({ what }) => what === "keys").map(({ type }) => type),
      ["fetch", "refresh"],
    );

    // Nobody asked in time: whoever comes then waits.
    await advance(MINUTE);
    server.script[KEYS] = [{ body: server.keys, delay: 1_000 }];
    const late = watch(verifier.verify(token));
    await advance(999);
    assert.equal(late.done, false);
    await outcome(late);
    assert.deepEqual([late.error, server.keyRequests()], [undefined, 3]);
  });
}

test("a set's time begins when it was asked for, however slow the server is", async (t) => {
  const { server, verifier, events, requests } = verifierFixture(t, {
    jwksUri: `${ISSUER}${KEYS}`,
  });
  server.script[KEYS] = [
    { body: server.keys, delay: 4_000, headers: { "cache-control": "max-age=60" } },
  ];
  await settled(verifier.verify(server.jwt()));
  const [event] = events;
  assert.equal("expiresAt" in event && event.expiresAt, requests[0].at + MINUTE);
});

test("of keys and of introspections no more than a megabyte is read", async (t) => {
  let pulled = 0;
  const fetch = async () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(65_536).fill(32));
        },
      }),
      { headers: { "content-type": "application/json" } },
    );
  const options = {
    fetch,
    jwksUri: `${ISSUER}${KEYS}`,
    introspection: CLIENT,
    introspectionEndpoint: `${ISSUER}/introspect`,
  };
  const { server, verifier } = verifierFixture(t, options);
  for (const token of [server.jwt(), "opaque"]) {
    pulled = 0;
    await failure(() => settled(verifier.verify(token)), "response_too_large");
    assert.ok(pulled >= 16 && pulled <= 19, String(pulled));
  }
});

test("malformed keys and those for other uses do not spoil the good one among them", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const number = base64url(randomBytes(32));
  const { kid, alg, use, ...bare } = server.key.jwk;
  const bad = [
    null,
    1,
    "x",
    [],
    {},
    { kty: "RSA" },
    { kty: "EC", crv: "P-256", x: "=", y: number },
    { kty: "EC", crv: "P-256", x: number },
    { kty: "EC", crv: "secp256k1", x: number, y: number },
  ];
  const other = [
    { kty: "oct", k: number, kid },
    { ...bare, kid: 7 },
    { ...bare, kid, use: "enc" },
    { kty: "future", kid },
    { kty: "OKP", crv: "X25519", x: number, kid },
  ];
  server.keys = { keys: [...bad, ...other, server.key.jwk, ...bad] };
  await verifier.verify(server.jwt());
});

test("a key's numbers may be written with padding, or in the standard alphabet, but not in both", async (t) => {
  const padded = (/** @type {string} */ number) =>
    number.padEnd(4 * Math.ceil(number.length / 4), "=");
  const standard = (/** @type {string} */ number) =>
    padded(number).replaceAll("-", "+").replaceAll("_", "/");
  for (const alg of ["RS256", "ES256", "EdDSA"]) {
    const { server, verifier } = verifierFixture(t);
    const keyWith = (/** @type {string} */ marks) => {
      for (;;) {
        const key = makeKey(alg);
        // Both in one number, which can then be of both alphabets at once.
        const numbers = NUMBERS.map((name) => String(key.jwk[name]));
        if (numbers.some((number) => [...marks].every((mark) => number.includes(mark)))) return key;
      }
    };
    const written = (/** @type {(number: string) => string} */ write) =>
      Object.fromEntries(
        Object.entries(server.key.jwk).map(([name, value]) => [
          name,
          NUMBERS.includes(name) ? write(String(value)) : value,
        ]),
      );
    server.key = keyWith("-_");
    for (const write of [padded, standard]) {
      server.keys = { keys: [written(write)] };
      await settled(verifier.verify(server.jwt()));
      await advance(30 * MINUTE);
    }
    server.keys = {
      keys: [written((number) => standard(number).replace("+", "-")), makeKey().jwk],
    };
    server.key = { ...server.key };
    await refused(verifier, () => verifier.verify(server.jwt()));
  }
});

test("a key that is not for such signatures by its own words is none", async (t) => {
  /** @type {[alg: string, changes: Record<string, unknown>][]} */
  const changes = [
    ["ES256", { use: "enc" }],
    ["ES256", { key_ops: ["encrypt"] }],
    ["ES256", { key_ops: [] }],
    ["ES256", { key_ops: "verify" }],
    ["ES256", { alg: "ES384" }],
    ["ES256", { alg: "RS256" }],
    ["RS256", { alg: "RSA-OAEP" }],
    ["RS256", { alg: "HS256" }],
  ];
  for (const [alg, change] of changes) {
    const { server, verifier } = verifierFixture(t);
    server.key = makeKey(alg);
    server.keys = { keys: [{ ...server.key.jwk, ...change }, makeKey().jwk] };
    await refused(verifier, () => verifier.verify(server.jwt()));
    await unavailable(verifier, () => verifier.verify(server.jwt()), "key_unknown");
  }
});

test("a key that is for another algorithm by its own words refuses at once: it is there, and the token names it", async (t) => {
  for (const alg of ["PS256", "RS512"]) {
    const { server, verifier } = verifierFixture(t);
    server.key = makeKey("RS256");
    server.keys = { keys: [{ ...server.key.jwk, alg }, makeKey().jwk] };
    await refused(verifier, () => verifier.verify(server.jwt()));
    assert.equal(server.keyRequests(), 1);
  }
});

test("an RSA key of less than 2048 bits is none", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const privateKey = generateKey("rsa", { modulusLength: 1024 });
  const { n, e } = privateKey.export({ format: "jwk" });
  const weak = {
    kid: "weak",
    alg: "RS256",
    privateKey,
    jwk: { kty: "RSA", n, e, kid: "weak", alg: "RS256" },
  };
  server.keys = { keys: [weak.jwk, makeKey().jwk] };
  await refused(verifier, () => verifier.verify(jwt(weak, claimsOf())));
  // And with a signature of a length that passes.
  await refused(verifier, () =>
    verifier.verify(jwt({ ...makeKey("RS256"), kid: "weak" }, claimsOf())),
  );
});

test("two keys of one name are both tried", async (t) => {
  const [a, b, stranger] = ["RS256", "RS256", "RS256"].map((alg) => makeKey(alg, "1"));
  const { server, verifier } = verifierFixture(t);
  server.keys = { keys: [makeKey("ES256", "1").jwk, a.jwk, b.jwk] };
  for (const key of [a, b]) await verifier.verify(jwt(key, claimsOf()));
  await refused(verifier, () => verifier.verify(jwt(stranger, claimsOf())));
  assert.equal(server.keyRequests(), 2, "the issuer may have another key of this name by now");
});

test("a key without a name is for tokens without one, and so is any other", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const named = makeKey();
  const { kid, ...nameless } = server.key.jwk;
  server.keys = { keys: [nameless, named.jwk] };
  for (const key of [server.key, named])
    await verifier.verify(jwt(key, claimsOf(), { alg: key.alg }));
  await refused(verifier, () => verifier.verify(server.jwt()));
  await refused(verifier, () => verifier.verify(jwt(makeKey(), claimsOf(), { alg: "ES256" })));
});

test("of 1,000 keys the right one is found by its name, and no token has more than eight tried", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const other = makeKey();
  server.keys = {
    keys: [
      ...Array.from({ length: 999 }, (_, n) => ({ ...other.jwk, kid: `key-${n}` })),
      server.key.jwk,
    ],
  };
  const checks = countChecks(t);
  await verifier.verify(server.jwt());
  assert.equal(checks(), 1);
  await refused(verifier, () => verifier.verify(server.jwt({}, { kid: undefined })));
  assert.equal(checks(), 9);
});

test("an empty set refuses nobody: cold it is 503, and it takes the place of no good set", async (t) => {
  for (const empty of [{ keys: [] }, { keys: [{ kty: "oct", k: "x" }] }]) {
    const { server, verifier } = verifierFixture(t);
    const good = server.keys;
    server.keys = empty;
    const { error } = await unavailable(
      verifier,
      () => verifier.verify(server.jwt()),
      "member_invalid",
    );
    await advance(Number(error.retryAt) - Date.now());
    server.keys = good;
    await settled(verifier.verify(server.jwt()));
    server.keys = empty;
    for (let minute = 0; minute < 30; minute += 1) {
      await advance(60_000);
      await settled(verifier.verify(server.jwt({ jti: String(minute) })));
    }
    assert.ok(server.keyRequests() > 20 && server.keyRequests() < 60, String(server.keyRequests()));
  }
});

/**
 * @type {[
 *   what: string,
 *   answer: import("../../support/fixtures/token-source.js").Answer,
 *   code: string,
 *   status: number,
 * ][]}
 */
const NO_SETS = [
  ["2 MiB", { body: `{"keys":[${" ".repeat(2 * 2 ** 20)}]}` }, "response_too_large", 503],
  [
    "HTML",
    { body: "<!doctype html>", headers: { "content-type": "text/html" } },
    "response_not_json",
    503,
  ],
  ["HTML that says it is JSON", { body: "<!doctype html>" }, "response_not_json", 503],
  ["nothing", { body: "" }, "response_not_json", 503],
  ["a list", { body: [] }, "response_not_json", 503],
  ["an object without keys", { body: {} }, "member_missing", 503],
  ["keys that are no list", { body: { keys: {} } }, "member_invalid", 503],
  ["a member twice", { body: '{"keys":[],"keys":[]}' }, "member_duplicate", 503],
  [
    "a redirect",
    { status: 302, body: "", headers: { location: "https://other.example/keys" } },
    "endpoint_redirects",
    500,
  ],
  ["404", { status: 404, body: "" }, "endpoint_not_found", 500],
  ["405", { status: 405, body: "" }, "endpoint_unsuitable", 500],
  ["500", { status: 500, body: "" }, "server_failed", 503],
  ["429", { status: 429, body: "", headers: { "retry-after": "77" } }, "rate_limited", 503],
];

for (const [what, answer, code, status] of NO_SETS) {
  test(`${what} instead of keys: ${status} at first, and nothing to those who have keys`, async (t) => {
    const { server, verifier, requests } = verifierFixture(t, { jwksUri: `${ISSUER}${KEYS}` });
    server.script[KEYS] = [answer];
    const error = await failure(() => settled(verifier.verify(server.jwt())), code);
    const { status: given, headers } = verifier.challenge(error);
    assert.deepEqual(
      [given, headers.has("retry-after"), headers.has("www-authenticate")],
      [status, status === 503, false],
    );
    if (code === "rate_limited") assert.equal(headers.get("retry-after"), "77");
    // Whoever comes before its time gets the same, and the server nothing.
    await failure(() => atOnce(verifier.verify(server.jwt())), code);
    assert.equal(requests.length, 1);
    await advance(Number(error.retryAt) - Date.now());
    const known = server.jwt();
    await settled(verifier.verify(known));

    await advance(299_000);
    server.always = answer;
    for (let n = 0; n < 5; n += 1) {
      for (const token of [known, server.jwt({ jti: `V2_${n}` })])
        await atOnce(verifier.verify(token));
      await advance(MINUTE);
    }
    assert.ok(server.keyRequests() > 3);
    assert.ok(
      requests.every(({ path }) => path === KEYS),
      "a redirect is not followed",
    );
  });
}

test("when the keys have moved, the metadata are asked where to, and good tokens go on", async (t) => {
  for (const answer of [
    { status: 404, body: "" },
    { status: 301, body: "", headers: { location: `${ISSUER}/keys` } },
  ]) {
    const { server, verifier, requests } = verifierFixture(t);
    const known = server.jwt();
    await verifier.verify(known);
    const old = server.key;
    server.keys = { keys: [old.jwk, server.rotate().jwk] };
    server.script = {
      [KEYS]: Array.from({ length: 9 }, () => answer),
      [METADATA]: [{ body: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` } }],
      "/keys": Array.from({ length: 9 }, () => ({ body: server.keys })),
    };
    await advance(299_000);
    await atOnce(verifier.verify(known));
    await advance(1_500);
    await atOnce(verifier.verify(known));
    await atOnce(verifier.verify(server.jwt()));
    assert.deepEqual(
      requests.map(({ path }) => path),
      [METADATA, KEYS, KEYS, METADATA, "/keys"],
    );
  }
});

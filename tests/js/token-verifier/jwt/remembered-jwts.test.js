// @ts-check
// The JWTs that a verifier remembers: for how long, for which keys, on what clock, and how many.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, jump, settle } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { atOnce, settled } from "../../support/promises.js";
import {
  claimsOf,
  ISSUER,
  verifierFixture,
  withToken,
} from "../../support/fixtures/token-verifier.js";
import { countChecks, refused } from "../../support/verification.js";

const MINUTE = 60_000;
const HOUR = 3_600_000;

/**
 * An issuer whose keys last, so that they are of no concern.
 *
 * @param {import("node:test").TestContext} t
 */
function calm(t) {
  const fixture = verifierFixture(t);
  fixture.server.cacheControl = "max-age=86400";
  return fixture;
}

test("a JWT is checked once in five minutes", async (t) => {
  const { server, verifier } = calm(t);
  const checks = countChecks(t);
  const token = server.jwt();
  const claims = await verifier.verify(withToken(token));
  await advance(5 * MINUTE - 1);
  assert.equal(await verifier.verify(token), claims);
  assert.equal(checks(), 1);
  await advance(1);
  const again = await atOnce(verifier.verify(token));
  assert.deepEqual([again, checks()], [claims, 2]);
  await advance(5 * MINUTE - 1);
  assert.equal(await verifier.verify(token), again);
  assert.equal(checks(), 2);
});

test("no longer than until its end, and a token that ended is refused", async (t) => {
  const { server, verifier } = calm(t);
  const checks = countChecks(t);
  const token = server.jwt({ exp: Math.floor(Date.now() / 1000) + 60.5 });
  await verifier.verify(token);
  await advance(60_499);
  await atOnce(verifier.verify(token));
  assert.equal(checks(), 1);
  await advance(30_001);
  await refused(verifier, () => verifier.verify(token), "token_expired");
  assert.equal(checks(), 2);
});

test("a JWT is refused once its key is gone from the set, though it was good a moment ago", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt();
  await verifier.verify(token);
  server.rotate();
  await advance(299_000);
  // With this one the new set is asked for, in the background.
  await atOnce(verifier.verify(token));
  assert.equal(server.keyRequests(), 2);
  await refused(verifier, () => verifier.verify(token));
  assert.equal(server.keyRequests(), 3);
  await failure(() => atOnce(verifier.verify(token)), "key_unknown");
  assert.equal(server.keyRequests(), 3);
});

test("a JWT is refused once its key's numbers, or its algorithm, are others under the same name", async (t) => {
  const other = makeKey("RS256", "1");
  for (const change of [{ n: other.jwk.n }, { alg: "RS512" }]) {
    const { server, verifier } = verifierFixture(t);
    server.key = makeKey("RS256", "1");
    server.keys = { keys: [server.key.jwk] };
    const token = server.jwt();
    await verifier.verify(token);
    server.keys = { keys: [{ ...server.key.jwk, ...change }] };
    await advance(299_000);
    await atOnce(verifier.verify(token));
    const error = await failure(() => atOnce(verifier.verify(token)));
    assert.equal(error.code, "token_invalid");
  }
});

test("a JWT is refused once its key has another name", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt();
  await verifier.verify(token);
  server.keys = { keys: [{ ...server.key.jwk, kid: "renamed" }] };
  await advance(299_000);
  await atOnce(verifier.verify(token));
  await refused(verifier, () => verifier.verify(token));
});

test("a key is imported once for each of its algorithms, however many tokens it signed", async (t) => {
  const { server, verifier } = verifierFixture(t);
  server.key = makeKey("RS256");
  const { alg, ...any } = server.key.jwk;
  server.keys = { keys: [any] };
  const { mock } = t.mock.method(crypto.subtle, "importKey");
  for (let n = 0; n < 5; n += 1) {
    for (const alg of ["RS256", "RS384"])
      await verifier.verify(jwt({ ...server.key, alg }, claimsOf({ jti: `V2_${n}` })));
  }
  assert.equal(mock.callCount(), 2);
});

test("a key that comes back equal, whatever else changed about it and the set, has nothing checked again", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt();
  await verifier.verify(token);
  const { kid, alg, ...numbers } = server.key.jwk;
  server.keys = {
    more: 1,
    keys: [makeKey().jwk, { key_ops: ["verify"], alg, ...numbers, kid, x5t: "x" }],
  };
  const checks = countChecks(t);
  await advance(250_000);
  await atOnce(verifier.verify(token));
  await settle();
  await atOnce(verifier.verify(token));
  assert.deepEqual([checks(), server.keyRequests()], [0, 2]);
});

test("a clock that steps back has the token looked at again, and makes none last longer", async (t) => {
  const { server, verifier } = calm(t);
  const token = server.jwt({ iat: Math.floor(Date.now() / 1000) - 7200, nbf: undefined });
  await advance(MINUTE);
  await verifier.verify(token);
  const checks = countChecks(t);
  jump(-HOUR);
  await settled(verifier.verify(token));
  assert.equal(checks(), 1);
  await atOnce(verifier.verify(token));
  assert.equal(checks(), 1);
  await advance(5 * MINUTE);
  await settled(verifier.verify(token));
  assert.equal(checks(), 2);
  // Behind the beginning of the token itself.
  jump(-2 * HOUR);
  await refused(verifier, () => verifier.verify(token), "token_expired");
});

test("a clock that steps forward ends what it passes", async (t) => {
  const { server, verifier } = calm(t);
  const token = server.jwt({ exp: Math.floor(Date.now() / 1000) + 3600 });
  await verifier.verify(token);
  const checks = countChecks(t);
  jump(10 * MINUTE);
  await atOnce(verifier.verify(token));
  assert.equal(checks(), 1);
  jump(HOUR);
  await refused(verifier, () => verifier.verify(token), "token_expired");
  jump(-HOUR);
  await settled(verifier.verify(token));
});

test("a token that is refused is looked at each time, and pushes no good one out", async (t) => {
  const { server, verifier } = calm(t);
  const good = server.jwt();
  await verifier.verify(good);
  const stranger = { ...makeKey(), kid: server.key.kid };
  const bad = [
    jwt(stranger, claimsOf()),
    server.jwt({ iss: `${ISSUER}/other` }),
    server.jwt({ aud: "other" }),
    server.jwt({ exp: 1 }),
    server.jwt({ nonce: "n" }),
  ];
  const checks = countChecks(t);
  for (let round = 1; round <= 3; round += 1) {
    for (const token of bad) await failure(() => atOnce(verifier.verify(token)));
    assert.equal(checks(), round * bad.length);
  }
  // More of them than are remembered, by size.
  const long = server.jwt({ aud: "other", filler: "x".repeat(11_000) });
  for (let n = 0; n < 200; n += 1)
    await failure(
      () =>
        verifier.verify(
          `${long.slice(0, long.lastIndexOf("."))}.${jwt(server.key, `{"n":${n}}`).split(".")[2]}`,
        ),
      "token_invalid",
    );
  const before = checks();
  await atOnce(verifier.verify(good));
  assert.equal(checks(), before);
});

test("of more JWTs than 8 MiB hold, those used least recently are checked again", async (t) => {
  const { server, verifier } = calm(t);
  // Some 64 kB each as they are counted: text, payload, and what an object takes.
  const tokens = Array.from({ length: 200 }, (_, n) =>
    server.jwt({ jti: `V2_${n}`, filler: "x".repeat(11_000) }),
  );
  const [favourite, ...others] = tokens;
  const checks = countChecks(t);
  for (const token of others) {
    await verifier.verify(favourite);
    await verifier.verify(token);
  }
  assert.equal(checks(), 200);
  // From the newest one back: what is there is found, and nothing enters.
  let remembered = 0;
  for (const token of [favourite, ...others.toReversed()]) {
    await verifier.verify(token);
    if (checks() > 200) break;
    remembered += 1;
  }
  assert.ok(remembered > 60 && remembered < 199, `${remembered} remembered`);
});

test("1,000 short JWTs are all remembered", async (t) => {
  const { server, verifier } = calm(t);
  const tokens = Array.from({ length: 1_000 }, (_, n) => server.jwt({ jti: `V2_${n}` }));
  const checks = countChecks(t);
  for (let round = 0; round < 2; round += 1)
    for (const token of tokens) await verifier.verify(token);
  assert.deepEqual([checks(), server.keyRequests()], [1_000, 1]);
});

test('with `accept: "opaque"` a JWT is asked about, and none is remembered as a JWT', async (t) => {
  const { server, verifier } = verifierFixture(t, {
    accept: "opaque",
    introspection: { clientId: "api", clientSecret: "secret" },
  });
  const token = server.jwt();
  const checks = countChecks(t);
  await refused(verifier, () => verifier.verify(token), "token_inactive");
  server.active.set(token, claimsOf({ token_type: "Bearer" }));
  await advance(10_000);
  await settled(verifier.verify(token));
  assert.deepEqual([checks(), server.keyRequests(), server.introspections()], [0, 0, 2]);
});

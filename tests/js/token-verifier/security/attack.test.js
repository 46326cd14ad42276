// @ts-check
// What somebody who means harm tries: by a polluted prototype, by requests, and where the issuer
// itself is in trouble.
import assert from "node:assert/strict";
import test from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { tokenVerifier } from "edge-credentials";
import { advance } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { settled } from "../../support/promises.js";
import {
  AUDIENCE,
  claimsOf,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

/**
 * Runs it while every object has a member that is not its own.
 *
 * @param {string} name
 * @param {unknown} value
 * @param {() => Promise<unknown>} run
 */
async function polluted(name, value, run) {
  Object.defineProperty(Object.prototype, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

test("a polluted prototype brings neither keys nor claims where the issuer gave none", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  await settled(verifier.verify(server.jwt()));
  const own = makeKey("ES256");
  const key = {
    keyId: own.kid,
    algorithms: ["ES256"],
    jwk: { kty: "EC", crv: "P-256", x: own.jwk.x, y: own.jwk.y },
    text: "",
  };
  const value = { keys: [key], texts: new Set(), claims: { active: true, aud: AUDIENCE } };
  server.introspect = () => ({ status: 500, body: "" });
  await polluted("value", value, async () => {
    await fails(() => verifier.verify(jwt(own, claimsOf())), "token_invalid");
    await fails(() => verifier.verify(jwt(own, claimsOf())), "key_unknown");
    await fails(() => verifier.verify("made-up"), "server_failed");
  });
  await polluted("pause", 1, async () => {
    await fails(() => verifier.verify("made-up-too"), "server_failed");
    assert.equal(server.introspections(), 2);
  });
});

test("an empty key set takes no good one's place, and makes no good token bad", async (t) => {
  const { server, verifier, events } = verifierFixture(t);
  const known = server.jwt();
  await settled(verifier.verify(known));
  server.keys = { keys: [] };
  for (let second = 0; second < 3_000; second += 60) {
    assert.ok(await settled(verifier.verify(known)));
    assert.ok(await settled(verifier.verify(server.jwt({ jti: String(second) }))));
    await advance(60_000);
  }
  assert.ok(server.keyRequests() < 70, String(server.keyRequests()));
  assert.deepEqual(
    [
      ...new Set(
        events.filter(({ type }) => type === "fail").map((event) => "code" in event && event.code),
      ),
    ],
    ["member_invalid"],
  );
});

test("where the issuer has no key at all, no token is refused for it", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const keys = server.keys;
  server.keys = { keys: [{ ...server.key.jwk, use: "enc" }] };
  const token = server.jwt();
  for (let second = 0; second < 120; second += 10) {
    const error = await fails(() => verifier.verify(token), "member_invalid");
    assert.equal(verifier.challenge(error).status, 503);
    await advance(10_000);
  }
  server.keys = keys;
  await advance(60_000);
  await settled(verifier.verify(token));
});

// With the real clock: a fake one may keep what called it.
test("what is remembered of a token is as long as the token, and not as the header that it came in", async () => {
  let status = 200;
  // A body with `active` would decide by itself, at any status.
  const fetch = async (/** @type {string} */ _url, /** @type {RequestInit} */ { body }) =>
    status === 200
      ? Response.json({ active: String(body).includes("good"), aud: AUDIENCE })
      : new Response(null, { status });
  const verifier = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    introspection: CLIENT,
    introspectionEndpoint: `${ISSUER}/introspect`,
    fetch,
  });
  const blanks = " ".repeat(100_000);
  const ask = async (/** @type {string} */ token) => {
    const thrown = await verifier
      .verify({ headers: { authorization: `Bearer${blanks}${token}` } })
      .catch((error) => error);
    return thrown.code;
  };
  assert.equal(await ask("made-up-token"), "token_inactive");
  const before = heap();
  for (let i = 0; i < 200; i += 1) assert.equal(await ask(`made-up-token-${i}`), "token_inactive");
  for (let i = 0; i < 200; i += 1) assert.equal(await ask(`good-token-${i % 100}`), undefined);
  status = 500;
  for (let i = 0; i < 100; i += 1) assert.equal(await ask(`another-token-${i}`), "server_failed");
  const grown = heap() - before;
  assert.ok(grown < 4 * 2 ** 20, `${grown} bytes for 400 short tokens`);
});

function heap() {
  setFlagsFromString("--expose-gc");
  for (let i = 0; i < 4; i += 1) runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

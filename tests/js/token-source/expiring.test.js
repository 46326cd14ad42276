// @ts-check
// The event `expiring`: a key file ends soon.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { advance, START, takeTime } from "../support/clock.js";
import { sourceFixture } from "../support/fixtures/token-source.js";
import { keyFiles } from "../support/keys/key-files.js";
import { settled } from "../support/promises.js";

const DAY = 86_400_000;

/** @param {number} days from the start of the test */
function ending(days) {
  const expiresAt = START + days * DAY;
  return { expiresAt, key: keyFiles({ expirationDate: new Date(expiresAt).toISOString() }).user };
}

/**
 * @param {import("node:test").TestContext} t
 * @param {unknown} key
 */
function keySource(t, key) {
  const made = sourceFixture(t, { ...ISSUER, key: /** @type {any} */ (key) });
  const expiring = () => made.events.filter(({ type }) => type === "expiring");
  return { ...made, expiring };
}

const ISSUER = { issuer: "https://idp.example" };

test("a key file's end is told 30 and 7 days ahead, once each", async (t) => {
  const { expiresAt, key } = ending(31);
  const { source, server, expiring } = keySource(t, key);
  server.expiresIn = 6 * 3600;
  const get = async (/** @type {number} */ days) => {
    await advance(days * DAY);
    await settled(source.get());
  };

  await get(0);
  assert.deepEqual(expiring(), []);
  await get(1);
  const month = { type: "expiring", what: "key", expiresAt, withinDays: 30 };
  assert.deepEqual(expiring(), [month]);
  for (let day = 2; day < 24; day += 1) await get(1);
  assert.deepEqual(expiring(), [month]);
  await get(1);
  const week = { ...month, withinDays: 7 };
  assert.deepEqual(expiring(), [month, week]);
  for (let day = 25; day < 30; day += 1) await get(1);
  assert.deepEqual(expiring(), [month, week]);
});

test("a key that ends within a week is told once, not for both thresholds", async (t) => {
  const { expiresAt, key } = ending(3);
  const { source, server, expiring } = keySource(t, key);
  server.expiresIn = 60;
  await settled(source.get());
  await advance(3_600_000);
  await settled(source.get());
  assert.deepEqual(expiring(), [{ type: "expiring", what: "key", expiresAt, withinDays: 7 }]);
});

test("another key is told anew, and one without an end never", async (t) => {
  const keys = [ending(5), ending(6)];
  const never = keyFiles({ expirationDate: "9999-12-31T23:59:59Z" }).user;
  const given = [keys[0].key, keys[1].key, never];
  const { source, server, expiring } = keySource(t, () => given[0]);
  server.expiresIn = 60;
  const refusal = { status: 400, body: { error: "invalid_grant" } };
  await settled(source.get());
  for (let i = 0; i < 2; i += 1) {
    given.shift();
    server.script.push(refusal);
    await advance(3_600_000);
    await settled(source.get());
  }
  assert.deepEqual(
    expiring().map((event) => event.type === "expiring" && event.expiresAt),
    keys.map(({ expiresAt }) => expiresAt),
  );
});

test("a secret, and a key that says no end, are never told", async (t) => {
  const { source, expiring } = keySource(t, keyFiles().user);
  await settled(source.get());
  assert.deepEqual(expiring(), []);
});

test("a verifier tells the end of the key by which it introspects", async (t) => {
  takeTime(t);
  const expiresAt = START + 20 * DAY;
  const expirationDate = new Date(expiresAt).toISOString();
  /** @type {import("edge-credentials").SourceEvent[]} */
  const events = [];
  const { verify } = tokenVerifier({
    ...ISSUER,
    audience: "1",
    introspectionEndpoint: `${ISSUER.issuer}/introspect`,
    introspection: { key: keyFiles({ expirationDate }).application },
    fetch: async () => Response.json({ active: true, aud: "1", sub: "2" }),
    onEvent: (event) => events.push(event),
  });
  await settled(verify("an-opaque-one"));
  await settled(verify("another-opaque-one"));
  const expiring = events.filter(({ type }) => type === "expiring");
  assert.deepEqual(expiring, [{ type: "expiring", what: "key", expiresAt, withinDays: 30 }]);
});

// @ts-check
// How many sources and verifiers are kept: in a file of its own, since the number is the process's.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenSource, tokenVerifier } from "edge-credentials";
import { settle } from "../../support/clock.js";

const ISSUER = "https://idp.example";

test("what is dropped tells its listener; `maxInstances` keeps more, and the largest number counts", async () => {
  /** @type {unknown[]} */
  const events = [];
  const onEvent = (/** @type {unknown} */ event) => events.push(event);
  const verifier = () => tokenVerifier({ issuer: ISSUER, audience: "first", onEvent });
  const source = () =>
    tokenSource({ issuer: ISSUER, clientId: "first", clientSecret: "s", onEvent });
  const other = (/** @type {number} */ n, options = {}) =>
    tokenVerifier({ issuer: ISSUER, audience: `${n}`, ...options });
  const [firstVerifier, firstSource] = [verifier(), source()];

  for (let n = 0; n < 998; n += 1) other(n);
  assert.deepEqual([verifier(), source()], [firstVerifier, firstSource], "1,000 are kept");
  for (let n = 998; n < 1_998; n += 1) other(n);
  await settle();
  assert.deepEqual(events, [
    { type: "drop", what: "verifier" },
    { type: "drop", what: "source" },
  ]);
  assert.notEqual(verifier(), firstVerifier);

  const kept = [verifier(), source()];
  other(0, { maxInstances: 3_000 });
  for (let n = 2_000; n < 4_900; n += 1) other(n, n % 2 === 0 ? { maxInstances: 1 } : {});
  assert.deepEqual([verifier(), source()], kept);
  await settle();
  assert.equal(events.length, 2);
  // The one that was dropped goes on.
  assert.equal(typeof firstVerifier.verify, "function");
});

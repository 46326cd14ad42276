// @ts-check
// What somebody who means harm tries: by a polluted prototype, by requests, and where the issuer itself is in trouble.
import assert from "node:assert/strict";
import test from "node:test";
import { failure } from "./api.js";
import { advance, outcome, waitForWebCrypto, watch } from "./source.js";
import { AUDIENCE, claimsOf, CLIENT, issuer, jwt, makeKey } from "./verifier.js";

waitForWebCrypto();

/** @template T @param {Promise<T>} promise */
async function settled(promise) {
  const watched = watch(promise);
  await outcome(watched);
  if (watched.error) throw watched.error;
  return /** @type {T} */ (watched.value);
}
/** @param {() => Promise<unknown>} run @param {string} code */
const fails = (run, code) => failure(() => settled(run()), code);

/**
 * Runs it while every object has a member that is not its own.
 * @param {string} name
 * @param {unknown} value
 * @param {() => Promise<unknown>} run
 */
async function polluted(name, value, run) {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

test("a polluted prototype brings neither keys nor claims where the issuer gave none", async (t) => {
  const { it, verifier } = issuer(t, { introspection: CLIENT });
  await settled(verifier.verify(it.jwt()));
  const own = makeKey("ES256");
  const key = { keyId: own.kid, algorithms: ["ES256"], jwk: { kty: "EC", crv: "P-256", x: own.jwk.x, y: own.jwk.y }, text: "" };
  const value = { keys: [key], texts: new Set(), claims: { active: true, aud: AUDIENCE } };
  it.introspect = () => ({ status: 500, body: "" });
  await polluted("value", value, async () => {
    await fails(() => verifier.verify(jwt(own, claimsOf())), "key_unknown");
    await fails(() => verifier.verify("made-up"), "server_failed");
  });
  await polluted("pause", 1, async () => {
    await fails(() => verifier.verify("made-up-too"), "server_failed");
    assert.equal(it.introspections(), 2);
  });
});

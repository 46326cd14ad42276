// @ts-check
// Token verifiers: what they take, what they ask for, what they answer.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { failure } from "./api.js";
import { advance, outcome, settle, waitForWebCrypto, watch } from "./source.js";
import { AUDIENCE, CLIENT, ISSUER, issuer, PROJECT, withToken } from "./verifier.js";

waitForWebCrypto();

/** @template T @param {Promise<T>} promise */
async function settled(promise) {
  const watched = watch(promise);
  await outcome(watched);
  if (watched.error) throw watched.error;
  return /** @type {T} */ (watched.value);
}

test("a JWT is checked by the issuer's keys, once", async (t) => {
  const { it, verifier, requests } = issuer(t);
  const token = it.jwt({ [`urn:zitadel:iam:org:project:${PROJECT}:roles`]: { admin: { 1: "acme.localhost" } } });
  const claims = await settled(verifier.verify(withToken(token)));
  assert.equal(claims.sub, "317905284016374539");
  assert.deepEqual(requests.map(({ path }) => path), ["/.well-known/openid-configuration", "/oauth/v2/keys"]);
  assert.equal(await verifier.verify(token), claims);
  assert.equal(requests.length, 2);
  assert.ok(Object.isFrozen(claims) && Object.isFrozen(claims.aud));
});

test("an opaque token is asked about, once a minute", async (t) => {
  const { it, verifier, requests } = issuer(t, { introspection: CLIENT });
  const token = it.opaque();
  const claims = await settled(verifier.verify(withToken(token)));
  assert.equal(claims.username, "edge");
  assert.deepEqual(requests.map(({ path }) => path), ["/.well-known/openid-configuration", "/oauth/v2/introspect"]);
  assert.equal(await verifier.verify(token), claims);
  assert.equal(requests.length, 2);
  await advance(61_000);
  it.active.delete(token);
  const error = await failure(() => settled(verifier.verify(token)), "token_inactive");
  assert.equal(verifier.challenge(error).status, 401);
  assert.equal(it.introspections(), 2);
});

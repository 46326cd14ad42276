// @ts-check
// The token verifier where WebCrypto lacks an algorithm: an issuer whose keys the runtime cannot
// use is a matter of configuration, not of the token.
import assert from "node:assert/strict";
import { sign } from "node:crypto";
import test from "node:test";
import { base64url, jwt, makeKey } from "../../support/keys/jwt.js";
import { claimsOf, verifierFixture, withToken } from "../../support/fixtures/token-verifier.js";
import { generateKey } from "../../../../www/server/generate-key.js";

/**
 * @param {import("node:test").TestContext} t
 * @param {string} curve
 */
function lack(t, curve) {
  const { importKey } = crypto.subtle;
  t.mock.method(
    crypto.subtle,
    "importKey",
    /** @param {any[]} given */ (...given) => {
      if (given[2].namedCurve === curve)
        return Promise.reject(new DOMException("d: canary", "NotSupportedError"));
      return Reflect.apply(importKey, crypto.subtle, given);
    },
  );
}

test("the only key is of a curve that the runtime lacks: our fault, not the token's, and it says what to do", async (t) => {
  const { server, verifier } = verifierFixture(t);
  server.key = makeKey("ES512");
  server.keys = { keys: [server.key.jwk] };
  lack(t, "P-521");
  for (const token of [server.jwt(), server.jwt()]) {
    const error = await verifier.verify(withToken(token)).catch((error) => error);
    const { code, category, retryable, cause } = error;
    assert.deepEqual(
      { code, category, retryable, cause: cause.name },
      { code: "option_invalid", category: "misuse", retryable: false, cause: "NotSupportedError" },
    );
    assert.match(error.hint, /sign by RS256 or ES256/);
    assert.doesNotMatch(JSON.stringify(error) + error.message + JSON.stringify(cause), /canary/);
    const { status, headers } = verifier.challenge(error);
    assert.deepEqual([status, headers.get("www-authenticate")], [500, null]);
  }
});

test("tokens by the issuer's other keys are taken", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const other = makeKey("ES512");
  server.keys = { keys: [other.jwk, server.key.jwk] };
  lack(t, "P-521");
  await assert.rejects(verifier.verify(jwt(other, claimsOf())), { code: "option_invalid" });
  assert.equal((await verifier.verify(server.jwt())).jti, "V2_1");
});

test("a forged token is the caller's fault, though one of the keys cannot be used", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const broken = makeKey("ES512");
  const other = makeKey("ES512");
  server.keys = { keys: [broken.jwk, other.jwk] };
  const { importKey } = crypto.subtle;
  t.mock.method(
    crypto.subtle,
    "importKey",
    /** @param {any[]} given */ (...given) =>
      given[1].x === broken.jwk.x
        ? Promise.reject(new DOMException("", "DataError"))
        : Reflect.apply(importKey, crypto.subtle, given),
  );
  const { alg } = broken;
  const forged = jwt(makeKey("ES512"), claimsOf(), { alg, typ: "JWT" });
  const error = await verifier.verify(forged).catch((error) => error);
  assert.equal(error.code, "token_invalid");
  assert.equal(verifier.challenge(error).status, 401);
  const good = jwt(other, claimsOf(), { alg, typ: "JWT" });
  assert.equal((await verifier.verify(good)).jti, "V2_1");
});

test("a key that cannot be used stands in nobody's way: without a `kid` the next one is tried", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const broken = makeKey("ES256");
  server.keys = { keys: [broken.jwk, server.key.jwk] };
  const { importKey } = crypto.subtle;
  t.mock.method(
    crypto.subtle,
    "importKey",
    /** @param {any[]} given */ (...given) => {
      if (given[1].x === broken.jwk.x) return Promise.reject(new DOMException("", "DataError"));
      return Reflect.apply(importKey, crypto.subtle, given);
    },
  );
  assert.equal((await verifier.verify(server.jwt({}, { kid: undefined }))).jti, "V2_1");
});

test("Ed448 is told as unsupported: WebCrypto lacks it, and `EdDSA` is its name too", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const privateKey = generateKey("ed448");
  const { d, ...jwk } = privateKey.export({ format: "jwk" });
  server.keys = { keys: [{ ...jwk, kid: "448", alg: "EdDSA" }, server.key.jwk] };
  for (const alg of ["EdDSA", "Ed25519"]) {
    const input = [{ alg, kid: "448" }, claimsOf()]
      .map((part) => base64url(JSON.stringify(part)))
      .join(".");
    const token = `${input}.${base64url(sign(null, Buffer.from(input), privateKey))}`;
    const { code, message } = await verifier.verify(token).catch((error) => error);
    assert.deepEqual(
      [code, message],
      ["token_invalid", "the token is signed with Ed448, which is not supported"],
    );
  }
  const named = jwt(server.key, claimsOf(), { alg: "Ed448" });
  const { code, hint } = await verifier.verify(named).catch((error) => error);
  assert.equal(code, "token_invalid");
  assert.match(hint, /Ed25519/);
  assert.equal((await verifier.verify(server.jwt())).jti, "V2_1", "its key is in nobody's way");
});

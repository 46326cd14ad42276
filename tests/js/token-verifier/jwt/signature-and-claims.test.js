// @ts-check
// A JWT's claims are judged while its signature is verified: which of the two is told, and what
// becomes of the other.
import assert from "node:assert/strict";
import test from "node:test";
import { settle } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { base64url, jwt, makeKey } from "../../support/keys/jwt.js";
import { watch } from "../../support/promises.js";
import {
  AUDIENCE,
  claimsOf,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

/**
 * Claims that are no good, with the code that a good signature gives them.
 *
 * @type {[Record<string, unknown> | string, string][]}
 */
const BAD = [
  [claimsOf({ exp: 1 }, 0), "token_expired"],
  [claimsOf({ aud: "other" }, 0), "audience_refused"],
  [claimsOf({ iss: "https://other.example" }, 0), "token_invalid"],
  [claimsOf({ nonce: "n" }, 0), "token_invalid"],
  ["no JSON", "token_invalid"],
  ["[".repeat(5_000), "token_invalid"],
  [`{"__proto__":1,"__proto__":2}`, "token_invalid"],
];

/**
 * An issuer whose keys the verifier has already.
 *
 * @param {import("node:test").TestContext} t
 */
async function withKeys(t) {
  const fixture = verifierFixture(t);
  await fixture.verifier.verify(fixture.server.jwt());
  return fixture;
}

// A rejection that nobody hears fails the test too.
test("of a forged token that also says what is no good, the signature is told", async (t) => {
  const { server, verifier } = await withKeys(t);
  const stranger = makeKey("ES256", server.key.kid);
  for (const [claims, code] of BAD) {
    const { message } = await failure(
      () => verifier.verify(jwt(stranger, claims)),
      "token_invalid",
    );
    assert.equal(message, "the token's signature is not of the issuer's key");
    const signed = await failure(() => verifier.verify(jwt(server.key, claims)), code);
    assert.notEqual(signed.message, message);
    await settle();
  }
});

test("where WebCrypto fails, that is told, whatever the claims are, and it may throw at once", async (t) => {
  const { server, verifier } = await withKeys(t);
  const fails = [
    () => Promise.reject(new DOMException("", "OperationError")),
    () => {
      throw new TypeError("not here");
    },
  ];
  for (const fail of fails) {
    const mocked = t.mock.method(crypto.subtle, "verify", fail);
    for (const claims of [claimsOf(), ...BAD.map(([claims]) => claims)]) {
      const { message } = await failure(
        () => verifier.verify(jwt(server.key, claims)),
        "option_invalid",
      );
      assert.equal(message, "the runtime does not verify by the issuer's key");
      await settle();
    }
    mocked.mock.restore();
  }
});

test("good claims are believed no earlier than the signature", async (t) => {
  const { server, verifier } = await withKeys(t);
  const token = server.jwt({ jti: "late" });
  /** @type {(isRight: boolean) => void} */
  let end = () => {};
  const pending = () =>
    new Promise((done) => {
      end = done;
    });
  const mocked = t.mock.method(crypto.subtle, "verify", pending);
  const first = watch(verifier.verify(token));
  const second = watch(verifier.verify(token));
  await settle();
  assert.deepEqual([first.done, second.done, mocked.mock.callCount()], [false, false, 2]);
  end(false);
  await settle();
  assert.deepEqual([first.done, second.error?.code], [false, "token_invalid"]);
  mocked.mock.restore();
  assert.equal((await verifier.verify(token)).jti, "late");
});

test("where the keys are in hand no timer is set", async (t) => {
  const { server, verifier } = await withKeys(t);
  const forged = () => verifier.verify(jwt(makeKey("ES256", server.key.kid), claimsOf()));
  // After the first one the issuer is asked, since it may have another key of this name.
  await failure(forged, "token_invalid");
  const { mock: setTimer } = t.mock.method(globalThis, "setTimeout");
  try {
    await verifier.verify(server.jwt({ jti: "2" }));
    await failure(forged, "token_invalid");
    assert.equal(setTimer.callCount(), 0);
    // Of a key that nobody knows, for which the issuer is asked.
    await failure(() => verifier.verify(jwt(makeKey(), claimsOf())));
    assert.notEqual(setTimer.callCount(), 0);
  } finally {
    setTimer.restore();
  }
});

test("claims with members of prototypes' names are the token's own, and frozen through and through", async (t) => {
  const { server, verifier } = await withKeys(t);
  const text = JSON.stringify(claimsOf()).replace(
    "{",
    `{"__proto__":{"admin":[{}]},"constructor":{"prototype":[]},"toJSON":null,`,
  );
  const claims = /** @type {any} */ (await verifier.verify(jwt(server.key, text)));
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
  assert.deepEqual(Object.getOwnPropertyDescriptor(claims, "__proto__")?.value, { admin: [{}] });
  const all = [
    claims,
    claims["__proto__"],
    claims["__proto__"].admin,
    claims["__proto__"].admin[0],
    claims.constructor,
    claims.constructor.prototype,
  ];
  assert.deepEqual(
    all.map(Object.isFrozen),
    all.map(() => true),
  );
  assert.equal(/** @type {any} */ ({}).admin, undefined);
});

test("a `kid` of any letters is the one that the issuer has, and no other", async (t) => {
  const kids = [
    "",
    " ",
    "a b",
    " a",
    "!",
    "-ES256",
    "é€😀",
    '\u0000"\\',
    "undefined",
    "__proto__",
    "\ufeffx",
  ];
  const { server, verifier } = verifierFixture(t);
  const keys = kids.map((kid) => makeKey("ES256", kid));
  server.keys = { keys: keys.map(({ jwk }) => jwk) };
  for (const key of keys)
    assert.equal((await verifier.verify(jwt(key, claimsOf({ jti: key.kid })))).jti, key.kid);
  for (const kid of kids)
    await failure(() => verifier.verify(jwt(makeKey("ES256", kid), claimsOf())), "token_invalid");
  assert.equal(server.keyRequests(), 2, "once after all bad signatures");
});

test("a signature of any length is decoded to its last byte, and the token stays what it was", async (t) => {
  const { server, verifier } = verifierFixture(t);
  // 64, 96, 132 and 256 bytes: with one symbol left over, none, none and two.
  const keys = ["ES256", "ES384", "ES512", "RS256", "EdDSA"].map((alg) => makeKey(alg, alg));
  server.keys = { keys: keys.map(({ jwk }) => jwk) };
  const checks = t.mock.method(crypto.subtle, "verify");
  for (const key of keys) {
    const token = jwt(key, claimsOf({ aud: [AUDIENCE], iss: ISSUER }));
    const claims = await verifier.verify(token);
    const [, , signature, input] = checks.mock.calls.at(-1)?.arguments ?? [];
    assert.deepEqual(
      [input, signature].map((bytes) =>
        Buffer.from(/** @type {Uint8Array} */ (bytes)).toString("latin1"),
      ),
      [
        token.slice(0, token.lastIndexOf(".")),
        Buffer.from(token.split(".")[2], "base64url").toString("latin1"),
      ],
    );
    assert.equal(await verifier.verify(token), claims);
    const last = Buffer.from(token.split(".")[2], "base64url");
    last[last.length - 1] ^= 1;
    await failure(
      () => verifier.verify(`${token.slice(0, token.lastIndexOf("."))}.${base64url(last)}`),
      "token_invalid",
    );
  }
  assert.equal(checks.mock.callCount(), 2 * keys.length);
});

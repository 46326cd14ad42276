// @ts-check
// The core traps while a JWT's signature is being verified: that is our own trouble, it lets
// nothing in, and the next call works.
import assert from "node:assert/strict";
import test from "node:test";
import { placeOf } from "../../support/core/core-place.js";

const JUDGE_JWT = placeOf("judgeJwt");
const READ_HEADER = placeOf("readHeader");

let instances = 0;
/** Which of the next calls that judge claims traps, and whether the next that reads a header does. */
let trapsAt = 0;
let trapsAtHeader = false;
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]) {
    instances += 1;
    const { exports } = new Instance(module, imports);
    const call = (/** @type {unknown[]} */ ...given) => {
      if (given[0] === JUDGE_JWT) trapsAt -= 1;
      const traps =
        given[0] === JUDGE_JWT ? trapsAt === 0 : given[0] === READ_HEADER && trapsAtHeader;
      if (traps) throw new WebAssembly.RuntimeError("unreachable");
      return Reflect.apply(/** @type {Function} */ (exports.call), undefined, given);
    };
    return { exports: { ...exports, call } };
  },
});
const { failure } = await import("../../support/errors.js");
const { jwt, makeKey } = await import("../../support/keys/jwt.js");
const { claimsOf, verifierFixture } = await import("../../support/fixtures/token-verifier.js");

test("a trap while claims are judged is told where the signature is good, and forgotten where it is not", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await verifier.verify(server.jwt());
  const token = server.jwt({ jti: "2" });
  const forged = jwt(makeKey("ES256", server.key.kid), claimsOf());
  for (const [input, code] of /** @type {const} */ ([
    [token, "internal"],
    [forged, "token_invalid"],
  ])) {
    const before = instances;
    trapsAt = 1;
    const error = await failure(() => verifier.verify(input), code);
    assert.equal(instances, before + 1);
    if (code === "internal") assert.equal(verifier.challenge(error).status, 500);
    await failure(() => verifier.verify(forged), "token_invalid");
    assert.equal((await verifier.verify(server.jwt({ jti: code }))).jti, code);
  }
  assert.equal((await verifier.verify(token)).jti, "2");
});

test("a trap in the middle of one check harms none beside it", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await verifier.verify(server.jwt());
  const tokens = ["1", "2", "3", "4"].map((jti) => server.jwt({ jti }));
  // The claims of the second.
  trapsAt = 2;
  const results = await Promise.allSettled(tokens.map((token) => verifier.verify(token)));
  assert.deepEqual(
    results.map((result) =>
      result.status === "fulfilled" ? result.value.jti : result.reason.code,
    ),
    ["1", "internal", "3", "4"],
  );
});

test("a trap while a header is read is told, and the next token with this header is verified", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await verifier.verify(server.jwt());
  const token = jwt(server.key, claimsOf({ jti: "2" }), {
    alg: server.key.alg,
    kid: server.key.kid,
    typ: "at+jwt",
  });
  trapsAtHeader = true;
  const error = await failure(() => verifier.verify(token), "internal");
  assert.equal(verifier.challenge(error).status, 500);
  trapsAtHeader = false;
  assert.equal((await verifier.verify(token)).jti, "2");
});

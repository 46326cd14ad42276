// @ts-check
// The core traps while a JWT's signature is being verified: that is our own trouble, it lets
// nothing in, and the next call works.
import assert from "node:assert/strict";
import test from "node:test";

let instances = 0;
/** Of the calls to come, which one traps: 1 reads the token, 2 judges its claims. */
let trapsAt = 0;
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]) {
    instances += 1;
    const { exports } = new Instance(module, imports);
    const run = (/** @type {unknown[]} */ ...given) => {
      trapsAt -= 1;
      if (trapsAt === 0) throw new WebAssembly.RuntimeError("unreachable");
      return Reflect.apply(/** @type {Function} */ (exports.run), undefined, given);
    };
    return { exports: { ...exports, run } };
  },
});
// The package makes its instance when it is imported.
const { failure } = await import("../support/errors.js");
const { jwt, makeKey } = await import("../support/jwt.js");
const { claimsOf, verifierFixture } = await import("../support/token-verifier-fixture.js");

test("a trap while claims are judged is told where the signature is good, and forgotten where it is not", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await verifier.verify(server.jwt());
  const token = server.jwt({ jti: "2" });
  const forged = jwt(makeKey("ES256", server.key.kid), claimsOf());
  for (const [at, input, code] of /** @type {const} */ ([
    [1, token, "internal"],
    [2, token, "internal"],
    [1, forged, "internal"],
    [2, forged, "token_invalid"],
  ])) {
    const before = instances;
    trapsAt = at;
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
  trapsAt = 4;
  const results = await Promise.allSettled(tokens.map((token) => verifier.verify(token)));
  assert.deepEqual(
    results.map((result) =>
      result.status === "fulfilled" ? result.value.jti : result.reason.code,
    ),
    ["1", "internal", "3", "4"],
  );
});

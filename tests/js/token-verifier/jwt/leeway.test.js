// @ts-check
// When a JWT begins and ends, to the millisecond: by default clocks may be 30 s apart.
import assert from "node:assert/strict";
import test from "node:test";
import { advance } from "../../support/clock.js";
import { atOnce } from "../../support/promises.js";
import { verifierFixture } from "../../support/fixtures/token-verifier.js";
import { countChecks, refused } from "../../support/verification.js";

/** @type {[given: number | undefined, leeway: number][]} */
const LEEWAYS = [
  [undefined, 30_000],
  [0, 0],
  [1, 1],
  [1_500, 1_500],
  [300_000, 300_000],
];

for (const [given, leeway] of LEEWAYS) {
  const options = given === undefined ? {} : { leeway: given };
  const words = given === undefined ? "by default" : `with a leeway of ${given} ms`;

  test(`a JWT ends ${leeway} ms after its \`exp\` ${words}`, async (t) => {
    const { server, verifier } = verifierFixture(t, options);
    const [known, unseen] = ["V2_1", "V2_2"].map((jti) =>
      server.jwt({ jti, exp: Math.floor(Date.now() / 1000) + 10 }),
    );
    await verifier.verify(known);
    await advance(10_000 + leeway - 1);
    if (leeway > 0) for (const token of [known, unseen]) await atOnce(verifier.verify(token));
    await advance(1);
    for (const token of [known, unseen])
      await refused(verifier, () => verifier.verify(token), "token_expired");
  });

  for (const claim of ["nbf", "iat"]) {
    test(`a JWT begins ${leeway} ms before its \`${claim}\` ${words}`, async (t) => {
      const { server, verifier } = verifierFixture(t, options);
      const token = server.jwt({ [claim]: Math.floor(Date.now() / 1000) + 400 });
      await advance(400_000 - leeway - 1);
      await refused(verifier, () => verifier.verify(token), "token_expired");
      // A refusal is not remembered.
      await advance(1);
      await atOnce(verifier.verify(token));
    });
  }
}

test("between `exp` and the end of the leeway a JWT is looked at each time", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt({ exp: Math.floor(Date.now() / 1000) + 10 });
  await verifier.verify(token);
  const checks = countChecks(t);
  await advance(9_999);
  await atOnce(verifier.verify(token));
  assert.equal(checks(), 0);
  await advance(1);
  for (let n = 1; n < 4; n += 1) {
    await atOnce(verifier.verify(token));
    assert.equal(checks(), n);
  }
});

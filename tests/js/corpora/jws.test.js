// @ts-check
// Project Wycheproof's JWS and JWK through `tokenVerifier`. Their payloads are no claims: a good
// signature is told by WebCrypto's yes, and the token is refused all the same.
import assert from "node:assert/strict";
import test from "node:test";
import { join } from "node:path";
import { root } from "../../../scripts/run.js";
import { readJson } from "./crates.js";
import { judge, verifierOf } from "./signed-bytes.js";

/**
 * @type {{
 *   groups: {
 *     name: string;
 *     keys: Record<string, unknown>[];
 *     tests: { name: string; jws: string; result: string }[];
 *   }[];
 * }}
 */
const { groups } = readJson(join(root, "tests/vectors/wycheproof/jws.json"));

/** What is judged otherwise here, and why. */
const OTHERWISE = {
  // The key is marked for another algorithm, or for `ES521`, which is none (RFC 7518 section 3.1).
  refused: ["346 Figure20", "347 Figure27", "350 Figure20", "351 Figure27"],
  // A weak key that the issuer itself gives out; no runtime looks for it. The token is refused all the
  // same, for its payload.
  passed: ["7 rejectsKeyWithRocaVulnerability"],
  // A point on no curve: the runtime refuses the key, which is the issuer's fault and not the caller's.
  unusable: ["22 rejectsModifiedKey"],
};

/** How many vectors a verifier judged, and how many have keys that no verifier takes. */
const counts = { groups: 0, judged: 0, unfit: 0, secret: 0 };

for (const { name, keys, tests } of groups) {
  test(name, async () => {
    const verifier = verifierOf(keys);
    const isPublic = keys.every(({ kty }) => kty !== "oct");
    counts.groups += 1;
    const unjudged = isPublic ? "unfit" : "secret";
    counts[verifier ? "judged" : unjudged] += tests.length;
    for (const { name: what, jws, result } of tests) {
      if (!verifier) continue;
      const { error, passed } = await judge(verifier, jws);
      const codes = OTHERWISE.unusable.includes(what)
        ? /^option_invalid$/
        : /^token_(invalid|malformed|missing)$|^key_unknown$/;
      assert.match(error?.code, codes, what);
      if (result === "invalid" && !OTHERWISE.passed.includes(what))
        assert.ok(!passed, `${what}: the signature counts as good`);
      else if (isPublic && !OTHERWISE.refused.includes(what))
        assert.ok(passed, `${what}: ${error.message}`);
    }
    if (verifier || !isPublic) return;
    // Of keys by which nothing is verified here, no vector is good.
    const isExpected = (/** @type {{ name: string; result: string }} */ test) =>
      test.result === "invalid" || OTHERWISE.refused.includes(test.name);
    assert.ok(tests.every(isExpected), "no key is taken");
  });
}

test("no vector was left out", () => {
  assert.deepEqual(counts, { groups: 48, judged: 146, unfit: 14, secret: 54 });
});

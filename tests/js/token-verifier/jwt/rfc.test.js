// @ts-check
// The examples of RFC 7515, 7520 and 8037, through the code that verifies tokens. Few of them have
// claims that an access token has, so it is what WebCrypto is given, and what it says, that is
// looked at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { failure } from "../../support/errors.js";
import { resigned, signatureOf } from "./forged/keys.js";
import { importSources } from "../../support/core/sources.js";

const [, { readToken }, { verifySignature }, { fittingKeys, keySet }] = await importSources(
  "pkg/src/entries/inline.ts",
  "pkg/src/token-verifier/jwt.ts",
  "pkg/src/token-verifier/signature.ts",
  "pkg/src/token-verifier/jwks.ts",
);

/**
 * @typedef {{
 *   name: string;
 *   source: string;
 *   token: string;
 *   key: Record<string, unknown>;
 *   jwt?: { algorithm: string } | null;
 *   error?: { code: string };
 * }} Vector
 */

/** @type {{ cases: Vector[] }} */
const { cases } = JSON.parse(
  readFileSync(new URL("../../../vectors/verify/jwt.json", import.meta.url), "utf8"),
);
const vectors = cases.filter(({ source }) => /^RFC (7515|7520|8037) /.test(source));
const signed = vectors.filter(({ jwt }) => jwt);

/**
 * What WebCrypto says of a token's signature, by the keys that are given.
 *
 * @type {(
 *   t: import("node:test").TestContext,
 *   token: string,
 *   keys: Record<string, unknown>[],
 * ) => Promise<boolean[]>}
 */
async function signatureResults(t, token, given) {
  /** @type {boolean[]} */
  const results = [];
  const own = crypto.subtle.verify.bind(crypto.subtle);
  const mocked = t.mock.method(
    crypto.subtle,
    "verify",
    async (/** @type {Parameters<typeof own>} */ ...args) => {
      const isRight = await own(...args);
      results.push(isRight);
      return isRight;
    },
  );
  const jwt = readToken(token);
  assert.ok(jwt);
  const keys = keySet({
    resolveUrl: async () => "https://idp.example/keys",
    insecureHttp: false,
    fetch: async () => Response.json({ keys: given }),
    report() {},
    onFailure() {},
  });
  const fitting = fittingKeys(jwt.header.encoded, await keys.get(10_000));
  const key = await verifySignature(jwt, fitting.keys);
  assert.equal(key !== undefined, results.includes(true));
  mocked.mock.restore();
  return results;
}

test("the vectors are those that the RFCs have", () => {
  assert.deepEqual(
    vectors.map(({ source }) => source),
    [
      "RFC 7515 appendix A.1",
      "RFC 7515 appendix A.2",
      "RFC 7515 appendix A.3",
      "RFC 7515 appendix A.4",
      "RFC 7515 appendix A.5",
      "RFC 7520 section 4.1",
      "RFC 7520 section 4.2",
      "RFC 7520 section 4.3",
      "RFC 7520 section 4.4",
      "RFC 8037 appendix A.4",
    ],
  );
});

for (const { name, source, token, key } of signed) {
  test(`${source}, ${name}: the signature is good, and with any byte changed it is not`, async (t) => {
    assert.deepEqual(await signatureResults(t, token, [key]), [true]);
    const signature = signatureOf(token);
    for (const at of signature.keys()) {
      const changed = Buffer.from(signature);
      changed[at] ^= 1 << (at % 8);
      assert.deepEqual(
        await signatureResults(t, resigned(token, changed), [key]),
        [false],
        `byte ${at}`,
      );
    }
    // One bit of what is signed.
    const [head, payload, mac] = token.split(".");
    const bytes = Buffer.from(payload, "base64url");
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 1 << (at % 8);
      assert.deepEqual(
        await signatureResults(t, `${head}.${changed.toString("base64url")}.${mac}`, [key]),
        [false],
        `byte ${at} of the payload`,
      );
    }
  });

  test(`${source}, ${name}: the key is found among those of the others`, async (t) => {
    const others = signed
      .map((vector) => vector.key)
      .filter(({ n, x }) => (n ?? x) !== (key.n ?? key.x));
    const results = await signatureResults(t, token, [...others, key]);
    assert.equal(results.indexOf(true), results.length - 1);
  });
}

for (const { name, source, token, error } of vectors.filter(({ jwt }) => !jwt)) {
  test(`${source}: ${name}`, async () => {
    assert.equal((await failure(() => readToken(token))).code, error?.code);
  });
}

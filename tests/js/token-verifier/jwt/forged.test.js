// @ts-check
// Forged and mangled tokens, each refused by the right code and the right answer, at a bounded
// price; good ones taken.
import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { AuthError } from "edge-credentials";
import { withScopeText } from "../../support/keys/claims.js";
import { advance, jump, realTime, settle } from "../../support/clock.js";
import { failure } from "../../support/errors.js";
import { CLIENT, verifierFixture, withToken } from "../../support/fixtures/token-verifier.js";
import { CASES, KEY_SET, KEYS, NAMESAKES } from "./forged/index.js";
import { STRANGER, token as tokenOf } from "./forged/keys.js";

/** @typedef {import("./forged/keys.js").Case} Case */

/** The most keys that are tried for one token. */
const MOST_CANDIDATES = 8;

/**
 * The answer by code: status and challenge.
 *
 * @type {Record<string, [number, string | null]>}
 */
const ANSWERS = {
  token_missing: [401, "Bearer"],
  token_malformed: [400, 'Bearer error="invalid_request"'],
  token_invalid: [401, 'Bearer error="invalid_token"'],
  token_inactive: [401, 'Bearer error="invalid_token"'],
  token_expired: [401, 'Bearer error="invalid_token"'],
  audience_refused: [401, 'Bearer error="invalid_token"'],
  key_unknown: [503, null],
};

const refused = CASES.filter(({ expected }) => expected !== "good");
const good = CASES.filter(({ expected }) => expected === "good");
const isOpaque = (/** @type {string} */ token) => token.split(".").length !== 3;

/**
 * An issuer with the keys of the corpus.
 *
 * @param {import("node:test").TestContext} t
 * @param {Partial<import("../../support/fixtures/token-verifier.js").Options>} [options]
 */
function withKeys(t, options) {
  const { server, verifier, requests } = verifierFixture(t, options);
  server.keys = KEY_SET;
  return { server, verifier, requests };
}

/**
 * What WebCrypto does from now on.
 *
 * @param {import("node:test").TestContext} t
 */
function countWork(t) {
  const count = { verify: 0, importKey: 0 };
  for (const name of /** @type {const} */ (["verify", "importKey"])) {
    const own = /** @type {(...args: any[]) => Promise<any>} */ (crypto.subtle[name]).bind(
      crypto.subtle,
    );
    Reflect.set(crypto.subtle, name, (/** @type {any[]} */ ...args) => {
      count[name] += 1;
      return own(...args);
    });
    t.after(() => Reflect.deleteProperty(crypto.subtle, name));
  }
  return count;
}

/**
 * Every run of eight characters of the texts that are shown, by text, since most errors are shown
 * alike.
 *
 * @type {Map<string, Set<string>>}
 */
const runs = new Map();

/**
 * Neither what a token says nor a piece of it.
 *
 * @type {(error: unknown, answer: Response, token: string, name: string) => void}
 */
function assertHidden(error, answer, token, name) {
  // Whose token was refused is told on purpose, if its signature is good.
  if (error instanceof AuthError) Reflect.deleteProperty(error, "token");
  const shown = [
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
    String(error),
    ...[...answer.headers].flat(),
  ]
    .join("\n")
    // A plain name in `aud` is shown: whoever is refused by it has to see which it is.
    .replaceAll("is meant for `CANARY`", "");
  assert.doesNotMatch(shown, /canary/i, name);
  const known = runs.get(shown) ?? new Set(Array.from(shown, (_, at) => shown.slice(at, at + 8)));
  runs.set(shown, known);
  // But for the one word that is everybody's.
  for (let at = token.startsWith("Bearer ") ? 7 : 0; at + 8 <= token.length; at += 1)
    assert.ok(
      !known.has(token.slice(at, at + 8)),
      `${name}: ${token.slice(at, at + 8)} in ${shown}`,
    );
}

test("the corpus is large, and each of its cases has a name of its own", () => {
  assert.ok(
    refused.length > 1_000 && good.length > 100,
    `${refused.length} refused, ${good.length} good`,
  );
  assert.equal(NAMESAKES, 0);
  assert.deepEqual(
    new Set(CASES.map(({ expected }) => expected)),
    new Set([
      "good",
      "token_missing",
      "token_malformed",
      "token_invalid",
      "token_expired",
      "audience_refused",
      "key_unknown",
    ]),
  );
});

test("each is refused by its code and answered by its status; the good ones say what was signed", async (t) => {
  const { verifier, requests } = withKeys(t);
  const work = countWork(t);
  for (const { name, token, expected } of CASES) {
    const before = work.verify;
    if (expected === "good") {
      const claims = await verifier.verify(token);
      assert.deepEqual(
        claims,
        withScopeText(JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString())),
        name,
      );
    } else {
      const error = await failure(() => verifier.verify(token));
      assert.equal(error.code, expected, `${name}: ${error.message}`);
      const answer = verifier.challenge(error);
      assert.deepEqual(
        [answer.status, answer.headers.get("www-authenticate")],
        ANSWERS[expected],
        name,
      );
      assert.equal(answer.headers.has("retry-after"), answer.status === 503, name);
      assert.equal(answer.headers.get("cache-control"), "no-store", name);
      assertHidden(error, answer, token, name);
    }
    assert.ok(work.verify - before <= 2, `${name}: ${work.verify - before} verifications`);
  }
  // No address that a token names was asked, and no key was made of what it brings.
  assert.deepEqual(
    requests.map(({ path }) => path),
    // The second time after the first bad signature.
    ["/.well-known/openid-configuration", "/oauth/v2/keys", "/oauth/v2/keys"],
  );
  assert.ok(work.importKey <= 2 * KEY_SET.keys.length + 4, `${work.importKey} keys`);
});

test("what is refused once is refused again, and a good token beside it stays good", async (t) => {
  const { verifier } = withKeys(t);
  const token = tokenOf();
  const claims = await verifier.verify(token);
  for (const { name, token: forged, expected } of refused.filter((_, i) => i % 5 === 0)) {
    for (let i = 0; i < 2; i += 1)
      assert.equal((await failure(() => verifier.verify(forged))).code, expected, name);
  }
  assert.equal(await verifier.verify(token), claims);
});

test("a token in a request is judged as the token alone", async (t) => {
  const { server, verifier } = withKeys(t, { introspection: CLIENT });
  const asked = new Set();
  for (const { name, token, expected } of CASES) {
    /** What introspection says of what is no JWT; and a header that says Bearer is not missing. */
    const opaqueCode = expected === "token_invalid" ? "token_inactive" : expected;
    const isAsked = expected === "audience_refused" && namesNobody(token);
    const jwtCode = isAsked ? "token_inactive" : expected;
    const ownCode = isOpaque(token) ? opaqueCode : jwtCode;
    const code = token === "" ? "token_malformed" : ownCode;
    if (code === "token_inactive") asked.add(token);
    for (const input of [request(token), { headers: { authorization: `bearer ${token}` } }]) {
      // The whitespace around a header's value is not of it.
      if (!input || token !== token.trim()) continue;
      const outcome = await verifier.verify(input).then(
        () => "good",
        (error) => error.code,
      );
      assert.equal(outcome, code, name);
    }
  }
  assert.ok(asked.size > 10);
  assert.equal(server.introspections(), asked.size, "no other JWT is ever asked about");
});

/**
 * `undefined` where no header can hold it.
 *
 * @param {string} token
 */
function request(token) {
  try {
    return withToken(token);
  } catch {
    return undefined;
  }
}

test("a key that the issuer does not have is one of the token's own, once the issuer was asked again", async (t) => {
  const { server, verifier } = withKeys(t);
  const token = tokenOf();
  const claims = await verifier.verify(token);
  const unknown = refused.filter(({ expected }) => expected === "key_unknown");
  assert.ok(unknown.length > 15, String(unknown.length));
  for (const [i, { name, token: forged }] of unknown.entries()) {
    jump(31_000);
    const error = await failure(() => verifier.verify(forged), "token_invalid");
    assert.equal(server.keyRequests(), i + 2, name);
    assert.equal(verifier.challenge(error).status, 401);
    assertHidden(error, verifier.challenge(error), forged, name);
    // Within half a minute nobody is asked, and who sent it may be right.
    const early = await failure(() => verifier.verify(forged), "key_unknown");
    assert.ok(early.retryable && (early.retryAt ?? 0) > Date.now(), name);
    assert.equal(server.keyRequests(), i + 2, name);
    assert.deepEqual(await verifier.verify(token), claims);
  }
});

test("a stranger's tokens stay a stranger's when the issuer rotates its keys", async (t) => {
  const { server, verifier } = withKeys(t);
  await verifier.verify(tokenOf());
  const forged = tokenOf({}, { jwk: STRANGER.jwk }, STRANGER);
  await failure(() => verifier.verify(forged), "token_invalid");
  await failure(() => verifier.verify(forged), "key_unknown");
  server.keys = { keys: [KEYS.es512.jwk] };
  await advance(31_000);
  await failure(() => verifier.verify(forged), "token_invalid");
  // The keys of before are gone with it, those of tokens that were taken as well.
  await failure(() => verifier.verify(tokenOf()), "key_unknown");
  assert.ok(await verifier.verify(tokenOf({}, {}, KEYS.es512)));
});

test("a token without a kid costs eight verifications at most, however many keys there are", async (t) => {
  const { server, verifier } = withKeys(t);
  const work = countWork(t);
  server.keys = {
    keys: Array.from({ length: 100 }, (_, i) => ({ ...STRANGER.jwk, kid: `key-${i}` })),
  };
  await failure(() => verifier.verify(tokenOf({}, { kid: undefined })), "token_invalid");
  assert.equal(work.verify, MOST_CANDIDATES);
  // A name that many keys have is no way around it.
  server.keys = { keys: Array.from({ length: 100 }, () => ({ ...STRANGER.jwk, kid: "one" })) };
  await advance(400_000);
  await failure(() => verifier.verify(tokenOf({}, { kid: "one" })), "token_invalid");
  assert.equal(work.verify, 2 * MOST_CANDIDATES);
});

/**
 * Hostile texts, of any length.
 *
 * @type {Record<string, (length: number) => string>}
 */
const GROWING = {
  letters: (length) => "A".repeat(length),
  dots: (length) => ".".repeat(length),
  padding: (length) => "A".repeat(length / 2) + "=".repeat(length / 2),
  "padding before a letter": (length) => `A${"=".repeat(length)}A`,
  "letters before what no token has": (length) => `${"A".repeat(length)}!`,
  "two parts": (length) => `${"A".repeat(length / 2)}.${"A".repeat(length / 2)}`,
  "a header of many members": (length) =>
    tokenOf(
      {},
      JSON.stringify({
        alg: "ES256",
        kid: 7,
        ...Object.fromEntries(Array.from({ length: length / 16 }, (_, i) => [`x${i}`, i])),
      }),
    ),
  "a header of one member, again and again": (length) =>
    tokenOf({}, `{${'"a":1,'.repeat(length / 8)}"a":1}`),
  "a header of brackets": (length) => tokenOf({}, "[".repeat(length / 2)),
  "a header of escapes": (length) => tokenOf({}, `{"alg":"${"\\u0041".repeat(length / 8)}"}`),
  "a header of digits": (length) => tokenOf({}, `{"alg":${"9".repeat(length / 2)}}`),
  "a long kid": (length) => tokenOf({}, { kid: "k".repeat(length / 2) }),
};

test("the price of a hostile token grows with its length, and ends where tokens are too long", async (t) => {
  const { verifier } = withKeys(t);
  await verifier.verify(tokenOf());
  for (const [name, make] of Object.entries(GROWING)) {
    const short = await price(verifier, make(1_024));
    const long = await price(verifier, make(12_288));
    const tooLong = await price(verifier, make(2 ** 20));
    assert.ok(
      long < 24 * short,
      `${name}: twelve times as long takes ${(long / short).toFixed(1)} times as long`,
    );
    assert.ok(
      tooLong < 12 * short,
      `${name}: thousand times as long takes ${(tooLong / short).toFixed(1)} times as long`,
    );
  }
  await settle();
});

/**
 * The least time of many, since others share the processor.
 *
 * @type {(
 *   verifier: import("edge-credentials").TokenVerifier,
 *   token: string,
 * ) => Promise<number>}
 */
async function price(verifier, token) {
  let least = Infinity;
  for (let i = 0; i < 30; i += 1) {
    const started = realTime();
    await verifier.verify(token).catch(() => {});
    least = Math.min(least, realTime() - started);
  }
  return least;
}

/**
 * Whether a JWT names no audience, so that the server is asked about it.
 *
 * @param {string} token
 */
function namesNobody(token) {
  const { aud = [] } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  return Array.isArray(aud) && aud.length === 0;
}

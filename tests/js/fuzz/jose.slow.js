// @ts-check
// 5,000 tokens, most of them mutated, for this package and for jose: what is taken here, jose takes
// too, and what jose alone takes is refused for a reason that is on the list.
import assert from "node:assert/strict";
import test from "node:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import { START as NOW } from "../support/clock.js";
import { AUDIENCE, ISSUER, verifierFixture } from "../support/fixtures/token-verifier.js";
import { base64url, jwt } from "../support/keys/jwt.js";
import { randomFrom, START } from "../support/random.js";
import { ALGORITHMS, claims, header, KEY_SET } from "../token-verifier/jwt/forged/keys.js";

const COUNT = 5_000;
const random = randomFrom(START);

const keys = createLocalJWKSet(/** @type {import("jose").JSONWebKeySet} */ (KEY_SET));
const options = {
  issuer: ISSUER,
  audience: AUDIENCE,
  clockTolerance: 30,
  algorithms: ALGORITHMS.map(([alg]) => alg),
  currentDate: new Date(NOW),
};

/** Whether jose takes a token as `JWT`, as `at+jwt`, or without a `typ`. @param {string} token */
async function isTakenByJose(token) {
  for (const typ of ["JWT", "at+jwt", undefined]) {
    const all = { ...options, ...(typ && { typ }) };
    const isTaken = await jwtVerify(token, keys, all).then(
      () => true,
      (error) => isTakenByAnyKey(token, error, all),
    );
    if (isTaken) return true;
  }
  return false;
}

/**
 * Where several keys fit, jose throws, and has its caller try each of them.
 *
 * @type {(
 *   token: string,
 *   error: any,
 *   all: import("jose").JWTVerifyOptions,
 * ) => Promise<boolean>}
 */
async function isTakenByAnyKey(token, error, all) {
  if (error.code !== "ERR_JWKS_MULTIPLE_MATCHING_KEYS") return false;
  for await (const key of error) {
    const isTaken = await jwtVerify(token, key, all).then(
      () => true,
      () => false,
    );
    if (isTaken) return true;
  }
  return false;
}

/**
 * Why this package refuses what jose takes: it reads more strictly, or an access token is more than
 * a signed text (docs/design/verification.md).
 */
const REASONS = [
  "the token's payload names a member twice",
  "the token's header names a member twice",
  "the token is an id_token, not an access token",
  "the token is a logout token or tells of another event, and is not an access token",
  "the token is bound to a key of its holder's (`cnf`), which is not checked here",
  "the token is no access token by its `typ`",
  "the token is no access token by its claim `typ`",
  "the token's `client_id` is not a string",
  "the token's `sub` is not a string",
  "the token's `scope` is not a string of scopes",
  "the token's `aud` is neither a string nor an array of strings",
  "the token has no `exp`",
  // jose does not look at `iat`, unless a greatest age is asked for.
  "the token is not valid yet",
  // `crit`, and `b64` without it (RFC 7797 section 6).
  "the token's header wants an extension of JWS to be understood",
  // Padding and white space, which jose's decoder passes over.
  "the token is empty, or holds characters that no token has",
  "the token's signature is not base64url without padding",
];

const values = [
  undefined,
  null,
  true,
  0,
  -1,
  1e10,
  2 ** 53,
  "",
  "x",
  "JWT",
  "at+jwt",
  "none",
  [],
  ["b64"],
  [AUDIENCE],
  [AUDIENCE, 1],
  {},
  ISSUER,
  `${ISSUER}/`,
  AUDIENCE,
  NOW / 1000,
  NOW / 1000 - 31,
  NOW / 1000 + 31,
];
const CLAIMS = "iss sub aud exp nbf iat client_id scope azp nonce at_hash typ cnf events jti".split(
  " ",
);
const HEADER = "alg kid typ crit b64 jku jwk x5c cty zip".split(" ");

/** A token of any algorithm, good or changed in one of many ways. */
function makeToken() {
  const [alg, key] = random.of(ALGORITHMS);
  const head = header({ ...key, alg });
  const body = claims();
  const how = random.below(10);
  if (how < 3) Reflect.set(body, random.of(CLAIMS), random.of(values));
  if (how === 3 || how === 4) Reflect.set(head, random.of(HEADER), random.of(values));
  // jose keeps what JSON.parse keeps of a member that is there twice.
  const text = JSON.stringify(body);
  const twice = `${text.slice(0, -1)},"${random.of(CLAIMS)}":${JSON.stringify(random.of(values) ?? 1)}}`;
  const token = jwt(key, how === 5 ? twice : text, head);
  return how > 5 && how < 9 ? damaged(token) : token;
}

/** @param {string} token */
function damaged(token) {
  const at = random.below(token.length);
  const parts = token.split(".");
  switch (random.below(7)) {
    case 0:
      return token.slice(0, at);
    case 1:
      return token.slice(0, at) + random.of([..."ABab01-_.=+/ "]) + token.slice(at + 1);
    case 2:
      return token.slice(0, at) + random.of([..."ABab01-_.=+/ "]) + token.slice(at);
    case 3:
      return [...parts.slice(0, 2), base64url(random.bytes(64))].join(".");
    case 4:
      return [...parts].sort(() => random.below(3) - 1).join(".");
    case 5:
      return `${token}${random.of(["=", ".", " ", "A", ".A"])}`;
    default:
      return [parts[0], base64url(JSON.stringify(claims({ sub: "admin" }))), parts[2]].join(".");
  }
}

test(`${COUNT} tokens: what is taken here, jose takes; what jose alone takes has a reason`, async (t) => {
  const { server, verifier } = verifierFixture(t);
  server.keys = KEY_SET;
  const counts = { both: 0, neither: 0, joseAlone: 0 };
  for (let n = 0; n < COUNT; n += 1) {
    const token = makeToken();
    const error = await verifier.verify(token).then(
      () => undefined,
      (thrown) => thrown,
    );
    const isTakenByBoth = await isTakenByJose(token);
    const what = `token ${n} of FUZZ_START=${START}: ${error?.message}`;
    if (!error) assert.ok(isTakenByBoth, `${what}: taken here alone: ${token}`);
    if (!error) counts.both += 1;
    else if (!isTakenByBoth) counts.neither += 1;
    else {
      counts.joseAlone += 1;
      assert.ok(REASONS.includes(error.message), `${what}: taken by jose: ${token}`);
    }
  }
  console.log(JSON.stringify(counts));
  assert.ok(counts.both > COUNT / 10 && counts.neither > COUNT / 4, JSON.stringify(counts));
  // What an unknown key costs is asked for once in a while.
  assert.ok(server.keyRequests() <= 2, `${server.keyRequests()} requests for keys`);
});

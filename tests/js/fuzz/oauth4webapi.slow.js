// @ts-check
// Answers of token endpoints for this package and for oauth4webapi: both read the same token, or the
// difference has a reason (docs/design/servers.md).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as oauth from "oauth4webapi";
import { parseTokenResponse } from "edge-credentials";
import { root } from "../../../scripts/run.js";
import { randomFrom, START } from "../support/random.js";

const COUNT = 5_000;
const NOW = 1_700_000_000_000;
const random = randomFrom(START);

/** @typedef {{ status: number; headers: Record<string, string>; body: string }} Answer */

/** @type {{ cases: { response: Answer }[] }} */
const VECTORS = JSON.parse(readFileSync(`${root}tests/vectors/token_response.json`, "utf8"));
const SEEDS = VECTORS.cases
  .map(({ response }) => response)
  .filter(({ status, body }) => status >= 200 && status < 600 && body.length < 10_000)
  .filter(({ status }) => ![204, 205, 304].includes(status));

const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  "x",
  "3600",
  "Bearer",
  "bearer",
  "DPoP",
  "N_A",
  [],
  {},
];
const NAMES = [
  "access_token",
  "token_type",
  "expires_in",
  "scope",
  "refresh_token",
  "id_token",
  "error",
];

/** @returns {Answer} */
function makeAnswer() {
  const seed = random.of(SEEDS);
  const headers = { "content-type": "application/json", ...seed.headers };
  const answer = { status: seed.status, headers, body: seed.body };
  if (random.oneIn(8)) answer.status = random.of([200, 200, 201, 400, 401, 429, 500, 503]);
  try {
    const members = JSON.parse(seed.body);
    for (let n = random.below(3); n > 0; n -= 1) members[random.of(NAMES)] = random.of(VALUES);
    answer.body = JSON.stringify(members);
  } catch {
    const at = random.below(seed.body.length + 1);
    answer.body = seed.body.slice(0, at) + random.of([...'{}[]":,\\1']) + seed.body.slice(at);
  }
  return answer;
}

const as = { issuer: "https://idp.example", token_endpoint: "https://idp.example/token" };

/** What oauth4webapi reads. @param {Answer} answer */
async function byOauth({ status, headers, body }) {
  const response = new Response(body, { status, headers });
  try {
    return {
      token: await oauth.processClientCredentialsResponse(as, { client_id: "a" }, response),
    };
  } catch (error) {
    return { error: /** @type {Error} */ (error) };
  }
}

/** @param {Answer} answer */
function here(answer) {
  try {
    return { token: parseTokenResponse(answer, { requestedAt: NOW, now: NOW }) };
  } catch (error) {
    return { error: /** @type {import("edge-credentials").AuthError} */ (error) };
  }
}

/** What stands in an answer that oauth4webapi refuses, and servers send. */
function isLenience(/** @type {Answer} */ { status, headers, body }) {
  const members = JSON.parse(body.replace(/^\ufeff/, ""));
  const isPlain =
    status === 200 &&
    headers["content-type"].startsWith("application/json") &&
    typeof members.token_type === "string" &&
    ["bearer", "dpop"].includes(members.token_type.toLowerCase()) &&
    (members.expires_in === undefined ||
      (typeof members.expires_in === "number" && members.expires_in > 0)) &&
    ["scope", "refresh_token", "id_token"].every(
      (name) => members[name] === undefined || typeof members[name] === "string",
    );
  // An id_token, which client credentials have no use for, is not read here.
  return !isPlain || members.refresh_token === "" || "id_token" in members;
}

/** Why what oauth4webapi takes is refused here. */
const REFUSALS = [
  /`access_token`/,
  /token type|`token_type`|DPoP/,
  /`error`|refuses|refused/,
  /names a member twice|not JSON|no JSON/,
];

test(`${COUNT} answers: the same token, or a reason`, async () => {
  const counts = { both: 0, neither: 0, hereAlone: 0, thereAlone: 0 };
  for (let n = 0; n < COUNT; n += 1) {
    const answer = makeAnswer();
    const [ours, theirs] = [here(answer), await byOauth(answer)];
    const what = `answer ${n} of FUZZ_START=${START}: ${JSON.stringify(answer)}`;
    if (ours.token && theirs.token) {
      counts.both += 1;
      assert.equal(ours.token.accessToken, theirs.token.access_token, what);
      const seconds = theirs.token.expires_in;
      // Of a text oauth4webapi reads what parseFloat does, a sign included.
      const isNumber = /"expires_in":\s*\d/.test(answer.body);
      if (seconds !== undefined && isNumber && seconds < 2 ** 31)
        assert.equal(ours.token.expiresAt, NOW + Math.floor(seconds) * 1000, what);
    } else if (ours.token) {
      counts.hereAlone += 1;
      assert.ok(isLenience(answer), `${what}: ${theirs.error?.message}`);
    } else if (theirs.token) {
      counts.thereAlone += 1;
      const { message } = /** @type {Error} */ (ours.error);
      assert.ok(
        REFUSALS.some((reason) => reason.test(message)),
        `${what}: ${message}`,
      );
    } else {
      counts.neither += 1;
    }
  }
  console.log(JSON.stringify(counts));
  assert.ok(counts.both > 200 && counts.neither > 500, JSON.stringify(counts));
});

// @ts-check
// A JWT is remembered with the requirements that it meets: they must never be taken for others.
import assert from "node:assert/strict";
import test from "node:test";
import { advance } from "../../support/clock.js";
import { placeOf } from "../../support/core/core-place.js";
import { failure } from "../../support/errors.js";
import { AUDIENCE, verifierFixture, PROJECT } from "../../support/fixtures/token-verifier.js";
import { countChecks } from "../../support/verification.js";

/** @typedef {import("edge-credentials").Requirements} Requirements */

const JUDGE_JWT = placeOf("judgeJwt");

/** How often the core judged the claims of a JWT. Its instance is made at the first call. */
let judgements = 0;
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]) {
    const { exports } = new Instance(module, imports);
    const call = (/** @type {unknown[]} */ ...given) => {
      if (given[0] === JUDGE_JWT) judgements += 1;
      return Reflect.apply(/** @type {Function} */ (exports.call), undefined, given);
    };
    return { exports: { ...exports, call } };
  },
});

const OTHER = "400";

/**
 * What a token has, and requirements, each with the code of what it lacks.
 *
 * @type {[Requirements | undefined, string?][]}
 */
const CASES = [
  [undefined],
  [{}],
  [{ scope: "read" }],
  [{ scope: "write" }, "scope_insufficient"],
  [{ scope: ["read", "list"] }],
  [{ scope: ["read", "write"] }, "scope_insufficient"],
  [{ scope: "read list" }],
  [{ scope: "readlist" }, "scope_insufficient"],
  [{ role: "admin" }],
  [{ role: "writer" }, "role_insufficient"],
  [{ role: { role: "admin", project: PROJECT } }],
  [{ role: { role: "admin", project: OTHER } }, "role_insufficient"],
  [{ role: { role: "reader", project: OTHER } }],
  [{ role: "reader" }, "role_insufficient"],
  [{ role: { role: "admin", organization: "1" } }],
  [{ role: { role: "admin", organization: "2" } }, "role_insufficient"],
  [{ role: ["admin", { role: "reader", project: OTHER }] }],
  [{ role: ["admin", "reader"] }, "role_insufficient"],
  [{ audience: "other-api" }],
  [{ audience: "another-api" }, "audience_refused"],
  [{ audience: ["another-api", "other-api"] }],
  [{ audience: "another-api,other-api" }, "audience_refused"],
  [{ audience: "read" }, "audience_refused"],
  [{ scope: AUDIENCE }, "scope_insufficient"],
  [{ scope: "admin" }, "scope_insufficient"],
  [{ role: "read" }, "role_insufficient"],
];

const CLAIMS = {
  aud: [AUDIENCE, "other-api"],
  scope: "read list",
  [`urn:zitadel:iam:org:project:${PROJECT}:roles`]: { admin: { 1: "acme.localhost" } },
  [`urn:zitadel:iam:org:project:${OTHER}:roles`]: { reader: { 1: "acme.localhost" } },
};

/**
 * @type {(
 *   verifier: import("edge-credentials").TokenVerifier,
 *   token: string,
 *   cases: typeof CASES,
 * ) => Promise<void>}
 */
async function check(verifier, token, cases) {
  for (const [requirements, code] of cases) {
    if (code) await failure(() => verifier.verify(token, requirements), code);
    else assert.ok(await verifier.verify(token, requirements));
  }
}

test("one token, many requirements: each is judged as if it were the only one, in any order and again", async (t) => {
  const { server, verifier } = verifierFixture(t, { projectId: PROJECT });
  const token = server.jwt(CLAIMS);
  await verifier.verify(token);
  const checks = countChecks(t);
  for (const cases of [CASES, CASES.toReversed(), CASES]) await check(verifier, token, cases);
  assert.equal(checks(), 0);
});

test("what fails at first is not remembered as met, and what was met is not held against what follows", async (t) => {
  const { server, verifier } = verifierFixture(t, { projectId: PROJECT });
  for (const [n, [requirements, code]] of CASES.entries()) {
    // Each is the first that is asked of its token.
    const token = server.jwt({ ...CLAIMS, jti: `V2_${n}` });
    await check(verifier, token, [[requirements, code], [requirements, code], ...CASES]);
  }
});

test("two tokens with different claims never share what they meet", async (t) => {
  const { server, verifier } = verifierFixture(t, { projectId: PROJECT });
  const [reader, writer] = ["read", "write"].map((scope) => server.jwt({ scope }));
  for (let round = 0; round < 3; round += 1) {
    await verifier.verify(reader, { scope: "read" });
    await failure(() => verifier.verify(writer, { scope: "read" }), "scope_insufficient");
    await verifier.verify(writer, { scope: "write" });
    await failure(() => verifier.verify(reader, { scope: "write" }), "scope_insufficient");
  }
});

test("requirements of the verifier's own hold beside each call's", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    projectId: PROJECT,
    scope: "read",
    role: "admin",
  });
  const all = server.jwt(CLAIMS);
  const lacking = [
    server.jwt({ ...CLAIMS, scope: "list" }),
    server.jwt({ ...CLAIMS, [`urn:zitadel:iam:org:project:${PROJECT}:roles`]: {} }),
  ];
  for (let round = 0; round < 2; round += 1) {
    for (const requirements of [undefined, {}, { scope: "list" }, { audience: "other-api" }]) {
      await verifier.verify(all, requirements);
      await failure(() => verifier.verify(lacking[0], requirements), "scope_insufficient");
      await failure(() => verifier.verify(lacking[1], requirements), "role_insufficient");
    }
  }
});

test("more sets of requirements than are remembered are still judged right, and cost no check of the signature", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const names = Array.from({ length: 100 }, (_, n) => `s${n}`);
  const token = server.jwt({ scope: names.filter((_, n) => n % 2 === 0).join(" ") });
  await verifier.verify(token);
  const checks = countChecks(t);
  for (let round = 0; round < 3; round += 1) {
    for (const [n, scope] of names.entries()) {
      if (n % 2 === 0) await verifier.verify(token, { scope });
      else await failure(() => verifier.verify(token, { scope }), "scope_insufficient");
    }
  }
  assert.equal(checks(), 0);
});

test("what is met is not looked at again, for 2,048 characters of requirements", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const names = Array.from({ length: 40 }, (_, n) => `s${n}-`.padEnd(170, "x"));
  const token = server.jwt({ scope: names.join(" ") });
  await verifier.verify(token);
  const before = judgements;
  for (const scope of names) await verifier.verify(token, { scope });
  assert.equal(judgements - before, 40);
  for (const scope of names) await verifier.verify(token, { scope });
  // Each of them also names the audience.
  const remembered = 40 - (judgements - before - 40);
  assert.ok(remembered >= 6 && remembered < 12, `${remembered} are remembered`);
});

test("the memory of what is met ends with the token's", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const token = server.jwt({ scope: "read", exp: Math.floor(Date.now() / 1000) + 60 });
  await verifier.verify(token, { scope: "read" });
  await advance(90_000);
  await failure(() => verifier.verify(token, { scope: "read" }), "token_expired");
});

test("long requirements are judged each time: each token would keep a copy of them", async (t) => {
  const { server, verifier } = verifierFixture(t, { projectId: PROJECT });
  const token = server.jwt(CLAIMS);
  await verifier.verify(token);
  const long = Array.from({ length: 200 }, (_, i) => `audience-${i}`);
  for (const [audience, judged] of [
    [[AUDIENCE, "short"], 1],
    [[AUDIENCE, ...long], 3],
  ]) {
    const before = judgements;
    for (let i = 0; i < 3; i += 1)
      await verifier.verify(token, { audience: /** @type {string[]} */ (audience) });
    assert.equal(judgements - before, judged);
  }
});

test("the verifier's own requirements are remembered, however long they are", async (t) => {
  const audience = [AUDIENCE, ...Array.from({ length: 200 }, (_, n) => `other-api-${n}`)];
  const { server, verifier } = verifierFixture(t, { audience });
  const token = server.jwt();
  await verifier.verify(token);
  const before = judgements;
  for (let n = 0; n < 5; n += 1) await verifier.verify(token);
  assert.equal(judgements, before);
  // A call's own are not, since each token would have a copy.
  const own = { audience: [...audience].reverse() };
  for (let n = 0; n < 5; n += 1) await verifier.verify(token, own);
  assert.equal(judgements, before + 5);
});

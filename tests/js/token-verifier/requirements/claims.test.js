// @ts-check
// Roles in any claim, and claims that are required.
import assert from "node:assert/strict";
import test from "node:test";
import { fails } from "../../support/errors.js";
import { settled } from "../../support/promises.js";
import { CLIENT, PROJECT, verifierFixture } from "../../support/fixtures/token-verifier.js";

const KINDS = /** @type {const} */ (["jwt", "opaque"]);

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<import("edge-credentials").TokenVerifierOptions>} options
 */
function fixtureWith(t, options) {
  const fixture = verifierFixture(t, { introspection: CLIENT, ...options });
  /** @type {(kind: "jwt" | "opaque", claims: Record<string, unknown>) => Promise<string>} */
  const judge = (kind, claims) =>
    settled(fixture.verifier.verify(fixture.server[kind](claims))).then(
      () => "met",
      ({ code }) => code,
    );
  return { ...fixture, judge };
}

test("roles are found by a claim's name, or by one member's name after another", async (t) => {
  /** @type {[roleClaim: string | string[], claims: Record<string, unknown>, isMet: boolean][]} */
  const cases = [
    ["roles", { roles: ["reader", "admin"] }, true],
    ["roles", { roles: "admin" }, true],
    ["roles", { roles: ["Admin", "admin ", "administrator"] }, false],
    ["roles", { roles: "admin reader" }, false],
    ["roles", { roles: "administrator" }, false],
    ["roles", { roles: { admin: true } }, false],
    ["roles", { roles: ["admin", 1] }, false],
    ["roles", { roles: [["admin"]] }, false],
    ["roles", { roles: null }, false],
    ["roles", {}, false],
    ["https://api.example/roles", { "https://api.example/roles": ["admin"] }, true],
    ["a.b", { "a.b": ["admin"] }, true],
    ["a.b", { a: { b: ["admin"] } }, false],
    [["realm_access", "roles"], { realm_access: { roles: ["admin"] } }, true],
    [
      ["resource_access", "api.example", "roles"],
      { resource_access: { "api.example": { roles: ["admin"] } } },
      true,
    ],
    [
      ["resource_access", "api", "roles"],
      { resource_access: { other: { roles: ["admin"] } } },
      false,
    ],
    [["resource_access", "api", "roles"], { resource_access: [{ roles: ["admin"] }] }, false],
    [["a", "0"], { a: ["admin"] }, false],
    [["a", "length"], { a: "admin" }, false],
    ["__proto__", { admin: 1 }, false],
    ["constructor", {}, false],
    // Nothing in the name is filled from the token.
    [
      ["resource_access", "{azp}", "roles"],
      { azp: "api", resource_access: { api: { roles: ["admin"] } } },
      false,
    ],
    // ZITADEL's claim does not count beside it.
    ["roles", { [`urn:zitadel:iam:org:project:${PROJECT}:roles`]: { admin: { 1: "a" } } }, false],
  ];
  for (const [roleClaim, claims, isMet] of cases) {
    for (const kind of KINDS) {
      const { judge } = fixtureWith(t, { roleClaim, role: "admin" });
      const expected = isMet ? "met" : "role_insufficient";
      assert.equal(await judge(kind, claims), expected, JSON.stringify([kind, roleClaim, claims]));
    }
  }
});

test("all roles are required, of the verifier and of the call; the message says whether there is such a claim", async (t) => {
  const { server, verifier } = fixtureWith(t, { roleClaim: "roles", role: "reader" });
  const token = server.jwt({ roles: ["reader", "writer"] });
  assert.ok(await settled(verifier.verify(token, { role: "writer" })));
  const lacking = await fails(() => verifier.verify(token, { role: ["writer", "admin"] }));
  assert.deepEqual(
    [lacking.code, lacking.message],
    ["role_insufficient", "the token lacks the role `admin`"],
  );
  const missing = await fails(() => verifier.verify(server.jwt()), "role_insufficient");
  assert.equal(missing.message, "the token lacks the role `reader`: it has no claim `roleClaim`");
  for (const role of [
    { role: "a", project: "1" },
    { role: "a", organization: "1" },
  ])
    await fails(() => verifier.verify(token, { role }), "option_invalid");
});

test("a polluted prototype has no role", async (t) => {
  const { judge } = fixtureWith(t, { roleClaim: ["realm_access", "roles"], role: "admin" });
  const prototype = /** @type {any} */ (Object.prototype);
  prototype.realm_access = { roles: ["admin"] };
  t.after(() => delete prototype.realm_access);
  for (const kind of KINDS) assert.equal(await judge(kind, {}), "role_insufficient");
});

test("required claims are texts that are equal, or lists that hold them, and own members alone", async (t) => {
  /** @type {[claims: Record<string, unknown>, isMet: boolean][]} */
  const cases = [
    [{ repository: "org/name" }, true],
    [{ repository: ["other", "org/name"] }, true],
    [{ repository: "org/name2" }, false],
    [{ repository: "org" }, false],
    [{ repository: "Org/name" }, false],
    [{ repository: ["org", "name"] }, false],
    [{ repository: ["org/name", 1] }, false],
    [{ repository: [] }, false],
    [{ repository: null }, false],
    [{ repository: { "org/name": 1 } }, false],
    [{ Repository: "org/name" }, false],
    [{}, false],
  ];
  for (const [claims, isMet] of cases) {
    for (const kind of KINDS) {
      const { judge } = fixtureWith(t, { claims: { repository: "org/name" } });
      const expected = isMet ? "met" : "claim_refused";
      assert.equal(await judge(kind, claims), expected, JSON.stringify([kind, claims]));
    }
  }
});

test("a call adds required claims; the answer is 403, and the message names the claim", async (t) => {
  const { server, verifier } = fixtureWith(t, { claims: { repository: "org/name" } });
  const token = server.jwt({ repository: "org/name", ref: "refs/heads/main" });
  assert.ok(await settled(verifier.verify(token, { claims: { ref: "refs/heads/main" } })));
  const error = await fails(
    () => verifier.verify(token, { claims: { ref: "refs/heads/other" } }),
    "claim_refused",
  );
  assert.equal(error.message, "the token's claim `ref` is not what is required");
  const { status, headers } = verifier.challenge(error);
  assert.deepEqual(
    [status, headers.get("www-authenticate")],
    [403, 'Bearer error="insufficient_scope"'],
  );
  const missing = await fails(() => verifier.verify(token, { claims: { sha: "1" } }));
  assert.equal(missing.message, "the token's claim `sha` is missing, or no text");
  // The verifier's stay required.
  const other = server.jwt({ ref: "refs/heads/main" });
  await fails(
    () => verifier.verify(other, { claims: { ref: "refs/heads/main" } }),
    "claim_refused",
  );
});

test("names of prototypes are claims like any other", async (t) => {
  const { server, verifier } = fixtureWith(t, {});
  for (const name of ["constructor", "toString", "hasOwnProperty"]) {
    await fails(() => verifier.verify(server.jwt(), { claims: { [name]: "x" } }), "claim_refused");
    const token = server.jwt({ [name]: "x" });
    assert.ok(await settled(verifier.verify(token, { claims: { [name]: "x" } })));
  }
});

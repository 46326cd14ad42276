// @ts-check
// Roles that are required of a token: in which project, for which organization, out of which claim.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { fails, failure } from "../../support/errors.js";
import { settled } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
  PROJECT,
} from "../../support/fixtures/token-verifier.js";

/** @typedef {import("edge-credentials").Requirements["role"]} Role */

const KINDS = /** @type {const} */ (["jwt", "opaque"]);
const UNSCOPED = "urn:zitadel:iam:org:project:roles";
/** @param {string} project */
const claimOf = (project) => `urn:zitadel:iam:org:project:${project}:roles`;

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<import("edge-credentials").TokenVerifierOptions>} [options]
 */
function fixtureWith(t, options = { projectId: PROJECT }) {
  const fixture = verifierFixture(t, { introspection: CLIENT, ...options });
  /** @type {(kind: "jwt" | "opaque", claims?: Record<string, unknown>) => string} */
  const make = (kind, claims) => fixture.server[kind](claims);
  /** @type {(token: string, role: Role) => Promise<string>} */
  const judge = (token, role) =>
    settled(fixture.verifier.verify(token, { role: /** @type {string} */ (role) })).then(
      () => "met",
      ({ code }) => code,
    );
  return { ...fixture, make, judge };
}

test("a role counts in its project and its organization, and nowhere else", async (t) => {
  const { make, judge } = fixtureWith(t);
  const claims = {
    [claimOf(PROJECT)]: {
      reader: { 1: "acme.localhost", 2: "beta.localhost" },
      writer: { 2: "beta.localhost" },
    },
    [claimOf("7")]: { admin: { 1: "acme.localhost" } },
    [UNSCOPED]: { root: { 1: "acme.localhost" }, reader: { 3: "gamma.localhost" } },
  };
  /** @type {[role: Role, isMet: boolean][]} */
  const cases = [
    ["reader", true],
    [["reader", "writer"], true],
    [{ role: "reader" }, true],
    [{ role: "reader", project: PROJECT }, true],
    [{ role: "writer", organization: "2" }, true],
    [{ role: "admin", project: "7" }, true],
    [["reader", { role: "admin", project: "7", organization: "1" }], true],
    ["Reader", false],
    ["read", false],
    ["reader writer", false],
    ["admin", false],
    ["root", false],
    [["reader", "admin"], false],
    [{ role: "reader", project: "7" }, false],
    [{ role: "admin", project: PROJECT }, false],
    [{ role: "admin", project: "8" }, false],
    [{ role: "writer", organization: "1" }, false],
    [{ role: "writer", organization: "beta.localhost" }, false],
    [{ role: "reader", organization: "3" }, false],
    [{ role: "root", project: "roles" }, false],
    [{ role: "reader", project: `${PROJECT}:roles` }, false],
  ];
  for (const kind of KINDS) {
    const token = make(kind, claims);
    for (const [role, isMet] of [...cases, ...cases])
      assert.equal(
        await judge(token, role),
        isMet ? "met" : "role_insufficient",
        `${kind} ${JSON.stringify(role)}`,
      );
  }
});

test("the claim without a project is read of an introspection alone: of a JWT it is misuse to ask", async (t) => {
  const { make, judge, verifier } = fixtureWith(t, {});
  const claims = {
    [UNSCOPED]: { admin: { 1: "acme.localhost" } },
    [claimOf(PROJECT)]: { writer: { 1: "acme.localhost" } },
  };
  const opaque = make("opaque", claims);
  const jwt = make("jwt", claims);
  for (const role of ["admin", { role: "admin", organization: "1" }])
    assert.equal(await judge(opaque, role), "met");
  for (const role of [
    "writer",
    { role: "admin", organization: "2" },
    { role: "admin", project: PROJECT },
  ])
    assert.equal(await judge(opaque, role), "role_insufficient");
  assert.equal(await judge(jwt, { role: "writer", project: PROJECT }), "met");
  for (const role of ["admin", "writer", "nobody"]) {
    const error = await fails(() => verifier.verify(jwt, { role }), "option_invalid");
    const { status, headers } = verifier.challenge(error);
    assert.deepEqual(
      [error.category, status, headers.get("www-authenticate")],
      ["misuse", 500, null],
    );
  }
});

test("where nothing is introspected a role must name its project, and that is told when the verifier is made", async (t) => {
  for (const options of [{}, { introspection: CLIENT, accept: /** @type {const} */ ("jwt") }]) {
    const base = { issuer: ISSUER, audience: AUDIENCE, ...options };
    for (const role of ["admin", { role: "admin" }, [{ role: "a", project: "1" }, "b"]])
      await failure(
        () => tokenVerifier({ ...base, role: /** @type {string} */ (role) }),
        "option_invalid",
      );
    for (const good of [
      { role: "admin", projectId: "1" },
      { role: { role: "admin", project: "1" } },
    ])
      tokenVerifier({ ...base, ...good });
    await failure(() => tokenVerifier({ ...base, projectId: "" }), "option_invalid");
    const { verifier, server, requests } = verifierFixture(t, options);
    await fails(() => verifier.verify(server.jwt(), { role: "admin" }), "option_invalid");
    assert.deepEqual(requests, []);
  }
});

test("the verifier's roles and the call's add up", async (t) => {
  for (const kind of KINDS) {
    const { make, judge, verifier } = fixtureWith(t, { projectId: PROJECT, role: "reader" });
    const [reader, writer, both] = [["reader"], ["writer"], ["reader", "writer"]].map((roles) =>
      make(kind, {
        [claimOf(PROJECT)]: Object.fromEntries(roles.map((role) => [role, { 1: "a.localhost" }])),
      }),
    );
    for (const token of [reader, both]) await settled(verifier.verify(token));
    assert.equal(await judge(both, "writer"), "met");
    for (const [token, role] of /** @type {const} */ ([
      [writer, ["writer"]],
      [reader, ["writer"]],
    ]))
      assert.equal(await judge(token, [...role]), "role_insufficient");
    await fails(() => verifier.verify(writer), "role_insufficient");
  }
});

test("ZITADEL's shapes grant: a map, or a list of maps; what has another shape grants nothing and breaks nothing", async (t) => {
  const { make, judge } = fixtureWith(t);
  const granted = { admin: { 1: "acme.localhost" } };
  /** @type {[shape: unknown, isMet: boolean][]} */
  const shapes = [
    [granted, true],
    [[granted], true],
    [[{ other: { 2: "b.localhost" } }, granted], true],
    [{ admin: { 1: 5, 2: "b.localhost" } }, true],
    [{ admin: {} }, false],
    [{ admin: { 1: null } }, false],
    [{ admin: { 1: ["acme.localhost"] } }, false],
    [{ admin: true }, false],
    [{ admin: "acme.localhost" }, false],
    [{ admin: ["acme.localhost"] }, false],
    [{ admin: [{ 1: "acme.localhost" }] }, false],
    [[["admin"]], false],
    [["admin"], false],
    ["admin", false],
    [null, false],
    [[], false],
    [{}, false],
    [5, false],
    [true, false],
    [{ roles: granted }, false],
    [[[[granted]]], false],
    [undefined, false],
  ];
  for (const kind of KINDS) {
    for (const [shape, isMet] of shapes)
      assert.equal(
        await judge(make(kind, { [claimOf(PROJECT)]: shape }), "admin"),
        isMet ? "met" : "role_insufficient",
        `${kind} ${JSON.stringify(shape)}`,
      );
  }
});

test("names that every object has are roles, projects and organizations like others, and there only where they are granted", async (t) => {
  const { make, judge } = fixtureWith(t);
  const hostile = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length"];
  // Written out: in a literal `__proto__` would be the prototype.
  const parsed = (/** @type {string} */ text) => JSON.parse(text);
  for (const kind of KINDS) {
    const plain = make(kind, { [claimOf(PROJECT)]: { admin: { 1: "a.localhost" } } });
    const sneaky = make(kind, {
      [claimOf(PROJECT)]: parsed(
        '{"__proto__":{"admin":{"1":"a.localhost"}},"x":{"__proto__":{"9":"a.localhost"}}}',
      ),
      [claimOf("7")]: parsed('[{"__proto__":null}]'),
    });
    for (const name of hostile) {
      for (const role of [
        name,
        { role: "admin", project: name },
        { role: "admin", organization: name },
      ])
        assert.equal(await judge(plain, role), "role_insufficient", name);
      const own = make(kind, { [claimOf(name)]: parsed(`{"${name}":{"${name}":"a.localhost"}}`) });
      assert.equal(
        await judge(own, { role: name, project: name, organization: name }),
        "met",
        name,
      );
      assert.equal(
        await judge(own, { role: name, project: name, organization: "1" }),
        "role_insufficient",
        name,
      );
    }
    for (const role of [
      "admin",
      { role: "x", organization: "9" },
      { role: "__proto__", organization: "1" },
    ])
      assert.equal(await judge(sneaky, role), "role_insufficient");
  }
});

test("a personal access token passes every audience check, with the scope of every role: a role alone refuses it", async (t) => {
  const { make, verifier } = fixtureWith(t);
  // As ZITADEL answered about an administrator's (July 2026).
  const scope = ["reader", "writer"]
    .map((role) => `urn:zitadel:iam:org:project:role:${role}`)
    .join(" ");
  const answer = {
    aud: [CLIENT.clientId, PROJECT],
    scope,
    client_id: undefined,
    username: undefined,
  };
  const { sub, aud } = await settled(verifier.verify(make("opaque", answer)));
  assert.deepEqual([sub, aud], ["317905284016374539", [CLIENT.clientId, PROJECT]]);
  await fails(
    () => verifier.verify(make("opaque", answer), { role: "writer" }),
    "role_insufficient",
  );
  await settled(
    verifier.verify(
      make("opaque", { ...answer, [claimOf(PROJECT)]: { writer: { 1: "acme.localhost" } } }),
      { role: "writer" },
    ),
  );
});

test("requirements that differ only in where a name ends are two", async (t) => {
  const { make, judge } = fixtureWith(t);
  for (const kind of KINDS) {
    const token = make(kind, {
      [claimOf("p")]: { 'a","b': { 1: "x.localhost" }, "a,b": { 1: "x.localhost" } },
      [claimOf(PROJECT)]: { a: { b: "x.localhost" } },
    });
    for (const role of [
      { role: 'a","b', project: "p" },
      { role: "a,b", project: "p" },
      { role: "a", organization: "b" },
    ])
      assert.equal(await judge(token, role), "met");
    for (const role of [
      { role: "a", project: 'b","p' },
      { role: "a", project: "b,p" },
      { role: "a", project: "b" },
      ["a", "b"],
      { role: 'a"', project: 'b","p' },
    ])
      assert.equal(await judge(token, role), "role_insufficient");
  }
});

test("what a token lacks is told in order: audience, scopes, roles; the hint says how to get it, the challenge names scopes alone", async (t) => {
  const { make, verifier } = fixtureWith(t);
  for (const kind of KINDS) {
    const all = { audience: "other", scope: "write", role: "admin" };
    const steps = /** @type {const} */ ([
      ["audience_refused", {}, 'Bearer error="invalid_token"'],
      ["scope_insufficient", { aud: "other" }, 'Bearer error="insufficient_scope", scope="write"'],
      [
        "role_insufficient",
        { aud: "other", scope: "write" },
        'Bearer error="insufficient_scope", scope="write"',
      ],
    ]);
    for (const [code, claims, challenge] of steps) {
      const error = await fails(() => verifier.verify(make(kind, claims), all), code);
      assert.equal(verifier.challenge(error).headers.get("www-authenticate"), challenge);
      if (code === "role_insufficient")
        assert.match(error.hint, /`urn:zitadel:iam:org:projects:roles`/);
    }
    const error = await fails(
      () => verifier.verify(make(kind), { role: "admin" }),
      "role_insufficient",
    );
    assert.equal(
      verifier.challenge(error).headers.get("www-authenticate"),
      'Bearer error="insufficient_scope"',
    );
  }
});

// @ts-check
// What is required of a token: scopes and audiences, by the verifier and by each call. Roles have a
// file of their own.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier, zitadel } from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";
import { advance, settle } from "../../support/clock.js";
import { fails, failure } from "../../support/errors.js";
import { settled, watch } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

/** @typedef {import("edge-credentials").Requirements} Requirements */

const KINDS = /** @type {const} */ (["jwt", "opaque"]);

/**
 * @param {import("node:test").TestContext} t
 * @param {Partial<import("edge-credentials").TokenVerifierOptions>} [options]
 */
function fixtureWith(t, options) {
  const fixture = verifierFixture(t, { introspection: CLIENT, ...options });
  /** @type {(kind: "jwt" | "opaque", changes?: Record<string, unknown>) => string} */
  const make = (kind, changes) => fixture.server[kind](changes);
  return { ...fixture, make };
}

test("every scope that is required must be there, as a word of its own", async (t) => {
  const { verifier, make } = fixtureWith(t);
  /** @type {[granted: unknown, required: string | string[], isEnough: boolean][]} */
  const cases = [
    ["read", "read", true],
    ["openid read write", "write read", true],
    ["openid read write", ["read", "write"], true],
    ["read write", ["read write", "read"], true],
    ["  read   write ", "write", true],
    ["read", "read write", false],
    ["read", ["read", "write"], false],
    ["READ", "read", false],
    ["readers", "read", false],
    ["read:all", "read", false],
    ["", "read", false],
    [undefined, "read", false],
  ];
  for (const kind of KINDS) {
    for (const [granted, scope, isEnough] of cases) {
      const token = make(kind, { scope: granted });
      const what = `${kind} ${JSON.stringify(granted)} ${JSON.stringify(scope)}`;
      const code = await settled(verifier.verify(token, { scope })).then(
        () => undefined,
        ({ code }) => code,
      );
      assert.equal(code, isEnough ? undefined : "scope_insufficient", what);
    }
  }
});

const SCOPES = {
  "a text": { scope: "read write" },
  "a list, as Duende's and Spring's": { scope: ["read", "write"] },
  "a text in `scp`, as Entra's": { scope: undefined, scp: "read write" },
  "a list in `scp`, as Okta's and Hydra's": { scope: undefined, scp: ["read", "write"] },
};

for (const [what, scopes] of Object.entries(SCOPES)) {
  test(`scopes are read, and given as one text: ${what}`, async (t) => {
    for (const kind of KINDS) {
      const { verifier, make } = fixtureWith(t);
      const token = make(kind, scopes);
      const claims = await settled(verifier.verify(token, { scope: "write read" }));
      assert.equal(claims.scope, "read write");
      assert.ok(Object.isFrozen(claims));
      await fails(() => verifier.verify(token, { scope: "admin" }), "scope_insufficient");
      await fails(() => verifier.verify(token, { scope: "rea" }), "scope_insufficient");
    }
  });
}

test("where there is a `scope`, `scp` counts for nothing", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make } = fixtureWith(t);
    const token = make(kind, { scope: "read", scp: ["admin"] });
    assert.equal((await settled(verifier.verify(token))).scope, "read");
    await fails(() => verifier.verify(token, { scope: "admin" }), "scope_insufficient");
  }
});

test("a `scp` that cannot be read is somebody's own claim, and grants nothing", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make } = fixtureWith(t);
    for (const scp of [5, { read: true }, ["read", 5], ["read write"], null, [["read"]]]) {
      const token = make(kind, { scope: undefined, scp });
      assert.equal((await settled(verifier.verify(token))).scope, undefined);
      await fails(() => verifier.verify(token, { scope: "read" }), "scope_insufficient");
    }
  }
});

test("a `scope` that is none makes no token better", async (t) => {
  const { verifier, make } = fixtureWith(t);
  await fails(
    () => verifier.verify(make("jwt", { scope: [] }), { scope: "read" }),
    "scope_insufficient",
  );
  for (const scope of [["read write"], ["read", 5], { read: true }, 5, null, [["read"]], true])
    await fails(() => verifier.verify(make("jwt", { scope })), "token_invalid");
  for (const scope of [["read write"], ["read", 5], { read: true }, 5])
    await fails(() => verifier.verify(make("opaque", { scope })), "member_invalid");
});

test("a polluted prototype adds no scope, and keeps none from being given", async (t) => {
  const { verifier, make } = fixtureWith(t);
  const token = make("jwt", { scp: ["read"] });
  Object.defineProperty(Object.prototype, "scope", {
    configurable: true,
    get: () => "admin",
    set() {
      assert.fail("it is set");
    },
  });
  t.after(() => Reflect.deleteProperty(Object.prototype, "scope"));
  const claims = await settled(verifier.verify(token));
  assert.equal(Object.getOwnPropertyDescriptor(claims, "scope")?.value, "read");
  await fails(() => verifier.verify(make("jwt"), { scope: "admin" }), "scope_insufficient");
});

test("an audience that is refused is named, and so is the one expected, unless it may be a secret", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make } = fixtureWith(t);
    const refusal = (/** @type {unknown} */ aud, /** @type {string} */ audience) =>
      fails(() => verifier.verify(make(kind, { aud }), { audience }), "audience_refused");

    const { message, hint } = await refusal(["a", "b", "c", "d"], "orders-api");
    assert.equal(message, "the token is meant for `a`, `b`, `c` and others, not for `orders-api`");
    assert.match(hint, /ask for the scope `urn:zitadel:iam:org:project:id/);
    const secret = "8Hb2kLq0PZr5sTn7vWx1yAc3dEf4gJh6";
    assert.equal(
      (await refusal([secret], secret.toLowerCase())).message,
      "the token is meant for others, not for this API",
    );
    for (const [aud, audience] of [
      ["https://api.example/", "https://api.example"],
      ["https://API.example", "https://api.example/"],
    ])
      assert.match((await refusal(aud, audience)).hint, /^only letter case or a slash at the end/);
    // A JWT that names none is asked about.
    if (kind === "opaque") {
      assert.equal((await refusal([], "a")).message, "the token names no audience");
    }
  }
});

test("an introspection that says `null` says nothing", async (t) => {
  const { verifier, make } = fixtureWith(t);
  await fails(
    () => verifier.verify(make("opaque", { scope: null }), { scope: "null" }),
    "scope_insufficient",
  );
  const { message } = await fails(
    () => verifier.verify(make("opaque", { aud: null })),
    "audience_refused",
  );
  assert.equal(message, "the token names no audience");
});

test("whoever requires a scope of ZITADEL's JWTs, which have none, is told to require a role", async (t) => {
  const { verifier, make } = fixtureWith(t);
  const hintFor = async (/** @type {string} */ token) =>
    (await fails(() => verifier.verify(token, { scope: "read" }), "scope_insufficient")).hint;
  assert.match(await hintFor(make("jwt")), /ZITADEL.*require a role instead/);
  for (const token of [
    make("jwt", { scope: "openid" }),
    make("jwt", { scope: "" }),
    make("opaque", { scope: "openid" }),
    make("opaque", { scope: undefined }),
  ])
    assert.doesNotMatch(await hintFor(token), /role/);
});

test("a call's audience takes the place of the verifier's", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make, requests } = fixtureWith(t);
    const own = make(kind);
    const other = make(kind, { aud: "other" });
    await settled(verifier.verify(own));
    await settled(verifier.verify(other, { audience: "other" }));
    const { length } = requests;
    // Now both are known.
    await settled(verifier.verify(own, { audience: ["other", AUDIENCE] }));
    await settled(verifier.verify(other, { audience: ["other", AUDIENCE] }));
    for (const requirements of [undefined, {}, { audience: AUDIENCE }])
      await fails(() => verifier.verify(other, requirements), "audience_refused");
    for (const audience of ["other", ["other"], AUDIENCE.slice(1), `${AUDIENCE}0`])
      await fails(() => verifier.verify(own, { audience }), "audience_refused");
    await settled(verifier.verify(own));
    assert.equal(requests.length, length);
  }
});

test("what a token was found to meet says nothing of what else is required", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make, requests } = fixtureWith(t);
    const scopes = Array.from({ length: 40 }, (_, i) => `scope-${i}`);
    const token = make(kind, { scope: scopes.slice(0, 30).join(" ") });
    await settled(verifier.verify(token));
    const { length } = requests;
    for (let round = 0; round < 3; round += 1) {
      for (const [i, scope] of scopes.entries()) {
        if (i < 30) await verifier.verify(token, { scope });
        else await failure(() => verifier.verify(token, { scope }), "scope_insufficient");
        await failure(
          () => verifier.verify(token, { scope: [scope, "scope-39"] }),
          "scope_insufficient",
        );
      }
    }
    assert.equal(requests.length, length, "and nobody is asked");
  }
});

test("the verifier's requirements and the call's add up", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make } = fixtureWith(t, { scope: "read" });
    const [reader, writer, both] = ["read", "write", "read write"].map((scope) =>
      make(kind, { scope }),
    );
    for (const token of [reader, both]) await settled(verifier.verify(token));
    await settled(verifier.verify(both, { scope: "write" }));
    for (const requirements of [undefined, {}, { scope: "write" }, { audience: AUDIENCE }])
      await fails(() => verifier.verify(writer, requirements), "scope_insufficient");
    const error = await fails(
      () => verifier.verify(reader, { scope: "write read" }),
      "scope_insufficient",
    );
    assert.equal(
      verifier.challenge(error).headers.get("www-authenticate"),
      'Bearer error="insufficient_scope", scope="read write"',
    );
  }
});

test("a requirement that cannot be meant is the caller's mistake, by the verifier as by the call, and nobody is asked", async (t) => {
  const { verifier, server, requests } = fixtureWith(t, { scope: "read" });
  const token = server.opaque();
  const scopes = [
    [],
    "",
    " ",
    "read ",
    " read",
    "read  write",
    "re\tad",
    "re\nad",
    're"ad',
    "re\\ad",
    "réad",
    "read\u0000",
    5,
    null,
    undefined,
    {},
    [5],
    [""],
    ["read", undefined],
    ["read", " "],
    true,
    Symbol("read"),
  ];
  const audiences = [
    "",
    [],
    [""],
    "a b",
    "a\n",
    "é",
    5,
    null,
    undefined,
    {},
    [5],
    [AUDIENCE, ""],
    [AUDIENCE, "a b"],
  ];
  const roles = [
    [],
    "",
    [""],
    [null],
    null,
    undefined,
    5,
    {},
    { role: "" },
    { role: 5 },
    { role: undefined },
    { role: "a", project: "" },
    { role: "a", project: undefined },
    { role: "a", project: 5 },
    { role: "a", organization: "" },
    { role: "a", organisation: "1" },
    { project: "1" },
    [["a"]],
    new Map([["role", "a"]]),
    new (class {
      role = "a";
    })(),
  ];
  const wrong = [
    ...scopes.map((scope) => ({ scope })),
    ...audiences.map((audience) => ({ audience })),
    ...roles.map((role) => ({ role })),
  ];
  for (const requirements of /** @type {any[]} */ (wrong)) {
    const error = await fails(() => verifier.verify(token, requirements), "option_invalid");
    assert.equal(verifier.challenge(error).status, 500);
    await failure(
      () =>
        tokenVerifier({
          issuer: ISSUER,
          audience: AUDIENCE,
          introspection: CLIENT,
          ...requirements,
        }),
      "option_invalid",
    );
  }
  const throwing = () => {
    throw new Error("hidden");
  };
  const others = [
    null,
    5,
    "read",
    ["read"],
    () => {},
    Promise.resolve({}),
    { scopes: "read" },
    { roles: "admin" },
    { aud: AUDIENCE },
    { issuer: ISSUER },
    { "a secret": 1 },
    { signal: {} },
    { signal: null },
    { signal: "aborted" },
    { signal: true },
    {
      get scope() {
        return throwing();
      },
    },
    new Proxy({}, { ownKeys: throwing }),
  ];
  for (const requirements of /** @type {any[]} */ (others)) {
    const error = await fails(() => verifier.verify(token, requirements), "option_invalid");
    assert.ok(!/hidden|a secret/.test(`${error.stack} ${JSON.stringify(error)}`));
  }
  assert.deepEqual(requests, []);
});

test("a scope by which ZITADEL is asked for roles is no requirement: any service user is granted it", async (t) => {
  const { verifier, make, requests } = fixtureWith(t, { accept: "opaque", projectId: AUDIENCE });
  const org = "urn:zitadel:iam:org";
  const old = "urn:iam:org";
  const role = `${org}:project:role:writer`;
  const asking = [
    role,
    zitadel.scopes.role("writer"),
    zitadel.scopes.roles(),
    zitadel.scopes.organizationRoles("1"),
    `${org}:project:roles`,
    `${org}:projects:roles`,
    `${org}:project:${AUDIENCE}:roles`,
    `${org}:project:${AUDIENCE}:role:writer`,
    `${old}:project:roles`,
    `${old}:project:role:writer`,
    `${old}:projects:roles`,
  ];
  // It has the scope, and nobody granted it the role.
  const token = make("opaque", { scope: asking.join(" ") });
  for (const scope of [...asking, ["openid", role], `openid ${role}`]) {
    /** @type {(() => unknown)[]} */
    const ways = [
      () => tokenVerifier({ issuer: ISSUER, audience: AUDIENCE, scope }),
      () => verifier.verify(token, { scope }),
      () => bearerAuth(verifier, { scope }),
      () => bearerAuth(() => ({ issuer: ISSUER, audience: AUDIENCE }), { scope }),
    ];
    for (const way of ways) {
      const { message, hint } = await failure(way, "option_invalid");
      assert.equal(message, "`scope` names a scope by which ZITADEL is asked for roles");
      assert.match(
        hint,
        /grants it to any service user.*require the role itself, `role: "writer"`/,
      );
    }
  }
  assert.deepEqual(requests, []);
  await fails(() => verifier.verify(token, { role: "writer" }), "role_insufficient");
});

test("every other scope can be required, ZITADEL's and those that only sound like it", async (t) => {
  const { verifier, make } = fixtureWith(t, { accept: "opaque" });
  const scopes = [
    zitadel.scopes.api(),
    zitadel.scopes.audience(AUDIENCE),
    zitadel.scopes.organization("1"),
    zitadel.scopes.primaryDomain("roles.example"),
    zitadel.scopes.metadata(),
    zitadel.scopes.resourceOwner(),
    "role:writer",
    "roles",
    "urn:example:iam:org:project:role:writer",
    "urn:zitadel:iam:org:project:rolex",
  ];
  const token = make("opaque", { scope: scopes.join(" ") });
  for (const scope of scopes) await settled(verifier.verify(token, { scope }));
});

test("requirements are read once, and cannot change while the server is asked", async (t) => {
  const { verifier, server } = fixtureWith(t);
  const introspect = server.introspect;
  server.introspect = (token) => ({ ...introspect(token), delay: 1_000 });
  let reads = 0;
  const scope = ["admin"];
  const requirements = {
    get scope() {
      reads += 1;
      return scope;
    },
  };
  const checked = watch(verifier.verify(server.opaque(), requirements));
  await settle();
  scope.length = 0;
  await advance(1_100);
  assert.deepEqual([checked.error?.code, reads], ["scope_insufficient", 1]);
});

test("a signal that is aborted already ends the call, known or not, and nobody is asked", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make, requests } = fixtureWith(t);
    const known = make(kind);
    await settled(verifier.verify(known));
    const { length } = requests;
    for (const reason of [new Error("gone"), "gone", undefined]) {
      for (const token of [known, make(kind, { sub: "another" })]) {
        const aborted = reason === undefined ? AbortSignal.abort() : AbortSignal.abort(reason);
        await assert.rejects(
          verifier.verify(token, { signal: aborted }),
          (thrown) => thrown === aborted.reason,
        );
        assert.equal(verifier.challenge(aborted.reason).status, 500);
      }
    }
    assert.equal(requests.length, length);
    await settled(verifier.verify(known, { signal: new AbortController().signal }));
  }
});

test("a signal that is aborted meanwhile ends that call alone, and leaves no listener behind", async (t) => {
  for (const kind of KINDS) {
    const { verifier, make, server } = fixtureWith(t);
    server.always = { hangs: true };
    const controller = new AbortController();
    let listeners = 0;
    for (const [name, by] of /** @type {const} */ ([
      ["addEventListener", 1],
      ["removeEventListener", -1],
    ])) {
      const own = controller.signal[name].bind(controller.signal);
      Reflect.set(controller.signal, name, (/** @type {[string, any, any]} */ ...given) => {
        if (given[0] === "abort") listeners += by;
        return own(...given);
      });
    }
    const token = make(kind);
    const one = watch(verifier.verify(token, { signal: controller.signal }));
    const other = watch(verifier.verify(token));
    await advance(100);
    assert.equal(listeners, 1);
    controller.abort("enough");
    await settle();
    assert.deepEqual([one.error, other.done, listeners], ["enough", false, 0]);
    server.always = undefined;
    await advance(15_000);
    assert.ok(other.value, String(other.error));
  }
});

test("a polluted prototype neither grants nor requires anything, and hinders nobody", async (t) => {
  const prototype = /** @type {any} */ (Object.prototype);
  const pollution = {
    scope: "admin",
    aud: "other",
    audience: "other",
    role: "admin",
    roles: ["admin"],
    signal: { aborted: true },
    active: true,
    claims: {},
    exp: 1,
    iss: "evil",
    token_type: "evil",
    cnf: {},
    project: "1",
    organization: "1",
    projectId: "1",
    kid: "evil",
    keyId: "evil",
    met: new Set(),
    known: {},
    until: 8e15,
    from: 0,
  };
  for (const kind of KINDS) {
    const { verifier, make, server } = fixtureWith(t);
    // Of an answer all may be missing.
    const unsaid = kind === "opaque" && { exp: undefined, iss: undefined, token_type: undefined };
    const good = make(kind, { scope: "read", ...unsaid });
    const bad = make(kind, { aud: undefined, scope: undefined });
    const lacking = make(kind, { scope: undefined });
    try {
      Object.assign(prototype, pollution);
      for (const name of Object.keys(pollution))
        Object.defineProperty(prototype, name, { enumerable: false });
      for (let i = 0; i < 2; i += 1) assert.ok(await settled(verifier.verify(good)), kind);
      await fails(() => verifier.verify(good, { scope: "admin" }), "scope_insufficient");
      await fails(() => verifier.verify(lacking, { scope: "admin" }), "scope_insufficient");
      // A JWT that names no audience is asked about.
      const ownCode = kind === "jwt" ? "token_inactive" : "audience_refused";
      await fails(() => verifier.verify(bad, { audience: "other" }), ownCode);
      await fails(() => verifier.verify("garbage"), "token_inactive");
      assert.equal(server.introspections(), kind === "jwt" ? 2 : 4, "what is known is used");
    } finally {
      Object.keys(pollution).forEach((name) => delete prototype[name]);
    }
  }
});

test("what lacks is named, unless it may be a secret in the wrong place", async (t) => {
  const { verifier, make } = fixtureWith(t, { projectId: "283746501928374650" });
  const secret = "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";
  /** @type {[required: Requirements, message: string][]} */
  const rows = [
    [
      { scope: "urn:zitadel:iam:org:project:id:zitadel:aud" },
      "the token lacks the scope `urn:zitadel:iam:org:project:id:zitadel:aud`",
    ],
    [{ scope: secret }, "the token lacks a scope that is required"],
    [
      { role: "user.admin" },
      "the token lacks the role `user.admin` in the project `283746501928374650`",
    ],
    [
      { role: secret },
      "the token lacks a role that is required in the project `283746501928374650`",
    ],
    [
      { role: { role: "a", project: secret, organization: secret } },
      "the token lacks the role `a` in its project, granted by its organization",
    ],
  ];
  for (const kind of KINDS) {
    for (const [required, message] of rows)
      assert.equal(
        (await settled(verifier.verify(make(kind), required)).catch((error) => error)).message,
        message,
      );
  }
});

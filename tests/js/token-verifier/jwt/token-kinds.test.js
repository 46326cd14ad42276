// @ts-check
// Which token is an access token: what real servers gave, as JWTs and by introspection, and every
// shape that was once judged wrongly.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../../scripts/run.js";
import { withScopeText } from "../../support/keys/claims.js";
import { advance } from "../../support/clock.js";
import { base64url } from "../../support/keys/jwt.js";
import { settled } from "../../support/promises.js";
import {
  AUDIENCE,
  claimsOf,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";
import { refused } from "../../support/verification.js";

/**
 * @typedef {{
 *   server: string;
 *   case: string;
 *   kind: string;
 *   header: Record<string, unknown>;
 *   claims: Record<string, any>;
 * }} Recorded
 */
/** @type {Recorded[]} */
const RECORDED = JSON.parse(readFileSync(join(root, "tests/vectors/servers/tokens.json"), "utf8"));

const ID = "the token is an id_token, not an access token";
const REFRESH = "the token is a refresh token, not an access token";
const LOGOUT = "the token is a logout token, not an access token";
const EVENT = "the token is a logout token or tells of another event, and is not an access token";
const CODE = "the token is the answer to a login (it holds a `code`), not an access token";
const BOUND = "the token is bound to a key of its holder's (`cnf`), which is not checked here";
/** @type {Record<string, string>} */
const BY_KIND = { id: ID, refresh: REFRESH, logout: LOGOUT, jarm: CODE };

/**
 * How servers mark what is no access token, or leave an access token unmarked; in all of them the
 * audience is right.
 *
 * @type {[string, Record<string, unknown>, string?][]}
 */
const SHAPES = [
  ["Entra v2", { azp: "caller", scp: "access_as_user", ver: "2.0" }],
  ["Entra v2, without a user", { azp: "caller", roles: ["Task.Read"] }],
  ["Auth0", { azp: "caller", scope: "openid read", jti: undefined }],
  ["Auth0, without a user", { azp: "caller", gty: "client-credentials", jti: undefined }],
  ["Keycloak with nonce", { typ: "Bearer", azp: AUDIENCE, nonce: "n" }],
  ["Cognito", { token_use: "access", client_id: "c" }],
  ["Hydra by introspection", { token_use: "access_token", token_type: "Bearer" }],
  ["ForgeRock", { tokenName: "access_token" }],
  ["a typ that is a list", { typ: ["ID"] }],
  ["ZITADEL's logout token", { events: { logout: {} }, sid: "1" }, EVENT],
  ["Keycloak 23's logout token", { typ: "JWT", events: { logout: {} } }, EVENT],
  ["Keycloak's logout token", { typ: "Logout", events: { logout: {} } }, LOGOUT],
  ["Keycloak's offline token", { typ: "Offline", scope: "openid" }, REFRESH],
  [
    "Keycloak's token for registration",
    { typ: "RegistrationAccessToken" },
    "the token is for the registration of a client, and is not an access token",
  ],
  ["Cognito's id_token", { token_use: "id" }, ID],
  [
    "Hydra's refresh token",
    { token_use: "refresh_token", token_type: "Bearer", scope: "read" },
    REFRESH,
  ],
  ["ForgeRock's refresh token", { tokenName: "refresh_token", scope: "read" }, REFRESH],
  ["Spring's id_token", { azp: AUDIENCE, auth_time: 1, sid: "1" }, ID],
  [
    "ZITADEL's id_token by token exchange",
    { azp: AUDIENCE, client_id: AUDIENCE, amr: ["pwd"] },
    ID,
  ],
  ["JARM", { code: "c", state: "s" }, CODE],
  ["Bearer, but id", { typ: "Bearer", token_use: "id" }, ID],
];

/**
 * As if it had been issued a minute ago, by the tests' issuer.
 *
 * @param {Record<string, any>} claims
 */
function moved({ iss, ...claims }) {
  const shift = Math.floor(Date.now() / 1000) - 60 - (claims.iat ?? claims.exp - 300);
  const times = ["iat", "exp", "nbf", "auth_time"]
    .filter((name) => name in claims)
    .map((name) => [name, claims[name] + shift]);
  return { iss: ISSUER, ...claims, ...Object.fromEntries(times) };
}

/**
 * Whom it is for, or this API.
 *
 * @param {Record<string, unknown>} claims
 */
function audienceOf({ aud }) {
  const [first = AUDIENCE] = /** @type {string[]} */ ([aud ?? []].flat());
  return first;
}

/**
 * Why a recorded token is not taken, if so.
 *
 * @type {(recorded: Recorded) => [code?: string, message?: string]}
 */
function expectedOf({ kind, claims }) {
  if (kind === "userinfo") return ["token_invalid", "the token has no `exp`"];
  if (kind in BY_KIND) return ["token_invalid", BY_KIND[kind]];
  if ([claims.aud ?? []].flat().length === 0)
    return ["audience_refused", "the token names no audience"];
  return kind === "dpop" ? ["token_invalid", BOUND] : [];
}

test("JWTs of real servers are told apart", async (t) => {
  const kinds = new Set();
  const { server, verifier } = verifierFixture(t);
  for (const recorded of RECORDED) {
    const name = `${recorded.server}, ${recorded.case}`;
    const claims = moved(recorded.claims);
    const { alg, kid, ...header } = recorded.header;
    const token = server.jwt(
      {
        ...Object.fromEntries(Object.keys(claimsOf()).map((claim) => [claim, undefined])),
        ...claims,
      },
      { typ: undefined, ...header },
    );
    const verifying = () => verifier.verify(token, { audience: audienceOf(claims) });
    const [code, message] = expectedOf(recorded);
    if (code) assert.equal((await refused(verifier, verifying, code)).message, message, name);
    else assert.deepEqual(await settled(verifying()), withScopeText(claims), name);
    kinds.add(recorded.kind);
  }
  assert.deepEqual([...kinds].sort(), [
    "access",
    "dpop",
    "id",
    "jarm",
    "logout",
    "refresh",
    "userinfo",
  ]);
  assert.equal(RECORDED.filter((recorded) => !expectedOf(recorded)[0]).length, 23);
});

test("the same by introspection, as opaque tokens and at first sight", async (t) => {
  const { server, verifier, requests } = verifierFixture(t, {
    introspection: CLIENT,
    accept: "opaque",
  });
  const asked = (/** @type {Record<string, unknown>} */ answer) => {
    const token = server.opaque();
    server.active.set(token, answer);
    return token;
  };
  for (const recorded of RECORDED) {
    const name = `${recorded.server}, ${recorded.case}`;
    const claims = moved(recorded.claims);
    const answer = claims;
    const audience = audienceOf(claims);
    const other = BY_KIND[recorded.kind];
    const opaque = () => verifier.verify(asked(answer), { audience });
    const count = requests.length;
    if (other) {
      assert.equal((await refused(verifier, opaque)).message, other, name);
      const jwt = server.jwt({ ...answer }, { typ: undefined, ...recorded.header });
      server.active.set(jwt, answer);
      const before = requests.length;
      assert.equal(
        (await refused(verifier, () => verifier.verify(jwt, { audience }))).message,
        other,
        name,
      );
      assert.equal(requests.length, before, name);
    } else if (recorded.kind === "dpop")
      assert.equal((await refused(verifier, opaque)).message, BOUND, name);
    // An introspection need not say when a token ends.
    else if ([claims.aud ?? []].flat().length === 0)
      await refused(verifier, opaque, "audience_refused");
    else {
      const { active, ...said } = await settled(opaque());
      assert.deepEqual([active, said], [true, withScopeText(claims)], name);
    }
    assert.ok(requests.length > count, name);
  }
});

test("every shape is judged alike as a JWT and by introspection", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  for (const [name, shape, message] of SHAPES) {
    for (const token of [
      server.jwt(shape),
      server.jwt(shape, { typ: undefined }),
      server.opaque({ scope: undefined, ...shape }),
    ]) {
      const verifying = () => verifier.verify(token);
      if (message) assert.equal((await refused(verifier, verifying)).message, message, name);
      else assert.ok(await settled(verifying()), name);
    }
  }
});

test("what an answer shows is about its token alone: it is remembered, and others are asked about", async (t) => {
  const { server, verifier, events } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque({ token_use: "refresh_token" });
  const errors = await Promise.all(
    [1, 2].map(() => refused(verifier, () => verifier.verify(token))),
  );
  // Each has one of its own.
  assert.notEqual(errors[0], errors[1]);
  errors[0].message = "changed";
  assert.equal((await refused(verifier, () => verifier.verify(token))).message, REFRESH);
  assert.equal(server.introspections(), 1);
  assert.ok(await settled(verifier.verify(server.opaque())));
  await advance(10_001);
  await refused(verifier, () => verifier.verify(token));
  assert.equal(server.introspections(), 3);
  assert.deepEqual([...new Set(events.map(({ type }) => type))], ["fetch", "refuse", "accept"]);
});

test("a known token of which the server says later that it is of another kind is refused from then on", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  await settled(verifier.verify(token));
  server.active.set(token, claimsOf({ typ: "ID" }));
  await advance(61_000);
  assert.equal((await refused(verifier, () => verifier.verify(token))).message, ID);
  server.active.set(token, claimsOf());
  await advance(10_001);
  assert.ok(await settled(verifier.verify(token)));
});

test("a token of three parts is looked at before anybody is asked about it, or for keys", async (t) => {
  for (const options of /** @type {const} */ ([
    {},
    { introspection: CLIENT },
    { introspection: CLIENT, accept: "opaque" },
  ])) {
    const { server, verifier, requests } = verifierFixture(t, options);
    const others = [
      ...SHAPES.filter(([, , message]) => message).map(([, shape]) => server.jwt(shape)),
      server.jwt({}, { typ: "logout+jwt" }),
      server.jwt({}, { typ: ["JWT"] }),
    ];
    for (const token of others) await refused(verifier, () => verifier.verify(token));
    assert.equal(requests.length, 0);
    const token = server.jwt({ nonce: "n" }, { typ: "at+jwt" });
    server.active.set(token, claimsOf());
    assert.ok(await settled(verifier.verify(token)));
  }
});

test("three parts that are no header and claims are opaque where everything is asked about", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    introspection: CLIENT,
    accept: "opaque",
    typ: "at+jwt",
  });
  const [header, id] = [{ alg: "ES256", typ: "JWT" }, claimsOf({ nonce: "n" })].map((part) =>
    base64url(JSON.stringify(part)),
  );
  const twice = base64url('{"nonce":1,"nonce":2}');
  for (const token of [
    "a.b.c",
    "v4.public.payload",
    `${header}.${id}A.c`,
    `${id}.Zg0Wcw.c`,
    `x.${id}.c`,
    `${header}.${twice}.c`,
    `${header}.${base64url("[]")}.c`,
  ]) {
    server.active.set(token, claimsOf());
    assert.ok(await settled(verifier.verify(token)), token);
  }
});

test("an API may want RFC 9068 alone: other JWTs are refused with the name of the option, opaque tokens are asked about", async (t) => {
  const isMissing = "the token's `typ` is not `at+jwt`";
  for (const accept of /** @type {const} */ ([undefined, "jwt", "opaque"])) {
    const { server, verifier, requests } = verifierFixture(t, {
      introspection: CLIENT,
      typ: "at+jwt",
      ...(accept && { accept }),
    });
    for (const typ of [undefined, "JWT", "application/jwt", "JOSE"]) {
      const token = server.jwt({ scope: "read" }, { typ });
      server.active.set(token, claimsOf());
      const error = await refused(verifier, () => verifier.verify(token));
      assert.equal(error.message, isMissing);
      assert.match(error.hint, /the option `typ: "at\+jwt"`/);
    }
    assert.equal(
      (await refused(verifier, () => verifier.verify(server.jwt({}, { typ: "logout+jwt" }))))
        .message,
      LOGOUT,
    );
    assert.equal(requests.length, 0);
    for (const typ of ["at+jwt", "AT+JWT", "application/at+jwt"]) {
      const token = server.jwt({}, { typ });
      server.active.set(token, claimsOf());
      assert.ok(await settled(verifier.verify(token)));
    }
    const opaque = server.opaque();
    if (accept === "jwt") await refused(verifier, () => verifier.verify(opaque));
    else assert.ok(await settled(verifier.verify(opaque)));
  }
});

test("with and without the option they are two verifiers, and neither knows the other's tokens", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const strict = verifierFixture(t, { fetch: server.fetch, typ: "at+jwt" }).verifier;
  const token = server.jwt();
  assert.ok(await settled(verifier.verify(token)));
  await refused(strict, () => strict.verify(token));
  assert.ok(await settled(verifier.verify(token)));
});

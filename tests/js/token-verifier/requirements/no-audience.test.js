// @ts-check
// Tokens that name no audience: by which other check they are accepted, and what stays refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { advance } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { settled } from "../../support/promises.js";
import {
  AUDIENCE,
  claimsOf,
  CLIENT,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

const NAMELESS = { aud: undefined, client_id: "svc" };

test("without an option a token that names no audience is refused, and the hint names the ways out", async (t) => {
  const { server, verifier } = verifierFixture(t, { audience: "api" });
  for (const aud of [undefined, []]) {
    const { message, hint } = await fails(
      () => verifier.verify(server.jwt({ aud })),
      "audience_refused",
    );
    assert.equal(message, "the token names no audience");
    assert.match(hint, /audience mapper/);
    assert.match(hint, /`clientId`/);
    assert.match(hint, /`introspection`/);
    assert.doesNotMatch(hint, /ZITADEL/);
  }
});

test("by `clientId` the client that a token names is accepted, whatever the claim is called", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    audience: undefined,
    clientId: ["svc", "other"],
    scope: "read",
  });
  for (const aud of [undefined, []]) {
    for (const name of ["client_id", "azp", "cid", "appid"]) {
      const token = server.jwt({ aud, client_id: undefined, [name]: "svc", scope: "read" });
      for (let n = 0; n < 2; n += 1) assert.ok(await settled(verifier.verify(token)), name);
      const stranger = server.jwt({ aud, client_id: undefined, [name]: "svc2", scope: "read" });
      const { message, hint } = await fails(() => verifier.verify(stranger), "audience_refused");
      assert.equal(message, "the token names no audience, and its client is `svc2`");
      assert.match(hint, /`clientId`/);
    }
  }
  // The first of the names counts, so that nobody adds another.
  for (const client_id of ["stranger", ""]) {
    const token = server.jwt({ ...NAMELESS, client_id, azp: "svc", cid: "svc", scope: "read" });
    await fails(() => verifier.verify(token), "audience_refused");
  }
  const nobody = server.jwt({ aud: undefined, client_id: undefined, scope: "read" });
  assert.equal(
    (await fails(() => verifier.verify(nobody), "audience_refused")).message,
    "the token names no audience, and its client is none of those accepted",
  );
});

test("`clientId` does not save a token that names an audience", async (t) => {
  const only = verifierFixture(t, { audience: undefined, clientId: "svc", scope: "read" });
  const token = only.server.jwt({ client_id: "svc", scope: "read", aud: ["api"] });
  const error = await fails(() => only.verifier.verify(token), "audience_refused");
  assert.match(error.hint, /^set `audience`/);
  for (const aud of [null, "", [""], {}, 1]) {
    const odd = only.server.jwt({ client_id: "svc", scope: "read", aud });
    await fails(() => only.verifier.verify(odd));
  }

  const both = verifierFixture(t, { audience: "api", clientId: "svc", scope: "read" });
  const meant = both.server.jwt({ client_id: "stranger", scope: "read", aud: "api" });
  assert.ok(await settled(both.verifier.verify(meant)));
  const other = both.server.jwt({ client_id: "svc", scope: "read", aud: "other" });
  await fails(() => both.verifier.verify(other), "audience_refused");
});

test("beside `clientId` a scope or a role is required, of the verifier or of the call", async (t) => {
  const { server, verifier } = verifierFixture(t, { audience: undefined, clientId: "svc" });
  const token = server.jwt({ ...NAMELESS, scope: "read" });
  for (const requirements of [undefined, {}, { audience: "api" }, { claims: { sub: "1" } }]) {
    const error = await fails(() => verifier.verify(token, requirements), "option_invalid");
    assert.match(error.message, /neither a `scope` nor a `role` is required/);
    assert.equal(verifier.challenge(error).status, 500);
  }
  assert.ok(await settled(verifier.verify(token, { scope: "read" })));
  await fails(() => verifier.verify(token, { scope: "write" }), "scope_insufficient");
});

test("an introspection is taken by `clientId` only if it says that this is an access token", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    audience: undefined,
    clientId: "svc",
    scope: "read",
    introspection: CLIENT,
  });
  const saying = (/** @type {Record<string, unknown>} */ changes) =>
    server.opaque({ ...NAMELESS, scope: "read", ...changes });
  for (const changes of [
    {},
    { token_type: "bearer" },
    { token_type: undefined, token_use: "access_token" },
    { token_type: undefined, typ: "Bearer", aud: [] },
    { aud: null },
  ])
    assert.ok(await settled(verifier.verify(saying(changes))), JSON.stringify(changes));

  // As Spring answers of authorization codes and of refresh tokens.
  const { message } = await fails(
    () => verifier.verify(saying({ token_type: undefined })),
    "audience_refused",
  );
  assert.equal(message, "the token names no audience, and may be no access token");
  await fails(() => verifier.verify(saying({ token_type: "N_A" })), "token_invalid");
  const bound = saying({ token_type: undefined, typ: "DPoP" });
  await fails(() => verifier.verify(bound), "audience_refused");
  await fails(() => verifier.verify(saying({ token_use: "refresh_token" })), "token_invalid");
  await fails(() => verifier.verify(saying({ client_id: "stranger" })), "audience_refused");
  await fails(() => verifier.verify(saying({ scope: "write" })), "scope_insufficient");
});

test("a JWT without an audience is asked about once its signature, its issuer and its times are good", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  // Keycloak's lightweight ones have neither `aud` nor `sub` nor roles.
  const lightweight = server.jwt({
    aud: undefined,
    sub: undefined,
    client_id: undefined,
    azp: "svc",
  });
  server.active.set(lightweight, claimsOf({ token_type: "Bearer", scope: "read" }));
  for (let n = 0; n < 3; n += 1) {
    const claims = await settled(verifier.verify(lightweight, { scope: "read" }));
    assert.equal(claims.sub, "317905284016374539", "what the server says");
  }
  await fails(() => verifier.verify(lightweight, { scope: "write" }), "scope_insufficient");
  await fails(() => verifier.verify(lightweight, { audience: "other" }), "audience_refused");
  assert.equal(server.introspections(), 1);

  // Beside it: what is not good is not asked about.
  const forged = jwt(makeKey("ES256", server.key.kid), claimsOf({ aud: undefined }));
  await fails(() => verifier.verify(forged), "token_invalid");
  for (const [changes, code] of /** @type {const} */ ([
    [{ iss: "https://other.example" }, "token_invalid"],
    [{ exp: 1 }, "token_expired"],
    [{ nonce: "n" }, "token_invalid"],
    [{ cnf: { jkt: "x" } }, "token_invalid"],
  ]))
    await fails(() => verifier.verify(server.jwt({ aud: undefined, ...changes })), code);
  assert.equal(server.introspections(), 1);
  await fails(() => verifier.verify(server.jwt({ aud: undefined })), "token_inactive");
  assert.equal(server.introspections(), 2);
});

test("a JWT with an audience is never asked about, whatever it lacks", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  await fails(() => verifier.verify(server.jwt({ aud: "other" })), "audience_refused");
  await fails(() => verifier.verify(server.jwt(), { scope: "a" }), "scope_insufficient");
  assert.equal(server.introspections(), 0);
});

test("with `clientId` too, the server is asked about a JWT without an audience", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    introspection: CLIENT,
    clientId: "svc",
    scope: "read",
  });
  const token = server.jwt({ ...NAMELESS, scope: "read" });
  await fails(() => verifier.verify(token), "token_inactive");
  assert.equal(server.introspections(), 1);
});

test("a JWT by a new key is asked about, after the keys", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT });
  await settled(verifier.verify(server.jwt()));
  server.rotate();
  const token = server.jwt({ aud: undefined });
  server.active.set(token, claimsOf({ token_type: "Bearer" }));
  assert.ok(await settled(verifier.verify(token)));
  assert.deepEqual([server.keyRequests(), server.introspections()], [2, 1]);
});

test("where an introspection names no audience, a JWT's own counts, once it is verified", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, accept: "opaque" });
  const active = (/** @type {string} */ token, said = {}) => {
    server.active.set(token, claimsOf({ aud: undefined, token_type: "Bearer", ...said }));
    return token;
  };
  const good = active(server.jwt());
  for (let n = 0; n < 2; n += 1) assert.ok(await settled(verifier.verify(good)));
  assert.deepEqual([server.introspections(), server.keyRequests()], [1, 1], "once each");

  // What the server says comes first.
  await fails(() => verifier.verify(active(server.jwt(), { aud: "other" })), "audience_refused");
  await fails(() => verifier.verify(active(server.jwt({ aud: "other" }))), "audience_refused");
  const forged = jwt(makeKey("ES256", server.key.kid), claimsOf());
  await fails(() => verifier.verify(active(forged)), "token_invalid");
  await fails(
    () => verifier.verify(active(server.jwt({ iss: "https://b.example" }))),
    "token_invalid",
  );
  await fails(() => verifier.verify(active(server.jwt({ exp: 1 }))), "token_expired");

  // What is no JWT has none of its own; nor has one that only the server can verify.
  const byHmac = (claims = {}) =>
    active(server.jwt({ aud: undefined, ...claims }, { alg: "HS512" }));
  for (const token of [server.opaque({ aud: undefined }), byHmac(), byHmac({ aud: [] })])
    await fails(() => verifier.verify(token), "audience_refused");
  const unknown = await fails(() => verifier.verify(byHmac({ aud: AUDIENCE })), "audience_refused");
  assert.match(unknown.message, /the server names no audience/);
});

test("by `clientId` no token is accepted that names another audience, however it is written", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    introspection: CLIENT,
    accept: "opaque",
    audience: undefined,
    clientId: "svc",
    scope: "read",
  });
  // A server that overlooks what is wrong with a signature.
  server.introspect = () => ({
    body: { active: true, client_id: "svc", token_type: "Bearer", scope: "read" },
  });
  const token = server.jwt({ aud: "other" });
  const last = token.at(-1) === "A" ? "B" : "A";
  for (const written of [
    token,
    `${token}=`,
    `${token}.`,
    `.${token}`,
    `${token}..`,
    `${token.slice(0, -1)}${last}`,
    server.jwt({ aud: "other" }, { alg: "HS256" }),
    server.jwt({ aud: "other" }, { alg: "ES256K" }),
    jwt(makeKey(), claimsOf({ aud: "other" })),
  ])
    await fails(() => verifier.verify(written));
  assert.ok(await settled(verifier.verify("opaque")), "what names nobody is accepted");

  const prototype = /** @type {any} */ (Object.prototype);
  prototype.aud = "x";
  t.after(() => delete prototype.aud);
  await fails(() => verifier.verify(server.jwt({ aud: "other" })), "audience_refused");
});

test("a call that names audiences wants one of these, whatever the client is", async (t) => {
  const { server, verifier } = verifierFixture(t, {
    audience: undefined,
    clientId: "svc",
    scope: "read",
  });
  const token = server.jwt({ ...NAMELESS, scope: "read" });
  assert.ok(await settled(verifier.verify(token)));
  await fails(() => verifier.verify(token, { audience: "admin" }), "audience_refused");
});

test("a JWT's own audience counts for the next requirements too, and after the answer was renewed", async (t) => {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, accept: "opaque" });
  const token = server.jwt();
  server.active.set(token, claimsOf({ aud: undefined, scope: "read" }));
  for (let n = 0; n < 4; n += 1) {
    assert.ok(await settled(verifier.verify(token)));
    assert.ok(await settled(verifier.verify(token, { scope: "read", audience: AUDIENCE })));
    await fails(() => verifier.verify(token, { audience: "other" }), "audience_refused");
    await advance(30_000);
  }
});

test("Spring's authorization codes and refresh tokens do not pass by `clientId`", async (t) => {
  const file = new URL("../../../vectors/servers/introspections.json", import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, "utf8"));
  const recorded = cases.filter(
    (/** @type {{ server: string; case: string }} */ one) =>
      one.server.startsWith("Spring") && /introspect (code|refresh token)/.test(one.case),
  );
  assert.equal(recorded.length, 4);
  for (const { body, case: name } of recorded) {
    const { server, verifier } = verifierFixture(t, {
      audience: undefined,
      clientId: JSON.parse(body).client_id,
      scope: "read",
      introspection: CLIENT,
    });
    const { exp, iat, ...said } = JSON.parse(body);
    server.introspect = () => ({ body: { ...said, scope: "read" } });
    await fails(() => verifier.verify("code"), "audience_refused").catch((error) => {
      throw new Error(name, { cause: error });
    });
  }
});

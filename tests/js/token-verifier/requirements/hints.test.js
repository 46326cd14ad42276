// @ts-check
// Hints of a verifier: they speak of ZITADEL where the options say that it is one, and nowhere else.
import assert from "node:assert/strict";
import test from "node:test";
import { fails } from "../../support/errors.js";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import {
  claimsOf,
  CLIENT,
  ISSUER,
  PROJECT,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

/** @typedef {Partial<import("edge-credentials").TokenVerifierOptions>} Options */

/**
 * The hints of everything that a verifier refuses.
 *
 * @param {import("node:test").TestContext} t
 * @param {Options} options
 */
async function hintsOf(t, options) {
  const { server, verifier } = verifierFixture(t, { introspection: CLIENT, ...options });
  const { issuer } = { issuer: ISSUER, ...options };
  const jwtOnly = verifierFixture(t, { ...options, accept: "jwt", introspection: undefined });
  const refusing = verifierFixture(t, { introspection: CLIENT, ...options });
  refusing.server.introspect = () => ({ status: 401, body: { error: "invalid_client" } });
  const errors = [];
  for (const run of [
    () => refusing.verifier.verify("any"),
    () => verifier.verify(server.jwt({ aud: "x" }), { audience: "y" }),
    () => verifier.verify(server.opaque({ aud: "x" }), { audience: "y" }),
    () => verifier.verify(server.opaque({ aud: [] }), { audience: "y" }),
    () => verifier.verify(server.jwt({ aud: "y" }), { audience: "y", scope: "read" }),
    () => verifier.verify("made-up"),
    () => jwtOnly.verifier.verify("made-up"),
    () => verifier.verify(server.jwt({ iss: `${issuer}/` })),
    () => verifier.verify(server.jwt({ cnf: {} })),
    () => verifier.verify(server.jwt({ typ: "ID" })),
  ])
    errors.push(await fails(run));
  return errors.map(({ hint }) => hint);
}

test("of a server that nobody called a ZITADEL, no hint speaks of one", async (t) => {
  for (const options of [{ audience: "api" }, { audience: "https://api.example" }]) {
    for (const hint of await hintsOf(t, options)) assert.doesNotMatch(hint, /zitadel/i);
  }
});

test("a project, an id of its kind or the issuer's name say that it is one", async (t) => {
  for (const options of [
    { projectId: PROJECT },
    { audience: PROJECT },
    { audience: `${PROJECT}@api` },
  ]) {
    const hints = await hintsOf(t, options);
    assert.equal(
      hints.filter((hint) => hint.includes("urn:zitadel:iam:org:project:id:")).length,
      4,
    );
    assert.ok(hints.some((hint) => hint.includes("as ZITADEL's are: require a role")));
  }
});

test("an issuer's name says it too", async (t) => {
  const key = makeKey();
  for (const issuer of ["https://acme.zitadel.cloud", "https://zitadel.acme.example"]) {
    const { verifier } = verifierFixture(t, {
      issuer,
      audience: "api",
      jwks: { keys: [key.jwk] },
    });
    const token = jwt(key, claimsOf({ iss: issuer, aud: "other" }));
    const { hint } = await fails(() => verifier.verify(token), "audience_refused");
    assert.match(hint, /urn:zitadel:iam:org:project:id:/);
  }
});

test("a role that is lacking speaks of both, since only ZITADEL's roles are read without `roleClaim`", async (t) => {
  const { server, verifier } = verifierFixture(t, { audience: "api" });
  const role = { role: "writer", project: "1" };
  const { hint } = await fails(() => verifier.verify(server.jwt({ aud: "api" }), { role }));
  assert.match(hint, /Elsewhere set `roleClaim`/);
});

// @ts-check
// Token verifiers: what they take, what they ask for, what they answer.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { advance } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { jwt, makeKey } from "../support/keys/jwt.js";
import { settled } from "../support/promises.js";
import {
  AUDIENCE,
  claimsOf,
  CLIENT,
  ISSUER,
  verifierFixture,
  PROJECT,
  withToken,
} from "../support/fixtures/token-verifier.js";

test("a JWT is checked by the issuer's keys, once", async (t) => {
  const { server, verifier, requests } = verifierFixture(t);
  const token = server.jwt({
    [`urn:zitadel:iam:org:project:${PROJECT}:roles`]: { admin: { 1: "acme.localhost" } },
  });
  const claims = await settled(verifier.verify(withToken(token)));
  assert.equal(claims.sub, "317905284016374539");
  assert.deepEqual(
    requests.map(({ path }) => path),
    ["/.well-known/openid-configuration", "/oauth/v2/keys"],
  );
  assert.equal(await verifier.verify(token), claims);
  assert.equal(requests.length, 2);
  assert.ok(Object.isFrozen(claims) && Object.isFrozen(claims.aud));
});

test("a JWT may call its type what it likes: that is a member of introspections", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await settled(verifier.verify(server.jwt({ token_type: "access" })));
});

test("an opaque token is asked about, once a minute", async (t) => {
  const { server, verifier, requests } = verifierFixture(t, { introspection: CLIENT });
  const token = server.opaque();
  const claims = await settled(verifier.verify(withToken(token)));
  assert.equal(claims.username, "edge");
  assert.deepEqual(
    requests.map(({ path }) => path),
    ["/.well-known/openid-configuration", "/oauth/v2/introspect"],
  );
  assert.equal(await verifier.verify(token), claims);
  assert.equal(requests.length, 2);
  await advance(61_000);
  server.active.delete(token);
  const error = await failure(() => settled(verifier.verify(token)), "token_inactive");
  assert.equal(verifier.challenge(error).status, 401);
  assert.equal(server.introspections(), 2);
});

test("what a token lacks is named, since it is the API that requires it", async (t) => {
  const { server, verifier } = verifierFixture(t);
  const messages = [];
  for (const requirements of [
    { scope: "read write" },
    { role: { role: "writer", project: PROJECT } },
    { role: { role: "writer", project: "7", organization: "9" } },
  ]) {
    messages.push(
      (await failure(() => settled(verifier.verify(server.jwt({ scope: "read" }), requirements))))
        .message,
    );
  }
  assert.deepEqual(messages, [
    "the token lacks the scope `write`",
    `the token lacks the role \`writer\` in the project \`${PROJECT}\``,
    "the token lacks the role `writer` in the project `7`, granted by the organization `9`",
  ]);
});

test("a token that its own claims would refuse is refused at once, whoever signed it: nobody is asked for another key", async (t) => {
  const { server, verifier } = verifierFixture(t);
  await settled(verifier.verify(server.jwt()));
  const stranger = makeKey();
  await advance(31_000);
  for (const [changes, code] of /** @type {const} */ ([
    [{ iss: "https://other.example" }, "token_invalid"],
    [{ exp: 1 }, "token_expired"],
    [{ aud: "other" }, "audience_refused"],
    [{ nonce: "x" }, "token_invalid"],
  ])) {
    await failure(() => settled(verifier.verify(jwt(stranger, claimsOf(changes)))), code);
  }
  assert.equal(server.keyRequests(), 1);
  await failure(() => settled(verifier.verify(jwt(stranger, claimsOf()))), "token_invalid");
  assert.equal(server.keyRequests(), 2);
});

test("onEvent is told of every token that is refused, of whose it is if it is signed, and of none that was taken", async (t) => {
  const { server, verifier, events } = verifierFixture(t);
  await settled(verifier.verify(server.jwt()));
  for (const input of [new Request("https://api.example"), "a,b", server.jwt({ aud: "other" })])
    await failure(() => settled(verifier.verify(input)));
  const refused = events.filter(({ type }) => type === "refuse");
  const token = { sub: "317905284016374539", client_id: "edge-worker", aud: ["other"] };
  assert.deepEqual(refused, [
    { type: "refuse", what: "token", code: "token_missing" },
    { type: "refuse", what: "token", code: "token_malformed" },
    { type: "refuse", what: "token", code: "audience_refused", token },
  ]);
});

test("mistakes of the API's own are told as such", async () => {
  const one = tokenVerifier({ issuer: ISSUER, audience: AUDIENCE });
  const whole = await failure(() => one.verify("Bearer abc"), "option_invalid");
  assert.equal(whole.message, "`verify` was given the whole header, not the token");
  assert.match(
    (await failure(() => one.verify(/** @type {any} */ (new Map())), "option_invalid")).hint,
    /c\.req\.raw/,
  );
  assert.match(
    (await failure(() => tokenVerifier(/** @type {any} */ ({ issuer: ISSUER })), "option_invalid"))
      .hint,
    /id of the API's project/,
  );
  assert.match(
    (
      await failure(
        () =>
          tokenVerifier({
            issuer: ISSUER,
            audience: /** @type {any} */ (Number("317905284016440075")),
          }),
        "option_invalid",
      )
    ).hint,
    /in quotes/,
  );
});

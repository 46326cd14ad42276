// @ts-check
// The credentials that an API introspects with: how they are sent, and what becomes of those that
// rotate, are refused or not to be had.
import assert from "node:assert/strict";
import test from "node:test";
import { advance, settle } from "../../support/clock.js";
import { fails } from "../../support/errors.js";
import { makePem } from "../../support/keys/jwt.js";
import { outcome, settled, watch } from "../../support/promises.js";
import {
  AUDIENCE,
  CLIENT,
  ISSUER,
  verifierFixture,
} from "../../support/fixtures/token-verifier.js";

/** @typedef {import("../../support/fixtures/token-verifier.js").Recorded} Recorded */

/**
 * An application's key file.
 *
 * @param {string} keyId
 * @param {Record<string, string>} [more]
 */
const fileOf = (keyId, more) => ({
  type: "application",
  keyId,
  key: makePem(),
  appId: "1",
  clientId: "43@project",
  ...more,
});
/** @param {Recorded} request */
const kidOf = ({ body }) =>
  JSON.parse(
    String(
      Buffer.from(
        String(new URLSearchParams(body).get("client_assertion")).split(".")[0],
        "base64url",
      ),
    ),
  ).kid;
/** @param {Recorded} request */
const secretOf = ({ headers }) => atob(String(headers.get("authorization")).slice(6)).split(":")[1];

const REFUSED = { status: 400, body: { error: "unauthorized_client" } };
const GOOD = { body: { active: true, aud: AUDIENCE } };

test("Basic is encoded as ZITADEL decodes it, and the secret may be in the form instead", async (t) => {
  const vector = verifierFixture(t, {
    introspection: { clientId: "78366401571920522@amce", clientSecret: "veryweaksecret!" },
    introspectionEndpoint: `${ISSUER}/ask`,
  });
  vector.server.script["/ask"] = [GOOD];
  await settled(vector.verifier.verify("token"));
  assert.equal(
    vector.requests[0].headers.get("authorization"),
    "Basic NzgzNjY0MDE1NzE5MjA1MjIlNDBhbWNlOnZlcnl3ZWFrc2VjcmV0JTIx",
  );
  assert.deepEqual(
    [vector.requests[0].body, vector.requests[0].headers.get("content-type")],
    ["token=token", "application/x-www-form-urlencoded"],
  );

  const { verifier, server, requests } = verifierFixture(t, {
    introspection: { ...CLIENT, clientAuth: "client_secret_post" },
  });
  server.introspect = () => GOOD;
  await settled(verifier.verify("a+b/c="));
  const [, { body, headers }] = requests;
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    token: "a+b/c=",
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
  });
  assert.equal(headers.get("authorization"), null);
});

test("a secret that a function gives is asked for once, however many tokens come", async (t) => {
  let asked = 0;
  const clientSecret = async () => {
    asked += 1;
    return `secret-${asked}`;
  };
  const { verifier, server } = verifierFixture(t, {
    introspection: { clientId: "a", clientSecret },
  });
  server.introspect = () => GOOD;
  assert.equal(asked, 0, "not when the verifier is made");
  for (let i = 0; i < 20; i += 1) await settled(verifier.verify(`token-${i}`));
  await advance(90_000);
  for (let i = 0; i < 20; i += 1) await settled(verifier.verify(`token-${i}`));
  assert.equal(asked, 1);
});

test("a key that rotates is asked for again when the assertion is refused, and the caller is not told", async (t) => {
  const files = [fileOf("1"), fileOf("2")];
  let asked = 0;
  const { verifier, server, requests } = verifierFixture(t, {
    introspection: {
      key() {
        asked += 1;
        return files[Math.min(asked, 2) - 1];
      },
    },
  });
  server.introspect = () =>
    kidOf(/** @type {Recorded} */ (requests.at(-1))) === "2"
      ? GOOD
      : { status: 401, body: { error: "invalid_client" } };
  for (const token of ["a", "b"]) await settled(verifier.verify(token));
  assert.deepEqual([asked, requests.slice(1).map(kidOf)], [2, ["1", "2", "2"]]);
});

test("while a secret rotates nobody is refused, whichever answer comes first", async (t) => {
  let secret = "old";
  let asked = 0;
  const clientSecret = () => {
    asked += 1;
    return secret;
  };
  const { verifier, server, requests } = verifierFixture(t, {
    introspection: { clientId: "a", clientSecret },
  });
  server.introspect = () => GOOD;
  await settled(verifier.verify("first"));
  secret = "new";
  const delays = [100, 400, 800, 1_500];
  server.introspect = () => {
    const isNew = secretOf(/** @type {Recorded} */ (requests.at(-1))) === "new";
    return { ...(isNew ? GOOD : REFUSED), delay: isNew ? 50 : Number(delays.shift()) };
  };
  const checked = ["a", "b", "c", "d"].map((token) => watch(verifier.verify(token)));
  await Promise.all(checked.map(outcome));
  assert.deepEqual(
    checked.map(({ value, error }) => value?.active ?? error?.code),
    [true, true, true, true],
  );
  assert.equal(server.introspections(), 9);
  assert.equal(asked, 2);
});

test("what stays refused is refused once more when the function gives another, and not again", async (t) => {
  let asked = 0;
  const clientSecret = () => {
    asked += 1;
    return `wrong-${asked}`;
  };
  const { verifier, server } = verifierFixture(t, {
    introspection: { clientId: "a", clientSecret },
  });
  server.introspect = () => REFUSED;
  const error = await fails(() => verifier.verify("token"), "credentials_refused");
  assert.deepEqual(
    [error.category, error.error, server.introspections()],
    ["denied", "unauthorized_client", 2],
  );
  // The function is asked again in 10 s. Whatever token comes, nothing is sent before a second has
  // gone by: the refusal may be about that token alone.
  const later = await fails(() => verifier.verify("token"), "credentials_refused");
  const retryAt = Number(later.retryAt);
  assert.ok(retryAt >= Number(error.retryAt) && retryAt <= Date.now() + 10_000);
  assert.equal(server.introspections(), 2, "and not before its time");
});

test("credentials that are not to be had are our fault: 500, nobody is asked, and later they may be there", async (t) => {
  let isThere = false;
  const give = (/** @type {unknown} */ value) => () => {
    if (!isThere) throw new Error("vault");
    return /** @type {any} */ (value);
  };
  /** @type {[introspection: import("edge-credentials").IntrospectionClient, code: string][]} */
  const cases = [
    [{ clientId: "a", clientSecret: give("s") }, "callback_failed"],
    [
      { clientId: "a", clientSecret: () => (isThere ? "s" : /** @type {any} */ (undefined)) },
      "callback_failed",
    ],
    [{ clientId: "a", clientSecret: () => (isThere ? "s" : "") }, "option_invalid"],
    [{ key: give(fileOf("1")) }, "callback_failed"],
    [{ key: () => (isThere ? fileOf("1") : "no key") }, "option_invalid"],
    [
      { key: () => fileOf("1", isThere ? undefined : { expirationDate: "2020-01-01T00:00:00Z" }) },
      "key_expired",
    ],
  ];
  for (const [introspection, code] of cases) {
    isThere = false;
    const { verifier, server } = verifierFixture(t, { introspection });
    server.introspect = () => GOOD;
    const error = await fails(() => verifier.verify("token"), code);
    const { status, headers } = verifier.challenge(error);
    assert.deepEqual(
      [error.category, status, headers.get("www-authenticate"), server.introspections()],
      ["misuse", 500, null, 0],
    );
    isThere = true;
    await advance(2_500);
    assert.ok(await settled(verifier.verify("token")));
  }
});

test("a function that hangs holds a call up no longer than its timeout, and gives the room back", async (t) => {
  let isThere = false;
  const clientSecret = () =>
    isThere ? "s" : /** @type {Promise<string>} */ (new Promise(() => {}));
  const { verifier, server } = verifierFixture(t, {
    introspection: { clientId: "a", clientSecret },
    timeout: 5_000,
  });
  server.introspect = () => GOOD;
  const asked = Array.from({ length: 32 }, (_, i) => watch(verifier.verify(`token-${i}`)));
  await advance(5_100);
  assert.ok(asked.every(({ error }) => error?.code === "timed_out"));
  await fails(() => verifier.verify("another"), "server_overloaded");
  isThere = true;
  await advance(30_000);
  await settle();
  assert.ok(await settled(verifier.verify("another")));
});

test("an endpoint that wants no credentials gets none", async (t) => {
  const { verifier, server, requests } = verifierFixture(t, {
    introspection: { clientAuth: "none" },
  });
  server.introspect = () => GOOD;
  await settled(verifier.verify("token"));
  const [, { body, headers }] = requests;
  assert.deepEqual([body, headers.get("authorization")], ["token=token", null]);

  // One that wants some after all: it is this API's fault, and what to do is said.
  server.introspect = () => ({ status: 401, body: { error: "invalid_client" } });
  const error = await fails(() => verifier.verify("other"), "credentials_refused");
  assert.equal(verifier.challenge(error).status, 500);
});

test("an access token of the API's own goes into the header; a function is called for each request", async (t) => {
  let number = 0;
  for (const [accessToken, expected] of /** @type {const} */ ([
    ["own.token", ["Bearer own.token", "Bearer own.token"]],
    [() => `own.${(number += 1)}`, ["Bearer own.1", "Bearer own.2"]],
    [async () => `own.${(number += 1)}`, ["Bearer own.3", "Bearer own.4"]],
  ])) {
    const { verifier, server, requests } = verifierFixture(t, { introspection: { accessToken } });
    server.introspect = () => GOOD;
    for (const token of ["a", "b"]) await settled(verifier.verify(token));
    assert.deepEqual(
      requests.slice(1).map(({ headers, body }) => [headers.get("authorization"), body]),
      [
        [expected[0], "token=a"],
        [expected[1], "token=b"],
      ],
    );
  }
});

test("with an access token of the API's own, `invalid_token` is about that, and else about the caller's", async (t) => {
  for (const [introspection, code, status] of /** @type {const} */ ([
    [{ accessToken: "own" }, "credentials_refused", 500],
    [CLIENT, "token_inactive", 401],
    [{ clientAuth: "none" }, "token_inactive", 401],
  ])) {
    for (const answer of [
      { status: 401, body: { error: "invalid_token" } },
      { status: 400, body: { error: "invalid_token" } },
    ]) {
      const { verifier, server } = verifierFixture(t, { introspection });
      server.introspect = () => answer;
      const error = await fails(() => verifier.verify("token"), code);
      assert.equal(verifier.challenge(error).status, status);
      assert.doesNotMatch(JSON.stringify(error), /own\b/);
    }
  }
  // What the server says of the token itself still counts.
  const { verifier, server } = verifierFixture(t, { introspection: { accessToken: "own" } });
  server.introspect = () => ({ status: 401, body: { active: false } });
  await fails(() => verifier.verify("token"), "token_inactive");
});

test("a function that gives no access token is the API's own fault", async (t) => {
  for (const accessToken of [() => /** @type {any} */ (undefined), () => "", () => "a b"]) {
    const { verifier } = verifierFixture(t, { introspection: { accessToken } });
    const error = await fails(() => verifier.verify("token"));
    assert.ok(["callback_failed", "option_invalid"].includes(error.code), error.code);
    assert.equal(verifier.challenge(error).status, 500);
  }
});

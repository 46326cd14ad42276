// @ts-check
// A rotation never dies: a secret or a key that a function gives is asked for again after each
// refusal that may be about it, at most once in 10 s, doubling to 5 minutes.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { advance } from "../../support/clock.js";
import { makePem } from "../../support/keys/jwt.js";
import { outcome, watch } from "../../support/promises.js";
import { sourceFixture } from "../../support/fixtures/token-source.js";

const FILE = { type: "serviceaccount", keyId: "1", key: makePem(), userId: "42" };
const OTHER = { ...FILE, keyId: "2" };

/** @typedef {import("../../support/http/responses.js").Answer} Answer */

/** @type {Record<string, Answer>} */
const REFUSALS = {
  "Keycloak's": {
    status: 401,
    body: {
      error: "unauthorized_client",
      error_description: "Invalid client or Invalid client credentials",
    },
  },
  "Glewlwyd's, which is empty": {
    status: 403,
    body: "",
    headers: { "content-type": "text/html; charset=utf-8" },
  },
  "Auth0's": { status: 401, body: { error: "access_denied", error_description: "Unauthorized" } },
  "a gateway's": { status: 403, body: { message: "Forbidden" } },
};

for (const [whose, refusal] of Object.entries(REFUSALS)) {
  test(`a new secret is used at once after a refusal: ${whose}`, async (t) => {
    const secrets = ["old", "new"];
    const { source, server, tokenRequests } = sourceFixture(t, {
      clientSecret: () => secrets.shift() ?? "new",
      clientAuth: "client_secret_post",
    });
    server.script = [refusal];
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(caller.value?.accessToken, "token-1", String(caller.error));
    assert.deepEqual(
      tokenRequests().map(({ body }) => new URLSearchParams(body).get("client_secret")),
      ["old", "new"],
    );
  });
}

test("a new key is used at once after zitadel/oidc's `assertion invalid`", async (t) => {
  const keys = [FILE, OTHER];
  const { source, server, tokenRequests } = sourceFixture(t, { key: () => keys.shift() ?? OTHER });
  server.script = [
    { status: 400, body: { error: "invalid_request", error_description: "assertion invalid" } },
  ];
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.value?.accessToken, "token-1", String(caller.error));
  assert.equal(tokenRequests().length, 2);
});

test("what stays refused is asked for after 10 s, 20 s and so on, and not sent before", async (t) => {
  /** @type {number[]} */
  const asked = [];
  let secret = "old";
  const { source, server, tokenRequests } = sourceFixture(t, {
    clientSecret: () => {
      asked.push(Date.now());
      return secret;
    },
  });
  server.always = REFUSALS["Keycloak's"];
  const began = Date.now();
  while (Date.now() < began + 75_000) {
    const now = Date.now();
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(caller.error?.code, "credentials_refused");
    assert.ok(caller.error.retryAt > now);
    await advance(1_000);
  }
  // Callers come every second, so each pause is up to two seconds longer.
  const isNear = (/** @type {number} */ at, /** @type {number} */ wanted) =>
    at - began >= wanted * 1000 && at - began <= wanted * 1000 + 3_000;
  const areNear = (/** @type {number[]} */ times, /** @type {number[]} */ wanted) =>
    times.length === wanted.length && times.every((at, n) => isNear(at, wanted[n]));
  // At first for the first request, and again for its refusal.
  assert.ok(areNear(asked, [0, 0, 10, 30, 70]), String(asked));
  const sent = tokenRequests().map(({ at }) => at);
  assert.ok(areNear(sent, [0, 10, 30, 70]), String(sent));

  secret = "new";
  server.always = undefined;
  await advance(80_000);
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.value?.accessToken, "token-1");
  assert.equal(tokenRequests().length, 5, "the refused one was not sent again");
});

test("a function that throws is called no more often than one that gives the same", async (t) => {
  let asked = 0;
  const { source, server, tokenRequests } = sourceFixture(t, {
    clientSecret: () => {
      asked += 1;
      if (asked > 1) throw new Error("vault");
      return "old";
    },
  });
  server.always = REFUSALS["Keycloak's"];
  for (let n = 0; n < 9; n += 1) {
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(caller.error?.code, "credentials_refused");
    await advance(1_000);
  }
  assert.deepEqual([asked, tokenRequests().length], [2, 1]);
});

test("somebody in between is no refusal: the secret is not asked for again", async (t) => {
  /** @type {Answer[]} */
  const answers = [
    { status: 403, body: "<html>Access denied</html>", headers: { "content-type": "text/html" } },
    { status: 401, body: { error: "invalid_client" }, headers: { "cf-mitigated": "challenge" } },
    { status: 404, body: "error code: 1042", headers: { "cf-ray": "8f2a1b3c4d5e6f70-FRA" } },
  ];
  for (const answer of answers) {
    let asked = 0;
    const { source, server } = sourceFixture(t, {
      clientSecret: () => {
        asked += 1;
        return `secret-${asked}`;
      },
    });
    server.always = answer;
    const caller = watch(source.get());
    await outcome(caller);
    assert.deepEqual([caller.error?.code, asked], ["status_unexpected", 1]);
    assert.match(caller.error.message, /answered in place of the token endpoint/);
  }
});

/** @type {[what: string, status: number, body: object][]} */
const LATE = [
  [
    "a rotated secret",
    400,
    { error: "invalid_request", error_description: "Errors.User.Machine.Secret.Invalid" },
  ],
  [
    "a secret that has just been made",
    400,
    { error: "invalid_request", error_description: "Errors.User.Machine.Secret.NotExisting" },
  ],
  ["a new key", 400, { error: "invalid_grant", error_description: "invalid assertion" }],
  [
    // `debugOidcParentError` of ZITADEL's configuration.
    "a new key, where the server says what lies behind it",
    400,
    {
      error: "invalid_grant",
      error_description: "invalid assertion",
      parent: "ID=QUERY-AhSh4 Message=Errors.AuthNKey.NotFound",
    },
  ],
];
for (const [what, status, body] of LATE) {
  test(`${what} that ZITADEL does not know yet is tried once more after a second`, async (t) => {
    const values = what.startsWith("a new key") ? [FILE, OTHER] : ["old", "new"];
    const give = () => values[0];
    const { source, server, tokenRequests } = sourceFixture(
      t,
      what.startsWith("a new key")
        ? { key: /** @type {any} */ (give) }
        : { clientSecret: /** @type {any} */ (give) },
    );
    server.expiresIn = 1;
    const first = watch(source.get());
    await outcome(first);
    await advance(2_000);
    values.shift();
    // The old one is refused; the new one is refused too, for it is not there yet.
    server.script = [
      { status, body },
      { status, body },
    ];
    const second = watch(source.get());
    await outcome(second);
    assert.equal(second.value?.accessToken, "token-2", String(second.error));
    const [, , late, again] = tokenRequests().map(({ at }) => at);
    assert.ok(again - late >= 1_000 && again - late <= 1_600, `${again - late} ms`);

    // Once: what stays refused is refused.
    await advance(2_000);
    server.always = { status, body };
    const third = watch(source.get());
    await outcome(third);
    const refused = what.includes("just been made") ? "secret_not_ready" : "credentials_refused";
    assert.equal(third.error?.code, refused);
  });
}

test("a page with a 500 is no refusal: a key is not asked for again", async (t) => {
  let asked = 0;
  const { source, server } = sourceFixture(t, {
    key: () => {
      asked += 1;
      return FILE;
    },
  });
  server.always = { status: 500, body: "<html>", headers: { "content-type": "text/html" } };
  const caller = watch(source.get());
  await outcome(caller);
  assert.deepEqual([caller.error?.code, asked], ["server_failed", 1]);
});

test("good tokens in between do not make the function be asked sooner", async (t) => {
  /** @type {number[]} */
  const asked = [];
  const { source, server } = sourceFixture(t, {
    clientSecret: () => {
      asked.push(Date.now());
      return "secret";
    },
  });
  server.expiresIn = 1;
  // Each second token request is refused, whatever it sends: a server with one broken node.
  for (let n = 0; n < 8; n += 1) {
    server.script = n % 2 === 0 ? [] : [{ status: 401, body: { error: "invalid_client" } }];
    await outcome(watch(source.get()));
    await advance(1_200);
  }
  const again = asked.slice(1);
  assert.ok(
    again.every((at, n) => n === 0 || at - again[n - 1] >= 10_000),
    String(asked.map((at) => at - asked[0])),
  );
  assert.ok(again.length >= 1);
});

test("an API whose secret is refused by a bare 403 asks for it again", async () => {
  const secrets = ["old", "new"];
  /** @type {string[]} */
  const sent = [];
  const fetch = async (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
    if (url.includes(".well-known")) {
      const issuer = "https://idp.example";
      return Response.json({ issuer, introspection_endpoint: `${issuer}/introspect` });
    }
    const secret = atob(String(new Headers(init.headers).get("authorization")).slice(6));
    sent.push(secret);
    // django-oauth-toolkit's.
    if (secret !== "api:new")
      return new Response("", { status: 403, headers: { "content-type": "text/html" } });
    return Response.json({ active: true, aud: "api", exp: Math.floor(Date.now() / 1000) + 60 });
  };
  const verifier = tokenVerifier({
    issuer: "https://idp.example",
    audience: "api",
    introspection: { clientId: "api", clientSecret: () => secrets.shift() ?? "new" },
    fetch: /** @type {any} */ (fetch),
  });
  assert.equal((await verifier.verify("an-opaque-token")).aud, "api");
  assert.deepEqual(sent, ["api:old", "api:new"]);
});

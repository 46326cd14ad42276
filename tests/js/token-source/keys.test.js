// @ts-check
// Token sources with a key: what they send, when they sign anew, when they ask for the key again.
import assert from "node:assert/strict";
import { constants, createPublicKey, verify } from "node:crypto";
import test, { mock } from "node:test";
import { tokenSource } from "edge-credentials";
import { advance, START } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { outcome, settled, watch } from "../support/promises.js";
import { ISSUER, sourceFixture } from "../support/fixtures/token-source.js";
import { generateKey } from "../../../www/server/generate-key.js";

const pemOf = (/** @type {import("node:crypto").KeyObject} */ key) =>
  String(key.export({ type: "pkcs8", format: "pem" }));
const privateKey = generateKey("ed25519");
const PEM = pemOf(privateKey);
const FILE = { type: "serviceaccount", keyId: "7", key: PEM, userId: "42" };
const APPLICATION = {
  type: "application",
  keyId: "8",
  key: PEM,
  appId: "1",
  clientId: "43@project",
};
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * @param {string} form
 * @param {string} [name]
 */
function assertionIn(form, name = "assertion") {
  const parts = (new URLSearchParams(form).get(name) ?? "").split(".");
  const [header, claims] = parts.map((part) => Buffer.from(part, "base64url"));
  assert.ok(
    verify(
      null,
      Buffer.from(`${parts[0]}.${parts[1]}`),
      createPublicKey(privateKey),
      Buffer.from(parts[2], "base64url"),
    ),
    "the signature is good",
  );
  return { header: JSON.parse(String(header)), claims: JSON.parse(String(claims)) };
}

test("a service user's key file is all that the JWT profile needs", async (t) => {
  for (const key of [FILE, JSON.stringify(FILE), async () => FILE]) {
    const { source, requests, tokenRequests } = sourceFixture(t, {
      issuer: ISSUER,
      key,
      scope: "openid",
    });
    const started = Math.floor(Date.now() / 1000);
    assert.equal((await settled(source.get())).tokenType, "Bearer");
    assert.equal(requests.length, 2);
    const [{ headers, body }] = tokenRequests();
    assert.equal(headers.get("authorization"), null);
    const { assertion, ...form } = Object.fromEntries(new URLSearchParams(body));
    assert.deepEqual(form, { grant_type: JWT_BEARER, scope: "openid" });
    const { header, claims } = assertionIn(body);
    assert.deepEqual(header, { alg: "EdDSA", kid: "7", typ: "JWT" });
    const { iat, exp, jti, ...who } = claims;
    assert.deepEqual(who, { iss: "42", sub: "42", aud: ISSUER });
    // Dated back by 30 s, however long the request took.
    const isOfNow = iat >= started - 30 && iat <= Date.now() / 1000 - 30;
    assert.ok(isOfNow && exp === iat + 330, `${iat} ${exp}`);
    assert.match(jti, /^[\w-]{22}$/);
  }
});

test("whom an assertion is for", async (t) => {
  const tokenEndpoint = `${ISSUER}/token`;
  for (const [options, audience] of /** @type {const} */ ([
    [{ tokenEndpoint, assertionAudience: tokenEndpoint }, tokenEndpoint],
    [{ tokenEndpoint, issuer: ISSUER }, ISSUER],
    [{ tokenEndpoint, issuer: ISSUER, assertionAudience: `${ISSUER}/` }, `${ISSUER}/`],
  ])) {
    const { source, tokenRequests } = sourceFixture(t, { ...options, key: FILE });
    await settled(source.get());
    assert.equal(assertionIn(tokenRequests()[0].body).claims.aud, audience);
  }
  // ZITADEL refuses the token endpoint, Hydra the issuer: nobody but the user knows.
  for (const client of [{ userId: "42" }, { clientId: "id" }]) {
    const error = await failure(
      () => tokenSource({ tokenEndpoint, key: PEM, ...client }),
      "option_invalid",
    );
    assert.equal(error.message, "`assertionAudience` is missing");
    assert.match(error.hint, /`issuer`, which most servers want/);
  }
});

test("private_key_jwt: by a client id beside the key, or by an application's key file", async (t) => {
  for (const [
    options,
    kid,
    id,
  ] of /** @type {[import("edge-credentials").KeySourceOptions, string | undefined, string][]} */ ([
    [{ key: PEM, clientId: "me & you" }, undefined, "me & you"],
    [{ key: PEM, clientId: "me", keyId: "9" }, "9", "me"],
    [{ key: APPLICATION, clientId: "me" }, "8", "me"],
    [{ key: APPLICATION, clientAuth: "private_key_jwt" }, "8", "43@project"],
  ])) {
    const { source, tokenRequests } = sourceFixture(t, { ...options, scope: ["a", "b"] });
    await settled(source.get());
    const [{ headers, body }] = tokenRequests();
    assert.equal(headers.get("authorization"), null);
    const { client_assertion: _, ...form } = Object.fromEntries(new URLSearchParams(body));
    const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert.deepEqual(form, {
      grant_type: "client_credentials",
      scope: "a b",
      client_id: id,
      client_assertion_type: type,
    });
    const { header, claims } = assertionIn(body, "client_assertion");
    assert.deepEqual([header.kid, claims.iss, claims.sub], [kid, id, id]);
  }
});

test("a key is named and used as one says, whatever its file says", async (t) => {
  const rsa = generateKey("rsa", { modulusLength: 2048 });
  const key = createPublicKey(rsa);
  for (const given of [pemOf(rsa), { ...FILE, key: pemOf(rsa) }]) {
    const { source, tokenRequests } = sourceFixture(t, {
      key: given,
      userId: "42",
      keyId: "10",
      algorithm: "PS256",
    });
    await settled(source.get());
    const parts = (new URLSearchParams(tokenRequests()[0].body).get("assertion") ?? "").split(".");
    const [header, claims, signature] = parts.map((part) => Buffer.from(part, "base64url"));
    assert.deepEqual(JSON.parse(String(header)), { alg: "PS256", kid: "10", typ: "JWT" });
    assert.deepEqual(
      [JSON.parse(String(claims)).iss, JSON.parse(String(claims)).sub],
      ["42", "42"],
    );
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    assert.ok(
      verify("sha256", Buffer.from(`${parts[0]}.${parts[1]}`), pss, signature),
      "the signature is good",
    );
  }
});

test("the key is imported once, not to be read again, and each attempt has an assertion of its own", async (t) => {
  const imports = mock.method(crypto.subtle, "importKey");
  t.after(() => imports.mock.restore());
  const { source, tokenRequests, server } = sourceFixture(t, { key: FILE });
  server.script = [{ status: 503 }, { status: 502 }];
  server.expiresIn = 60;
  await settled(source.get());
  await advance(61_000);
  await settled(source.get());
  assert.equal(tokenRequests().length, 4);
  assert.equal(new Set(tokenRequests().map(({ body }) => assertionIn(body).claims.jti)).size, 4);
  assert.deepEqual(
    imports.mock.calls.map(({ arguments: [format, , , extractable, usages] }) => [
      format,
      extractable,
      usages,
    ]),
    [["pkcs8", false, ["sign"]]],
  );
});

test("a 500, which may be ZITADEL's refusal, is tried once more, and not for a secret", async (t) => {
  const refusal = {
    status: 500,
    body: { error: "server_error", error_description: "Errors.Internal" },
  };
  for (const way of [{ key: FILE }, { key: PEM, clientId: "me" }]) {
    const { source, server, tokenRequests } = sourceFixture(t, way);
    server.script = [refusal];
    await settled(source.get());
    const [first, second, ...others] = tokenRequests();
    assert.ok(second.at - first.at >= 300 && others.length === 0, "after a pause");
  }

  const lasting = sourceFixture(t, { key: FILE });
  lasting.server.always = refusal;
  const watched = watch(lasting.source.get());
  await outcome(watched);
  assert.equal(lasting.tokenRequests().length, 2);
  assert.equal(watched.error.code, "server_failed");
  assert.match(watched.error.hint, / key, .* clock; .*`assertionAudience`/);
  assert.deepEqual(
    lasting.events.map(({ type }) => type),
    ["retry", "fail"],
  );

  const saying = sourceFixture(t, { key: FILE });
  saying.server.always = { ...refusal, headers: { "retry-after": "30" } };
  const told = watch(saying.source.get());
  await outcome(told);
  assert.deepEqual([saying.tokenRequests().length, told.error.code], [1, "server_failed"]);

  const telling = sourceFixture(t, { key: FILE });
  telling.server.always = { status: 500, body: { error: "invalid_scope" } };
  const clear = watch(telling.source.get());
  await outcome(clear);
  assert.deepEqual([telling.tokenRequests().length, clear.error.code], [1, "scope_refused"]);

  const secret = sourceFixture(t);
  secret.server.always = refusal;
  const other = watch(secret.source.get());
  await outcome(other);
  assert.equal(secret.tokenRequests().length, 1);
});

test("a clock that is an hour off is told by the answer's date", async (t) => {
  const { source, server } = sourceFixture(t, { key: FILE });
  server.always = {
    status: 500,
    body: { error: "server_error" },
    headers: { date: new Date(START + 3_600_000).toUTCString() },
  };
  const watched = watch(source.get());
  await outcome(watched);
  assert.match(watched.error.hint, /^set the clock of this machine/);
});

test("a key that has expired is told, and nothing is sent", async (t) => {
  const expirationDate = new Date(START + 120_000).toISOString();
  const { source, tokenRequests, server } = sourceFixture(t, { key: { ...FILE, expirationDate } });
  server.expiresIn = 100;
  await settled(source.get());
  await advance(120_000);
  const watched = watch(source.get());
  await outcome(watched);
  assert.deepEqual([watched.error.code, watched.error.category], ["key_expired", "misuse"]);
  assert.equal(tokenRequests().filter(({ at }) => at >= START + 120_000).length, 0);
});

test("a key that is a function is asked once, again after a refusal or its end, and another one is tried at once", async (t) => {
  const refusals = [
    { status: 500, body: { error: "server_error" } },
    { status: 400, body: { error: "invalid_grant" } },
    { status: 401, body: { error: "invalid_client" } },
  ];
  for (const refusal of refusals) {
    const other = generateKey("ed25519");
    let asked = 0;
    let now = /** @type {object} */ (FILE);
    const { source, tokenRequests, events, server } = sourceFixture(t, {
      async key() {
        asked += 1;
        return now;
      },
    });
    server.expiresIn = 1;
    await settled(source.get());
    await advance(2_000);
    await settled(source.get());
    assert.equal(asked, 1);
    await advance(2_000);
    server.script = [refusal];
    now = { ...FILE, key: pemOf(other), keyId: "new" };
    const from = tokenRequests().length;
    await settled(source.get());
    assert.equal(asked, 2);
    const kids = tokenRequests()
      .slice(from)
      .map(
        ({ body }) =>
          JSON.parse(atob(new URLSearchParams(body).get("assertion")?.split(".")[0] ?? "")).kid,
      );
    assert.deepEqual(kids, ["7", "new"]);
    const retry = events.find(({ type }) => type === "retry");
    assert.equal(retry?.type === "retry" && retry.at, tokenRequests()[from].at, "at once");
  }

  let file = { ...FILE, expirationDate: new Date(START - 1).toISOString() };
  const { source, tokenRequests } = sourceFixture(t, { key: () => file });
  const watched = watch(source.get());
  await outcome(watched);
  assert.deepEqual([watched.error.code, tokenRequests().length], ["key_expired", 0]);
  file = { ...FILE, expirationDate: "2100-01-01T00:00:00Z" };
  await advance(2_000);
  await settled(source.get());
  assert.equal(tokenRequests().length, 1);
});

test("functions that give no key", async (t) => {
  for (const [key, code, message] of /** @type {[() => any, string, RegExp][]} */ ([
    [
      () => {
        throw Object.assign(new TypeError("x"), { code: "E_X" });
      },
      "callback_failed",
      /^the function `key` threw an error$/,
    ],
    [
      () => undefined,
      "callback_failed",
      /^the function `key` gave no key: neither a string nor a plain object$/,
    ],
    [() => new Date(), "callback_failed", /gave no key/],
    [() => "", "option_invalid", /^the key is empty$/],
    [() => PEM, "option_invalid", /^`userId` or `clientId` is missing$/],
    [() => APPLICATION, "option_invalid", /^the key file is an application's/],
  ])) {
    const { source, tokenRequests } = sourceFixture(t, { key });
    const watched = watch(source.get());
    await outcome(watched);
    assert.equal(watched.error.code, code);
    assert.match(watched.error.message, message);
    if (code === "callback_failed")
      assert.match(watched.error.hint, /^it has to give the key, or a promise of it;/);
    assert.deepEqual(
      watched.error.cause,
      message.source.includes("threw") ? { name: "TypeError", code: "E_X" } : undefined,
    );
    assert.equal(tokenRequests().length, 0);
  }
});

test("options that cannot be right are refused at once", async () => {
  const tokenEndpoint = `${ISSUER}/token`;
  for (const [options, message] of /** @type {[any, RegExp][]} */ ([
    [
      { tokenEndpoint, key: FILE, clientSecret: "x" },
      /^`clientSecret` is no option of tokenSource with `key`$/,
    ],
    [{ tokenEndpoint, key: undefined }, /^`key` is undefined: is the binding set\?$/],
    [
      { tokenEndpoint, key: 5 },
      /^`key` must be a string, its bytes, a plain object or a function that gives one, not a number$/,
    ],
    [{ tokenEndpoint, key: Promise.resolve(FILE) }, /^`key` must be .*, not a promise$/],
    [{ tokenEndpoint, key: { ...FILE, size: 5n } }, /^an option threw when it was read$/],
    [{ tokenEndpoint, key: "" }, /^the key is empty$/],
    [{ tokenEndpoint, key: PEM }, /^`userId` or `clientId` is missing$/],
    [{ tokenEndpoint, key: PEM, clientAuth: "private_key_jwt" }, /^`clientId` is missing$/],
    [
      { tokenEndpoint, key: PEM, clientId: "me", clientAuth: "client_secret_basic" },
      /^`clientAuth` does not fit a key$/,
    ],
    [
      { tokenEndpoint, key: PEM, clientId: "me", clientAuth: "client_secret_post" },
      /^`clientAuth` does not fit a key$/,
    ],
    [{ tokenEndpoint, key: FILE, userId: "43" }, /^`userId` is another than the key file's$/],
    [
      { issuer: ISSUER, key: PEM, userId: "42\n" },
      /^the assertion's subject ends in a line break$/,
    ],
    [{ issuer: ISSUER, key: FILE, keyId: "" }, /^the key id is empty$/],
    [
      { tokenEndpoint, key: () => FILE, assertionAudience: "" },
      /^the assertion's audience is empty$/,
    ],
    [
      { issuer: ISSUER, key: () => FILE, algorithm: "HS256" },
      /^the signature algorithm is not one/,
    ],
    [
      { tokenEndpoint, key: PEM, clientId: "me", userId: "1" },
      /^`userId` does not go with a client$/,
    ],
    [
      { tokenEndpoint, key: APPLICATION, clientAuth: "private_key_jwt", userId: "1" },
      /^`userId` does not go with a client$/,
    ],
    [{ tokenEndpoint, key: PEM, clientId: "me\n" }, /^the client id ends in a line break$/],
    [
      { tokenEndpoint, key: { ...APPLICATION, clientId: "43\n" }, clientAuth: "private_key_jwt" },
      /^the client id ends in a line break$/,
    ],
    [{ tokenEndpoint, key: PEM, clientId: PEM }, /^the client id holds a private key$/],
    [
      { tokenEndpoint, key: FILE, clientId: "me" },
      /^the key file is a service user's, where an application's is wanted$/,
    ],
    [
      { tokenEndpoint, key: APPLICATION },
      /^the key file is an application's, where a service user's is wanted$/,
    ],
    [
      { tokenEndpoint, key: PEM, userId: "1", algorithm: "RS256" },
      /^the signature algorithm does not fit the key$/,
    ],
    [
      { tokenEndpoint, key: PEM, userId: "1", algorithm: "HS256" },
      /^the signature algorithm is not one of those offered here$/,
    ],
    [{ key: FILE }, /^`issuer` or `tokenEndpoint` is missing$/],
    [
      { tokenEndpoint, clientId: "me", clientSecret: "x", clientAuth: "private_key_jwt" },
      /^the client authentication is unknown$/,
    ],
    [
      { tokenEndpoint, clientId: "me", clientSecret: "x", keyId: "x" },
      /^`keyId` is no option of tokenSource$/,
    ],
  ])) {
    // So that it is not the missing audience that is told.
    const hasServer = "key" in options && "tokenEndpoint" in options;
    const issuer = hasServer ? { issuer: ISSUER } : {};
    const error = await failure(() => tokenSource({ ...issuer, ...options }), "option_invalid");
    assert.match(error.message, message);
  }
});

test("equal keys give the same source, as text and as objects in whatever order", () => {
  const base = { tokenEndpoint: `${ISSUER}/keys`, issuer: ISSUER, scope: "equal" };
  const { type, ...rest } = FILE;
  assert.equal(
    tokenSource({ ...base, key: FILE }),
    tokenSource({ ...base, key: { ...rest, type } }),
  );
  assert.equal(
    tokenSource({ ...base, key: PEM, userId: "1" }),
    tokenSource({ ...base, userId: "1", key: PEM }),
  );
  assert.notEqual(
    tokenSource({ ...base, key: FILE }),
    tokenSource({ ...base, key: { ...FILE, userId: "1" } }),
  );
  const one = () => FILE;
  const another = () => FILE;
  assert.equal(tokenSource({ ...base, key: one }), tokenSource({ ...base, key: one }));
  assert.notEqual(tokenSource({ ...base, key: one }), tokenSource({ ...base, key: another }));
  const text = JSON.stringify(privateKey.export({ format: "jwk" }));
  assert.notEqual(
    tokenSource({ ...base, clientId: "1", key: text }),
    tokenSource({ ...base, clientId: "1", clientSecret: text }),
  );
  const sources = [
    { userId: "1" },
    { userId: "2" },
    { clientId: "1" },
    { userId: "1", keyId: "1" },
    { userId: "1", assertionAudience: "x" },
    { userId: "1", algorithm: /** @type {const} */ ("Ed25519") },
  ];
  assert.equal(
    new Set(sources.map((options) => tokenSource({ ...base, key: PEM, ...options }))).size,
    sources.length,
  );
});

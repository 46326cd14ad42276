// @ts-check
// Keys and secrets that functions give: once wrong, late, hanging, changed; and what a polluted
// prototype must not add.
import assert from "node:assert/strict";
import test from "node:test";
import { importKey, tokenSource } from "edge-credentials";
import { advance, settle, START } from "../support/clock.js";
import { failure } from "../support/errors.js";
import { makePem } from "../support/keys/jwt.js";
import { outcome, watch } from "../support/promises.js";
import { ISSUER, sourceFixture } from "../support/fixtures/token-source.js";

const PEM = makePem();
const OTHER = makePem();
const REFUSED = { status: 400, body: { error: "invalid_grant" } };
/** @param {{ body: string }} request */
const kid = ({ body }) =>
  JSON.parse(atob(new URLSearchParams(body).get("assertion")?.split(".")[0] ?? "")).kid;
const file = (/** @type {string} */ keyId, key = PEM) => ({
  type: "serviceaccount",
  keyId,
  key,
  userId: "42",
});

test("a function that once gives what cannot be used is asked again", async (t) => {
  for (const bad of [
    "",
    "-----BEGIN PRIVATE KEY-----",
    "<html>",
    { ...file("1"), type: "application", clientId: "x" },
  ]) {
    let asked = 0;
    const { source, tokenRequests } = sourceFixture(t, {
      key() {
        asked += 1;
        return asked === 1 ? bad : file("1");
      },
    });
    const first = watch(source.get());
    await outcome(first);
    // Asked again at once, since what it gave was no credential at all.
    assert.equal(first.value?.accessToken, "token-1", String(first.error));
    assert.deepEqual([asked, tokenRequests().length], [2, 1]);
  }
  let asked = 0;
  const { source } = sourceFixture(t, {
    clientSecret() {
      asked += 1;
      return asked === 1 ? "secret\n" : "secret";
    },
  });
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.value?.accessToken, "token-1");
});

test("one that goes on giving what cannot be used is an error, and asked again later", async (t) => {
  let asked = 0;
  const key = () => {
    asked += 1;
    return "";
  };
  const { source, tokenRequests } = sourceFixture(t, { key });
  const caller = watch(source.get());
  await outcome(caller);
  assert.deepEqual([caller.error?.code, asked, tokenRequests().length], ["option_invalid", 2, 0]);
  await advance(2_000);
  const later = watch(source.get());
  await outcome(later);
  assert.deepEqual([later.error?.code, asked], ["option_invalid", 3]);
});

test("a good key is not lost to a hiccup of its store", async (t) => {
  const answers = [file("1"), "", file("1")];
  const { source, server, tokenRequests } = sourceFixture(t, {
    key: () => answers.shift() ?? file("1"),
  });
  server.expiresIn = 1;
  const first = watch(source.get());
  await outcome(first);
  await advance(2_000);
  server.script = [REFUSED];
  const second = watch(source.get());
  await outcome(second);
  assert.deepEqual([second.error?.code, tokenRequests().length], ["option_invalid", 2]);
  await advance(2_000);
  const third = watch(source.get());
  await outcome(third);
  assert.equal(third.value?.accessToken, "token-2", String(third.error));
});

test("a late answer does not replace a newer key", async (t) => {
  let asked = 0;
  const late = file("old");
  const { source, server, tokenRequests } = sourceFixture(t, {
    key: async () => {
      asked += 1;
      if (asked === 2) await new Promise((done) => setTimeout(done, 14_000));
      return asked <= 2 ? late : file("new", OTHER);
    },
  });
  server.expiresIn = 1;
  server.script = [REFUSED];
  const first = watch(source.get());
  await outcome(first);
  // The function hangs while it is asked again, and the refusal is what is told.
  assert.equal(first.error?.code, "credentials_refused");
  await advance(10_000);
  // What was refused is not sent again: after the pause the function is asked first.
  const second = watch(source.get());
  await outcome(second);
  assert.equal(second.value?.accessToken, "token-1");
  assert.equal(kid(tokenRequests().at(-1) ?? { body: "" }), "new");
  await advance(20_000);
  const third = watch(source.get());
  await outcome(third);
  assert.equal(kid(tokenRequests().at(-1) ?? { body: "" }), "new");
});

test("a function that hangs hides no refusal", async (t) => {
  let asked = 0;
  const { source, server, tokenRequests } = sourceFixture(t, {
    key() {
      asked += 1;
      return asked === 1 ? file("1") : new Promise(() => {});
    },
  });
  server.always = REFUSED;
  const caller = watch(source.get());
  await advance(4_000);
  assert.equal(caller.error?.code, "credentials_refused");
  assert.equal(tokenRequests().length, 1);
});

test("a function that takes its time rotates all the same, after the pause", async (t) => {
  let secret = "old";
  const clientSecret = async () => {
    const now = secret;
    await new Promise((done) => setTimeout(done, 3_500));
    return now;
  };
  const { source, server, tokenRequests } = sourceFixture(t, {
    clientSecret,
    clientAuth: "client_secret_post",
  });
  server.expiresIn = 1;
  const first = watch(source.get());
  await outcome(first);
  await advance(2_000);
  secret = "new";
  server.script = [{ status: 401, body: { error: "invalid_client" } }];
  const second = watch(source.get());
  await outcome(second);
  assert.equal(second.error?.code, "credentials_refused");
  await advance(10_000);
  const third = watch(source.get());
  await outcome(third);
  assert.equal(third.value?.accessToken, "token-2", String(third.error));
  assert.equal(new URLSearchParams(tokenRequests().at(-1)?.body).get("client_secret"), "new");
});

test("who says when to come back is believed, though the key has changed", async (t) => {
  let asked = 0;
  const { source, server, tokenRequests } = sourceFixture(t, {
    key() {
      asked += 1;
      return file(String(asked));
    },
  });
  server.always = {
    status: 500,
    body: { error: "server_error" },
    headers: { "retry-after": "60" },
  };
  const caller = watch(source.get());
  await advance(5_000);
  assert.deepEqual([caller.error?.code, tokenRequests().length], ["server_failed", 1]);
});

test("a polluted prototype adds no owner, no name, no end and no pause", async (t) => {
  const prototype = /** @type {any} */ (Object.prototype);
  const pollution = {
    userId: "victim",
    clientId: "victim",
    keyId: "evil",
    expiresAt: 5,
    retryAt: START + 250_000,
  };
  t.after(() => Object.keys(pollution).forEach((name) => delete prototype[name]));
  Object.assign(prototype, pollution);
  const error = await failure(
    () => tokenSource({ tokenEndpoint: `${ISSUER}/token`, key: PEM }),
    "option_invalid",
  );
  assert.equal(error.message, "`userId` or `clientId` is missing");
  assert.equal(error.retryAt, undefined);
  const { keyId, userId, clientId, expiresAt } = await importKey(PEM);
  assert.deepEqual([keyId, userId, clientId, expiresAt], [null, null, null, null]);
  const { source, server, tokenRequests } = sourceFixture(t, { key: file("1") });
  server.script = [{ fails: true }];
  const caller = watch(source.get());
  await advance(2_000);
  assert.equal(caller.value?.accessToken, "token-1", String(caller.error));
  assert.equal(kid(tokenRequests()[1]), "1");
});

test("a toJSON on the prototype does not make all sources one", (t) => {
  const prototype = /** @type {any} */ (Object.prototype);
  t.after(() => delete prototype.toJSON);
  prototype.toJSON = () => "x";
  const base = { tokenEndpoint: `${ISSUER}/polluted`, issuer: ISSUER };
  const sources = [
    tokenSource({ ...base, key: PEM, userId: "alice" }),
    tokenSource({ ...base, key: OTHER, userId: "bob" }),
    tokenSource({ ...base, clientId: "a", clientSecret: "b" }),
  ];
  assert.equal(new Set(sources).size, 3);
});

test("a key has a size, and is read once", async (t) => {
  const long = { ...file("1"), padding: "x".repeat(70_000) };
  const many = {
    ...file("1"),
    ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`m${at}`, at])),
  };
  for (const key of [long, JSON.stringify(long), many, `${" ".repeat(70_000)}${PEM}`]) {
    assert.equal(
      (await failure(() => importKey(key), "option_invalid")).message,
      "the key is longer than any key",
    );
    await failure(() => tokenSource({ issuer: ISSUER, key }), "option_invalid");
  }
  let read = 0;
  const userId = {
    toJSON() {
      read += 1;
      return String(read);
    },
  };
  const changing = { ...file("1"), userId };
  const { source, tokenRequests } = sourceFixture(t, { key: changing });
  const caller = watch(source.get());
  await outcome(caller);
  await settle();
  const claims = JSON.parse(
    atob(new URLSearchParams(tokenRequests()[0].body).get("assertion")?.split(".")[1] ?? ""),
  );
  assert.deepEqual([claims.sub, read], ["1", 1]);
});

test("sign takes a text and nothing else", async () => {
  const { sign } = await importKey(PEM);
  for (const value of [undefined, 1, {}, new Uint8Array(3)])
    await failure(() => sign(/** @type {any} */ (value)), "option_invalid");
});

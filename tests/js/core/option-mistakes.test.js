// @ts-check
// What callers do with options: they leave them undefined, mistype them, and store them in quotes.
import assert from "node:assert/strict";
import test from "node:test";
import {
  AuthError,
  buildTokenRequest,
  importKey,
  parseTokenResponse,
  tokenSource,
  tokenVerifier,
} from "edge-credentials";
import { fails, thrown } from "../support/errors.js";
import { sourceFixture } from "../support/fixtures/token-source.js";
import { CLIENT, verifierFixture } from "../support/fixtures/token-verifier.js";
import { outcome, watch } from "../support/promises.js";
import { generateKey } from "../../../www/server/generate-key.js";

const SERVER = { tokenEndpoint: "https://idp.example/token" };
const GOOD = { ...SERVER, clientId: "mistakes", clientSecret: "secret" };

/** @type {(options: any) => import("edge-credentials").TokenSource} */
const source = (options) => tokenSource(options);

test("an option that may be left out may be undefined: it is the same source", async () => {
  const own = source(GOOD);
  const names = ["scope", "resource", "params", "timeout", "fetch", "apiFetch", "onEvent"];
  names.push("allowedOrigins", "clientAuth", "insecureHttp", "maxInstances", "retries", "name");
  for (const name of names) assert.equal(source({ ...GOOD, [name]: undefined }), own, name);

  const request = buildTokenRequest({ ...GOOD, scope: undefined, clientAuth: undefined });
  assert.deepEqual(request, buildTokenRequest(GOOD));
  const answer = { status: 200, headers: undefined, body: '{"access_token":"a","token_type":"b"}' };
  assert.throws(() => parseTokenResponse(answer, { requestedAt: 0, request: undefined }), {
    code: "token_type_unsupported",
  });
  const aborted = await own.get({ signal: AbortSignal.abort("over") }).catch((reason) => reason);
  assert.equal(aborted, "over");
});

test("a signal that is undefined is none", async (t) => {
  const own = sourceFixture(t);
  assert.equal((await own.source.get({ signal: undefined })).accessToken, "token-1");
});

test("what names or authenticates somebody, or limits who may call, is still refused", () => {
  for (const name of ["issuer", "clientId", "clientSecret", "tokenEndpoint"])
    assert.match(
      thrown(() => source({ ...GOOD, [name]: undefined }), "option_invalid").message,
      new RegExp(`^\`${name}\` is undefined: is the binding set`),
    );
  for (const name of ["key", "accessToken", "userId", "keyId"]) {
    const owner = name === "accessToken" ? {} : { ...SERVER, key: "k" };
    assert.match(
      thrown(() => source({ ...owner, [name]: undefined }), "option_invalid").message,
      new RegExp(`^\`${name}\` is undefined: is the binding set`),
    );
  }
  const api = { issuer: "https://idp.example", audience: "api" };
  for (const name of ["issuer", "audience", "scope", "role", "roleClaim", "claims", "typ"].concat([
    "accept",
    "projectId",
    "clientId",
    "tenants",
    "introspection",
    "jwks",
  ]))
    assert.match(
      thrown(
        () => tokenVerifier(/** @type {any} */ ({ ...api, [name]: undefined })),
        "option_invalid",
      ).message,
      new RegExp(`^\`${name}\` is undefined: is the binding set`),
    );
  for (const name of ["fetch", "timeout", "leeway", "onEvent", "retries", "name", "token"])
    tokenVerifier(/** @type {any} */ ({ ...api, [name]: undefined }));
});

// Only the spelling of a name is forgiven: another letter gets the list of all options.
test("a name that is nearly right", () => {
  for (const [given, meant] of Object.entries({
    clientID: "clientId",
    client_id: "clientId",
    timeOut: "timeout",
    tokenEndPoint: "tokenEndpoint",
    token_endpoint: "tokenEndpoint",
  })) {
    const { [meant]: _, ...others } = /** @type {Record<string, unknown>} */ ({ ...GOOD });
    const { hint } = thrown(() => source({ ...others, [given]: "x" }), "option_invalid");
    assert.match(hint, new RegExp(`^did you mean \`${meant}\`\\? it takes `), given);
  }
  for (const given of ["a", "password", "id", "x".repeat(100_000)]) {
    const { hint } = thrown(() => source({ ...GOOD, [given]: "x" }), "option_invalid");
    assert.match(hint, /^it takes /, given.slice(0, 20));
  }
});

test("a secret in quotes is told before anybody is asked", async (t) => {
  for (const quoted of ['"secret"', "'secret'"]) {
    const error = thrown(() => source({ ...GOOD, clientSecret: quoted }), "option_invalid");
    assert.equal(error.message, "the client secret is in quotes");
    assert.ok(!JSON.stringify(error).includes("secret\\"));
    const id = thrown(() => source({ ...GOOD, clientId: quoted }), "option_invalid");
    assert.equal(id.message, "the client id is in quotes");

    const own = sourceFixture(t, { clientSecret: async () => quoted });
    await fails(() => own.source.get(), "option_invalid");
    assert.equal(own.requests.length, 0);
  }
  for (const clientSecret of ['"', "''", `"a'`, 'a"b"', `"a`]) source({ ...GOOD, clientSecret });
});

test("a number as the client id is told where ZITADEL is known, and good elsewhere", () => {
  const clientId = "317905284016571148";
  for (const options of [
    { issuer: "https://acme.zitadel.cloud" },
    { ...SERVER, scope: ["openid", "urn:zitadel:iam:org:project:id:1:aud"] },
  ]) {
    const error = thrown(
      () => source({ clientId, clientSecret: "s", ...options }),
      "option_invalid",
    );
    assert.equal(error.message, "`clientId` is a number");
    assert.match(error.hint, /login name/);
  }
  source({ ...GOOD, clientId });
  source({ ...GOOD, issuer: "https://acme.zitadel.cloud", clientId: "12345" });
});

test("a key as the bytes of its file", async (t) => {
  const privateKey = generateKey("ec", { namedCurve: "P-256" });
  const text = JSON.stringify(privateKey.export({ format: "jwk" }));
  const bytes = new TextEncoder().encode(text);
  for (const key of [bytes, bytes.buffer, Buffer.from(text), `\ufeff${text}`].slice(0, 3))
    assert.equal((await importKey(/** @type {any} */ (key))).algorithm, "ES256");
  const options = { issuer: "https://idp.example", userId: "bytes", keyId: "1" };
  assert.equal(source({ ...options, key: bytes }), source({ ...options, key: text }));
  const own = sourceFixture(t, {
    issuer: "https://idp.example",
    key: async () => bytes,
    userId: "1",
    keyId: "1",
  });
  const caller = watch(own.source.get());
  await outcome(caller);
  assert.equal(caller.value?.accessToken, "token-1");
  thrown(() => source({ ...options, key: new Uint8Array([0x30, 0x82, 0xff]) }), "option_invalid");
  thrown(() => source({ ...options, key: new Uint8Array(70_000) }), "option_invalid");
});

test("a binding of the Secrets Store given as the secret, or as the key", () => {
  const binding = { get: async () => "secret" };
  for (const options of [
    { ...GOOD, clientSecret: binding },
    {
      ...SERVER,
      userId: "1",
      key: new (class Store {
        async get() {}
      })(),
    },
  ]) {
    const { hint } = thrown(() => source(options), "option_invalid");
    assert.match(hint, /Secrets Store, call its `get\(\)` in a function: `\(\) => env\.NAME/);
  }
});

test("`retries` says how often a failed request is repeated", async (t) => {
  for (const retries of /** @type {const} */ ([0, 1, 2, undefined])) {
    const { source, server, requests } = sourceFixture(t, { retries });
    server.always = { fails: true };
    await fails(() => source.get(), "network_failed");
    assert.equal(requests.length, 1 + (retries ?? 2));
    const own = verifierFixture(t, { introspection: CLIENT, retries });
    own.server.always = { fails: true };
    await fails(() => own.verifier.verify(own.server.jwt()), "network_failed");
    assert.equal(own.requests.length, 1 + (retries ?? 2));
  }
  for (const retries of [-1, 3, 0.5, "0", null, true])
    assert.match(
      thrown(() => source({ ...GOOD, retries }), "option_invalid").message,
      /^`retries` must be 0, 1 or 2/,
    );
});

test("without retries a secret that rotated is still sent once", async (t) => {
  const secrets = ["old", "new"];
  const { source, server, requests } = sourceFixture(t, {
    retries: 0,
    clientSecret: () => secrets.shift() ?? "new",
  });
  server.script.push({ status: 401, body: { error: "invalid_client" } });
  const caller = watch(source.get());
  await outcome(caller);
  assert.deepEqual([caller.value?.accessToken, requests.length], ["token-1", 2]);
});

test("`toJSON` has the cause, and nothing that a prototype has", async (t) => {
  const { source, server } = sourceFixture(t);
  server.always = { fails: true };
  const error = await fails(() => source.get(), "network_failed");
  assert.deepEqual(JSON.parse(JSON.stringify(error)).cause, {
    name: "TypeError",
    code: "ECONNREFUSED",
  });
  const plain = new AuthError({
    code: "timed_out",
    category: "unavailable",
    message: "",
    hint: "",
  });
  assert.equal(Reflect.get(plain.toJSON(), "cause"), undefined);
});

// @ts-check
// A source that is given an issuer: what its metadata decide, and when they are asked for.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenSource } from "edge-credentials";
import { advance, jump, settle } from "../support/clock.js";
import { failure, rejections } from "../support/errors.js";
import { makePem } from "../support/keys/jwt.js";
import { watch } from "../support/promises.js";
import { ISSUER, sourceFixture } from "../support/fixtures/token-source.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WELL_KNOWN = "/.well-known/openid-configuration";
const PEM = makePem();
const FILE = { type: "serviceaccount", keyId: "7", key: PEM, userId: "42" };
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const metadata = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` };

test("the issuer alone is enough: discovery once, and the method of authentication by it", async (t) => {
  for (const [methods, expected] of /** @type {const} */ ([
    [undefined, "basic"],
    [["client_secret_basic", "client_secret_post"], "basic"],
    [["client_secret_post"], "post"],
  ])) {
    const { server, source, requests } = sourceFixture(t, { issuer: ISSUER });
    server.script.push({
      body: {
        issuer: ISSUER,
        token_endpoint: `${ISSUER}/token`,
        token_endpoint_auth_methods_supported: methods,
      },
    });
    await source.get();
    jump(HOUR);
    await source.get();
    assert.deepEqual(
      requests.map(({ path }) => path),
      ["/.well-known/openid-configuration", "/token", "/token"],
    );
    assert.equal(requests[1].headers.has("authorization") ? "basic" : "post", expected);
  }
});

test("metadata are asked for again after half a day, by RFC 8414's path where the other is not there", async (t) => {
  const { server, source, requests } = sourceFixture(t, { issuer: ISSUER });
  const found = { body: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` } };
  server.script.push({ status: 404, body: "" }, found);
  await source.get();
  assert.deepEqual(
    requests.map(({ path }) => path),
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/token"],
  );
  jump(12 * HOUR);
  await source.get();
  assert.deepEqual(
    requests.slice(3).map(({ path }) => path),
    // The address that answered is asked first.
    ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/token"],
  );
});

test("a failed discovery is an error, and forgotten after its back-off", async (t) => {
  const { server, source, requests } = sourceFixture(t, { issuer: ISSUER });
  server.script.push({ body: { issuer: "https://other.example" } });
  const [error] = await rejections(source.get());
  assert.deepEqual([error.code, error.category], ["issuer_mismatch", "misuse"]);
  assert.equal(requests.length, 1);
  jump(error.retryAt - Date.now());
  assert.equal((await source.get()).accessToken, "token-1");
});

test("a server that takes no client secret, or has no token endpoint", async (t) => {
  const { server, source } = sourceFixture(t, { issuer: ISSUER });
  server.script.push({
    body: {
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      token_endpoint_auth_methods_supported: ["private_key_jwt"],
    },
  });
  const [error] = await rejections(source.get());
  assert.deepEqual(
    [error.code, error.hint],
    ["client_auth_unsupported", "it takes private_key_jwt; if that is wrong, set `clientAuth`"],
  );

  const other = sourceFixture(t, { issuer: ISSUER });
  other.server.script.push({ body: { issuer: ISSUER } });
  assert.equal((await rejections(other.source.get()))[0].code, "member_missing");
});

test("a server that lacks the method says what it has, and can be overridden", async (t) => {
  const methods = {
    ...metadata,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "none", "<script>"],
  };
  const grants = {
    ...metadata,
    grant_types_supported: ["client_credentials", "authorization_code"],
  };
  for (const [options, body, message, hint] of /** @type {const} */ ([
    [
      { key: PEM, clientId: "me" },
      methods,
      "by its metadata the server takes no `private_key_jwt`",
      "it takes client_secret_basic, none; if that is wrong, set `clientAuth`",
    ],
    [
      { key: FILE },
      grants,
      "by its metadata the server takes no assertion (JWT profile)",
      "it takes client_credentials, authorization_code; if that is wrong, set `tokenEndpoint`",
    ],
  ])) {
    const { source, server } = sourceFixture(t, { issuer: ISSUER, ...options });
    server.script = [{ body }];
    const [error] = await rejections(source.get());
    assert.deepEqual(
      [error.code, error.message, error.hint],
      ["client_auth_unsupported", message, hint],
    );
  }
  const deviceCode = "urn:ietf:params:oauth:grant-type:device_code";
  for (const [options, name, names, shown] of /** @type {[object, string, unknown, string][]} */ ([
    [{ key: FILE }, "grant_types_supported", [], "nothing that is known here"],
    [{ key: FILE }, "grant_types_supported", [null, true, 5, deviceCode], deviceCode],
    [
      { key: PEM, clientId: "me" },
      "token_endpoint_auth_methods_supported",
      [],
      "nothing that is known here",
    ],
    [{}, "token_endpoint_auth_methods_supported", [], "nothing that is known here"],
  ])) {
    const { source, server } = sourceFixture(t, { issuer: ISSUER, ...options });
    server.script = [{ body: { ...metadata, [name]: names } }];
    const { hint } = await failure(source.get, "client_auth_unsupported");
    assert.match(hint, new RegExp(`^it takes ${shown}; `));
  }
  for (const options of /** @type {const} */ ([
    { issuer: ISSUER, key: PEM, clientId: "me", clientAuth: "private_key_jwt" },
    { issuer: ISSUER, key: FILE, tokenEndpoint: `${ISSUER}/token` },
  ])) {
    const { source, server } = sourceFixture(t, options);
    if (!("tokenEndpoint" in options)) server.script = [{ body: methods }];
    await source.get();
  }
  const { source, server } = sourceFixture(t, { issuer: ISSUER, key: FILE });
  server.script = [{ body: { ...grants, grant_types_supported: [JWT_BEARER] } }];
  await source.get();
});

test("grants are not read from a polluted Object.prototype", async (t) => {
  const { source } = sourceFixture(t, { issuer: ISSUER, key: FILE });
  Reflect.set(Object.prototype, "grant_types_supported", ["client_credentials"]);
  t.after(() => Reflect.deleteProperty(Object.prototype, "grant_types_supported"));
  await source.get();
});

test("with issuer and tokenEndpoint nothing is discovered", async (t) => {
  const { source, requests } = sourceFixture(t, {
    issuer: ISSUER,
    tokenEndpoint: `${ISSUER}/token`,
  });
  await source.get();
  assert.deepEqual(
    requests.map(({ path }) => path),
    ["/token"],
  );
});

test("an issuer that is no address is refused at once, beside a tokenEndpoint too", async () => {
  const client = { clientId: "a", clientSecret: "b" };
  await failure(() => tokenSource({ ...client, issuer: "nonsense" }), "option_invalid");
  await failure(
    () => tokenSource({ ...client, issuer: "nonsense", tokenEndpoint: `${ISSUER}/token` }),
    "option_invalid",
  );
});

test("the caller's clientAuth wins over the metadata", async (t) => {
  for (const supported of [["client_secret_basic"], ["private_key_jwt"], undefined]) {
    const { source, server, requests } = sourceFixture(t, {
      issuer: ISSUER,
      clientAuth: "client_secret_post",
    });
    server.script.push({ body: { ...metadata, token_endpoint_auth_methods_supported: supported } });
    await source.get();
    assert.deepEqual(
      [requests[1].headers.has("authorization"), requests[1].body.includes("client_secret=secret")],
      [false, true],
    );
  }
});

test("metadata are asked for again an hour or more before half a day is over, while tokens are got by the old ones", async (t) => {
  const { source, requests } = sourceFixture(t, { issuer: ISSUER });
  const asked = () => requests.filter(({ path }) => path === WELL_KNOWN).length;
  await source.get();
  jump(10.4 * HOUR);
  await source.get();
  await settle();
  assert.equal(asked(), 1);
  jump(1.05 * HOUR);
  await source.get();
  await settle();
  assert.equal(asked(), 2);
});

test("a token endpoint that is not there any more makes the metadata be asked for again, and the next call finds the new one", async (t) => {
  const { source, server, requests, events } = sourceFixture(t, { issuer: ISSUER });
  await source.get();
  jump(HOUR);
  server.script.push(
    { status: 404, body: "" },
    { body: { ...metadata, token_endpoint: `${ISSUER}/token?moved` } },
  );
  const { code, retryAt } = await failure(source.get);
  await settle();
  assert.equal(code, "endpoint_not_found");
  assert.deepEqual(
    events.at(-1)?.what === "metadata" ? events.at(-1)?.type : events.at(-2)?.type,
    "refresh",
  );
  jump(Number(retryAt) - Date.now());
  await source.get();
  assert.deepEqual(
    requests.map(({ path }) => path),
    [WELL_KNOWN, "/token", "/token", WELL_KNOWN, "/token"],
  );
});

test("where the endpoint was given, a 404 discovers nothing", async (t) => {
  const { source, server, events } = sourceFixture(t);
  server.script.push({ status: 404, body: "" });
  await failure(source.get, "endpoint_not_found");
  await settle();
  assert.deepEqual(
    events.map(({ type, what }) => [type, what]),
    [["fail", "token"]],
  );
});

test("http is permitted for the whole of discovery, or for none of it", async (t) => {
  const issuer = "http://idp.internal";
  const { source, server } = sourceFixture(t, { issuer, insecureHttp: true });
  server.script.push({ body: { issuer, token_endpoint: `${issuer}/token` } });
  assert.equal((await source.get()).accessToken, "token-1");

  const other = sourceFixture(t, { issuer: ISSUER });
  other.server.script.push({
    body: { issuer: ISSUER, token_endpoint: "http://idp.example/token" },
  });
  assert.equal((await failure(other.source.get)).code, "member_invalid");
  await failure(() => tokenSource({ issuer, clientId: "a", clientSecret: "b" }), "url_insecure");
});

test("metadata without an end are not read to it, and let go", async (t) => {
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream({
    cancel() {
      cancelled = true;
    },
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    },
  });
  const { source } = sourceFixture(t, {
    issuer: ISSUER,
    fetch: async () => new Response(endless, { headers: { "content-type": "application/json" } }),
  });
  await failure(source.get, "response_too_large");
  assert.ok(pulled > 10 && pulled < 30 && cancelled, `${pulled} chunks`);
});

test("a server that takes many things, none of them a secret, has nine of them named", async (t) => {
  const { source, server } = sourceFixture(t, { issuer: ISSUER });
  const methods = Array.from("abcdefghijkl", (letter) => `method_${letter}`);
  server.script.push({ body: { ...metadata, token_endpoint_auth_methods_supported: methods } });
  const { hint } = await failure(source.get, "client_auth_unsupported");
  assert.equal(
    hint,
    `it takes ${methods.slice(0, 9).join(", ")}; if that is wrong, set \`clientAuth\``,
  );
});

test("metadata that are of no use are forgotten after their back-off, as every failure is", async (t) => {
  for (const useless of [
    { issuer: ISSUER },
    { ...metadata, token_endpoint_auth_methods_supported: ["private_key_jwt"] },
  ]) {
    const { source, server, requests } = sourceFixture(t, { issuer: ISSUER });
    server.script.push({ body: useless });
    const { retryAt } = await failure(source.get);
    jump(Number(retryAt) - Date.now());
    assert.equal((await source.get()).accessToken, "token-1");
    assert.deepEqual(
      requests.map(({ path }) => path),
      [WELL_KNOWN, WELL_KNOWN, "/token"],
    );
  }
});

test("a secret that is a function is asked again for a refusal of the credentials, and for nothing else", async (t) => {
  let asked = 0;
  const { source, server } = sourceFixture(t, {
    clientSecret() {
      asked += 1;
      return `secret-${asked}`;
    },
  });
  server.script.push({ status: 400, body: { error: "invalid_scope" } });
  await failure(source.get, "scope_refused");
  assert.equal(asked, 1);
});

test("source.fetch waits for the token as long as the caller wants", async (t) => {
  const { source, server } = sourceFixture(t, { timeout: 1_000 });
  server.always = { hangs: true };
  const patient = watch(source.fetch(ISSUER));
  const controller = new AbortController();
  const impatient = watch(source.fetch(ISSUER, { signal: controller.signal }));
  await advance(500);
  controller.abort("enough");
  await settle();
  assert.deepEqual([patient.done, impatient.error], [false, "enough"]);
  await advance(600);
  assert.equal(patient.error?.message, "waiting for the token took longer than 1 s");
});

test("a 401 that comes late rejects the token that was sent, not the one that came since", async (t) => {
  const { source, server, tokenRequests } = sourceFixture(t, {
    fetch: (url, init) => server.fetch(url, init),
  });
  await source.get();
  server.script.push({ delay: 400_000, status: 401, body: "" });
  const call = watch(source.fetch(`${ISSUER}/api`));
  await settle();
  jump(HOUR - 400_000);
  await advance(300_000);
  assert.equal((await source.get()).accessToken, "token-1");
  await settle();
  assert.equal((await source.get()).accessToken, "token-2");
  server.script.push({ status: 200, body: "" });
  await advance(110_000);
  assert.deepEqual(
    [call.value?.status, (await source.get()).accessToken, tokenRequests().length],
    [200, "token-2", 2],
  );
});

test("in a browser redirects are left to it, since it shows none", async (t) => {
  const { navigator } = globalThis;
  t.after(() =>
    Object.defineProperty(globalThis, "navigator", {
      value: navigator,
      configurable: true,
      writable: true,
    }),
  );
  for (const [userAgent, redirect] of [
    ["Mozilla/5.0 (X11; Linux x86_64)", undefined],
    ["Cloudflare-Workers", "manual"],
  ]) {
    Object.defineProperty(globalThis, "navigator", {
      value: { userAgent },
      configurable: true,
      writable: true,
    });
    const redirects = /** @type {unknown[]} */ ([]);
    const { source, server } = sourceFixture(t, {
      fetch(url, init) {
        redirects.push(init.redirect);
        return server.fetch(url, init);
      },
    });
    await source.fetch(`${ISSUER}/api`);
    assert.deepEqual(redirects, ["manual", redirect]);
  }
});

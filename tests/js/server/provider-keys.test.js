// @ts-check
// Keys at the embedded provider, with nothing but fetch and jose.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { describe, test } from "node:test";
import { makeAssertion } from "../support/keys/assertion.js";
import { startQuietProvider } from "../support/servers/provider.js";
import { makePem } from "../support/keys/jwt.js";

const SCOPE = "openid profile urn:zitadel:iam:org:project:id:zitadel:aud";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const NOW = Math.floor(Date.now() / 1000);

/** @typedef {Partial<Parameters<typeof makeAssertion>[0]>} Change */

const provider = await startQuietProvider();

test("the metadata name the methods, the algorithms and the grants", async () => {
  const metadata = await (
    await fetch(`${provider.issuer}/.well-known/openid-configuration`)
  ).json();
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, [
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
  ]);
  assert.deepEqual(metadata.token_endpoint_auth_signing_alg_values_supported, ALGORITHMS);
  for (const grant of ["client_credentials", JWT_BEARER])
    assert.ok(metadata.grant_types_supported.includes(grant), grant);
});

test("the key files look like ZITADEL's", () => {
  const { userKeyFile, applicationKeyFile } = provider;
  assert.deepEqual(Object.keys(userKeyFile), ["type", "keyId", "key", "userId"]);
  assert.deepEqual(Object.keys(applicationKeyFile), ["type", "keyId", "key", "appId", "clientId"]);
  for (const { key, keyId } of [userKeyFile, applicationKeyFile]) {
    assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----\n/);
    assert.match(keyId, /^\d{18}$/);
  }
  assert.notEqual(userKeyFile.keyId, applicationKeyFile.keyId);
});

describe("private_key_jwt", () => {
  for (const algorithm of ALGORITHMS) {
    test(`${algorithm}: a token that opens the API, for issuer and token endpoint`, async () => {
      const { clientId } = keyOf(algorithm);
      for (const audience of [provider.issuer, provider.tokenEndpoint]) {
        const { status, json } = await ask(await clientForm(algorithm, { audience }));
        assert.equal(status, 200, json.error_description);
        assert.equal(await userNameFor(json.access_token), clientId);
      }
    });

    test(`${algorithm}: the JWK is the PEM's key, with its name and its algorithm`, async () => {
      const { jwk, keyId, pem } = keyOf(algorithm);
      assert.deepEqual([jwk.alg, jwk.kid, typeof jwk.d], [algorithm, keyId, "string"]);
      assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n/);
      assert.ok(createPublicKey({ key: jwk, format: "jwk" }).equals(createPublicKey(pem)));
    });
  }

  /** @type {[string, Change][]} */
  const rows = [
    ["another key", { key: otherKey() }],
    ["another algorithm with the right key", { algorithm: "PS256" }],
    ["a slash after the issuer", { audience: "slash" }],
    ["an issuer that is not the client", { claims: { iss: "someone" } }],
    ["expired a minute ago", { claims: { exp: NOW - 60 } }],
    ["no jti", { claims: { jti: undefined } }],
  ];
  for (const [name, change] of rows) {
    test(`refused: ${name}`, async () => {
      if (change.audience === "slash") change.audience = `${provider.issuer}/`;
      const { status, json } = await ask(await clientForm("RS256", change));
      assert.deepEqual([status, json.error], [401, "invalid_client"]);
    });
  }

  test("refused: the same assertion twice", async () => {
    const form = await clientForm("ES256");
    assert.equal((await ask(form)).status, 200);
    const { status, json } = await ask(form);
    assert.deepEqual([status, json.error], [401, "invalid_client"]);
  });

  test("an application's key file gets a token, introspects it and revokes it", async () => {
    const { json: token } = await ask({
      grant_type: "client_credentials",
      scope: SCOPE,
      ...(await applicationForm()),
    });
    const introspect = async () =>
      (await ask({ token: token.access_token, ...(await applicationForm()) }, "introspect")).json;
    assert.equal((await introspect()).client_id, provider.applicationKeyFile.clientId);
    const { status, text } = await ask(
      { token: token.access_token, ...(await applicationForm()) },
      "revoke",
    );
    assert.deepEqual([status, text], [200, ""]);
    assert.deepEqual(await introspect(), { active: false });
  });
});

describe("JWT profile", () => {
  test("the key file gets a token: opaque, for 12 h, with scopes; it opens the API", async () => {
    const { status, json } = await ask(await userForm({}, { scope: `${SCOPE} nonsense` }));
    assert.equal(status, 200, json.error_description);
    assert.deepEqual(Object.keys(json).sort(), [
      "access_token",
      "expires_in",
      "scope",
      "token_type",
    ]);
    assert.match(json.access_token, /^[\w-]{104}$/);
    assert.deepEqual([json.token_type, json.expires_in, json.scope], ["Bearer", 43_200, SCOPE]);
    assert.equal(
      await userNameFor(json.access_token),
      provider.clientId,
      "the same user as with the secret",
    );
    const introspected = await ask(
      { token: json.access_token, ...(await applicationForm()) },
      "introspect",
    );
    assert.equal(introspected.json.client_id, provider.userKeyFile.userId);
  });

  test("a JWT when a resource is named", async () => {
    const { json } = await ask(await userForm({}, { resource: provider.resource }));
    assert.equal(json.access_token.split(".").length, 3);
    assert.equal(await userNameFor(json.access_token), provider.clientId);
  });

  test("every algorithm, an audience in a list, an assertion of an hour ago", async () => {
    for (const algorithm of ALGORITHMS) {
      const { keyId, pem: key } = keyOf(algorithm);
      assert.equal((await ask(await userForm({ algorithm, keyId, key }))).status, 200, algorithm);
    }
    for (const claims of [
      { aud: ["https://other.example", provider.issuer] },
      // Of the moment it is sent: on a busy machine the file began long before.
      { iat: Math.floor(Date.now() / 1000) - 3590 },
    ]) {
      assert.equal((await ask(await userForm({ claims }))).status, 200, JSON.stringify(claims));
    }
  });

  /** @type {[string, (issuer: string) => Change][]} */
  const rows = [
    ["another key", () => ({ key: otherKey() })],
    ["an unknown key id", () => ({ keyId: "317905284016505611" })],
    ["no key id", () => ({ header: { kid: undefined } })],
    ["another user as issuer", () => ({ claims: { iss: "317905284016374540" } })],
    ["another user as subject", () => ({ claims: { sub: "317905284016374540" } })],
    ["the login name for the user id", () => ({ id: provider.clientId })],
    ["a slash after the issuer", (issuer) => ({ audience: `${issuer}/` })],
    ["the token endpoint as audience", (issuer) => ({ audience: `${issuer}/oauth/v2/token` })],
    ["no audience", () => ({ claims: { aud: undefined } })],
    ["issued in a minute", () => ({ claims: { iat: NOW + 60 } })],
    ["issued more than an hour ago", () => ({ claims: { iat: NOW - 3700 } })],
    ["no time of issue", () => ({ claims: { iat: undefined } })],
    ["expired", () => ({ claims: { exp: NOW - 1 } })],
    ["no expiry", () => ({ claims: { exp: undefined } })],
    ["no jti", () => ({ claims: { jti: undefined } })],
  ];
  for (const [name, change] of rows) {
    test(`refused: ${name}`, async () => {
      assertRefused(await ask(await userForm(change(provider.issuer))));
    });
  }

  test("refused: the same assertion twice, one without a signature, one that is none", async () => {
    const form = await userForm();
    assert.equal((await ask(form)).status, 200);
    const { assertion } = await userForm();
    const [, claims] = assertion.split(".");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const bad of [form.assertion, `${none}.${claims}.`, "x"])
      assertRefused(await ask({ ...form, assertion: bad }));
  });

  test("no assertion; a client with a secret or a user by name at the other's grant", async () => {
    const { assertion, ...without } = await userForm();
    /** @type {[Record<string, string>, string][]} */
    const rows = [
      [without, "missing required parameter(s) assertion"],
      [
        {
          ...without,
          assertion,
          client_id: provider.clientId,
          client_secret: provider.clientSecret,
        },
        "requested grant type is not allowed for this client",
      ],
      [
        { grant_type: "client_credentials", client_id: provider.userKeyFile.userId },
        "requested grant type is not allowed for this client",
      ],
    ];
    for (const [form, description] of rows) {
      const { status, json } = await ask(form);
      assert.deepEqual(
        [status, json.error, json.error_description],
        [400, "invalid_request", description],
      );
    }
  });

  test("pages of this machine may use it, others may not", async () => {
    for (const [origin, allowed] of /** @type {const} */ ([
      ["http://localhost:5173", "http://localhost:5173"],
      ["https://other.example", null],
    ])) {
      const { headers } = await ask(await userForm(), "token", { origin });
      assert.equal(headers.get("access-control-allow-origin"), allowed);
    }
  });
});

/** @param {{ status: number; json: any }} answer */
function assertRefused({ status, json }) {
  assert.equal(status, 400);
  assert.deepEqual(json, { error: "invalid_grant", error_description: "grant request is invalid" });
}

/** @param {string} algorithm */
function keyOf(algorithm) {
  return (
    provider.clientKeys.find((key) => key.algorithm === algorithm) ??
    assert.fail(`no key for ${algorithm}`)
  );
}

function otherKey() {
  return makePem("rsa", { modulusLength: 2048 });
}

/** @type {(algorithm: string, change?: Change) => Promise<Record<string, string>>} */
async function clientForm(algorithm, change) {
  const { clientId: id, keyId, pem: key } = keyOf(algorithm);
  return {
    grant_type: "client_credentials",
    scope: SCOPE,
    ...(await clientAssertion({ id, keyId, key, algorithm, audience: provider.issuer, ...change })),
  };
}

function applicationForm() {
  const { clientId: id, keyId, key } = provider.applicationKeyFile;
  return clientAssertion({ id, keyId, key, audience: provider.issuer });
}

/** @param {Parameters<typeof makeAssertion>[0]} options */
async function clientAssertion(options) {
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await makeAssertion(options),
  };
}

/** @type {(change?: Change, form?: Record<string, string>) => Promise<Record<string, string>>} */
async function userForm(change, form) {
  const { userId: id, keyId, key } = provider.userKeyFile;
  return {
    grant_type: JWT_BEARER,
    assertion: await makeAssertion({ id, keyId, key, audience: provider.issuer, ...change }),
    scope: SCOPE,
    ...form,
  };
}

/**
 * @type {(
 *   form: Record<string, string>,
 *   endpoint?: string,
 *   headers?: Record<string, string>,
 * ) => Promise<{ status: number; headers: Headers; text: string; json: any }>}
 */
async function ask(form, endpoint = "token", headers) {
  const response = await fetch(`${provider.issuer}/oauth/v2/${endpoint}`, {
    method: "POST",
    headers,
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text ? JSON.parse(text) : undefined,
  };
}

/** @param {string} token */
async function userNameFor(token) {
  const response = await fetch(provider.apiUrl, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  return (await response.json()).user.userName;
}

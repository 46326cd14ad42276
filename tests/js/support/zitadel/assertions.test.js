// @ts-check
// How the double judges assertions, with nothing but fetch and jose: the JWT profile, and an
// application that revokes.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { makeAssertion } from "../keys/assertion.js";
import { makePem } from "../keys/jwt.js";
import { basicAuth, postForm } from "../http/requests.js";
import { startZitadel } from "./server.js";

const SCOPE = "openid profile urn:zitadel:iam:org:project:id:zitadel:aud";
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const USER = "317905284016374539";
const NOW = Math.floor(Date.now() / 1000);

const rsa = makePem("rsa", { modulusLength: 2048 });
const other = makePem("rsa", { modulusLength: 2048 });
/** @type {Record<string, string>} */
const KEYS = {
  RS256: rsa,
  PS256: rsa,
  ES256: makePem("ec", { namedCurve: "P-256" }),
  EdDSA: makePem("ed25519"),
};

/** @typedef {Partial<Parameters<typeof makeAssertion>[0]>} Change */

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
before(async () => {
  const keys = Object.entries(KEYS).map(([keyId, pem]) => ({
    keyId,
    publicKey: createPublicKey(pem),
    userId: USER,
  }));
  const application = {
    clientId: "317905284016440075",
    clientSecret: "s%cret+",
    keys: [{ keyId: "app", publicKey: createPublicKey(other) }],
  };
  zitadel = await startZitadel({ keys, application });
});
after(() => zitadel.stop());
beforeEach(() => Object.assign(zitadel.state, { active: true }));

describe("JWT profile", () => {
  for (const [algorithm, key] of Object.entries(KEYS)) {
    test(`${algorithm}: a token as for a secret, and it opens the API`, async () => {
      const { status, json } = await ask(await profile({ algorithm, key, keyId: algorithm }));
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(json), ["access_token", "token_type", "expires_in", "id_token"]);
      const { status: called } = await fetch(zitadel.apiUrl, {
        headers: { authorization: `Bearer ${json.access_token}` },
      });
      assert.equal(called, 200);
    });
  }

  /** @type {[string, (issuer: string) => Change][]} */
  const good = [
    ["the issuer in a list", (issuer) => ({ claims: { aud: ["https://other.example", issuer] } })],
    ["issued at once", () => ({ claims: { iat: NOW } })],
    ["issued almost an hour ago", () => ({ claims: { iat: NOW - 3580 } })],
    ["good for almost an hour", () => ({ claims: { exp: NOW + 3590 } })],
    ["no jti", () => ({ claims: { jti: undefined } })],
  ];
  for (const [name, change] of good) {
    test(`good: ${name}`, async () => {
      assert.equal((await ask(await profile(change(zitadel.issuer)))).status, 200);
    });
  }

  /** @type {[string, (issuer: string) => Change][]} */
  const bad = [
    ["signed by another key", () => ({ key: other })],
    ["an unknown key id", () => ({ keyId: "x" })],
    ["no key id", () => ({ header: { kid: undefined } })],
    ["the name of a key of another type", () => ({ keyId: "EdDSA" })],
    ["an algorithm that it does not know", () => ({ algorithm: "RS384" })],
    ["another user as issuer", () => ({ claims: { iss: "317905284016374540" } })],
    ["another user as subject", () => ({ claims: { sub: "317905284016374540" } })],
    ["no issuer and no subject", () => ({ claims: { iss: undefined, sub: undefined } })],
    ["the login name for the user id", () => ({ id: zitadel.state.clientId })],
    ["a slash after the issuer", (issuer) => ({ audience: `${issuer}/` })],
    ["the token endpoint as audience", (issuer) => ({ audience: `${issuer}/oauth/v2/token` })],
    ["no audience", () => ({ claims: { aud: undefined } })],
    ["issued in 5 s", () => ({ claims: { iat: Math.floor(Date.now() / 1000) + 5 } })],
    ["by a clock an hour ahead", () => ({ claims: { iat: NOW + 3600, exp: NOW + 3900 } })],
    ["by a clock an hour behind", () => ({ claims: { iat: NOW - 3610, exp: NOW - 3310 } })],
    ["issued more than an hour ago", () => ({ claims: { iat: NOW - 3610 } })],
    ["no time of issue", () => ({ claims: { iat: undefined } })],
    ["a time of issue that is a text", () => ({ claims: { iat: String(NOW) } })],
    ["expired", () => ({ claims: { exp: NOW - 1 } })],
    ["good for more than an hour", () => ({ claims: { exp: NOW + 3700 } })],
    ["an expiry that is a text", () => ({ claims: { exp: String(NOW + 300) } })],
    ["no expiry", () => ({ claims: { exp: undefined } })],
  ];
  for (const [name, change] of bad) {
    test(`500 that says nothing: ${name}`, async () => {
      assertFault(await ask(await profile(change(zitadel.issuer))));
    });
  }

  test("500 that says nothing: what is no JWT, or has no signature", async () => {
    const { assertion } = await profile();
    const [header, claims, signature] = assertion.split(".");
    const none = encode({ alg: "none", kid: "RS256" });
    const forged = [
      `${none}.${claims}.AA`,
      `${header}.${encode({ iss: USER })}.${signature}`,
      `${header}.${claims}.`,
      `${header}.bnVsbA.${signature}`,
      `${header}.x.${signature}`,
      "x",
    ];
    for (const bad of forged)
      assertFault(await ask({ grant_type: JWT_BEARER, scope: SCOPE, assertion: bad }));
  });

  test("what it does say: no assertion, no scope, a deactivated user", async () => {
    zitadel.state.active = false;
    assertFailure(await ask(await profile()), "invalid_request", "Errors.User.NotActive");
    zitadel.state.active = true;
    assertFailure(
      await ask({ grant_type: JWT_BEARER, scope: SCOPE }),
      "invalid_request",
      "assertion missing",
    );
    const { assertion } = await profile();
    assertFailure(
      await ask({ grant_type: JWT_BEARER, assertion }),
      "invalid_request",
      /^The scope of your request is missing\. /,
    );
  });

  test("a key gets nothing as client credentials", async () => {
    const { assertion } = await profile();
    const form = {
      grant_type: "client_credentials",
      scope: SCOPE,
      client_assertion_type: CLIENT_ASSERTION,
      client_assertion: assertion,
    };
    assertFailure(await ask(form), "invalid_client", "client not found");
  });
});

describe("revocation", () => {
  test("by an application that is in the token's audience: with its secret in either place, with its key", async () => {
    const { clientId, clientSecret } = zitadel.state.application;
    const ways = [
      { headers: basicAuth(clientId, clientSecret) },
      { form: { client_id: clientId, client_secret: clientSecret } },
      { form: await applicationProof() },
    ];
    for (const { headers, form } of ways) {
      const token = await getToken(`${SCOPE} urn:zitadel:iam:org:project:id:${clientId}:aud`);
      assertRevoked(await ask({ token, ...form }, zitadel.revocationEndpoint, headers));
      assert.equal(
        zitadel.state.issued.some((one) => one.token === token),
        false,
      );
      const { status } = await fetch(zitadel.apiUrl, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(status, 401);
    }
  });

  test("a token that it does not know: an empty body of a JSON content type", async () => {
    assertRevoked(
      await ask({ token: "unknown", ...(await applicationProof()) }, zitadel.revocationEndpoint),
    );
  });

  test("a token that is not for the application stays good", async () => {
    const token = await getToken(SCOPE);
    assertFailure(
      await ask({ token, ...(await applicationProof()) }, zitadel.revocationEndpoint),
      "invalid_client",
      "token was not issued for this client",
      401,
    );
    assert.ok(zitadel.state.issued.some((one) => one.token === token));
  });

  /**
   * @type {[
   *   string,
   *   () => Promise<[form: Record<string, string>, headers?: Record<string, string>]>,
   *   string,
   *   string,
   * ][]}
   */
  const rows = [
    [
      "a service user's secret",
      async () => [{}, basicAuth(zitadel.state.clientId, zitadel.state.clientSecret)],
      "invalid_client",
      "no active client not found",
    ],
    [
      "a service user's key",
      async () => [await proof({ key: rsa, keyId: "RS256", id: USER })],
      "invalid_client",
      "no active client not found",
    ],
    [
      "an application's wrong secret",
      async () => [{}, basicAuth(zitadel.state.application.clientId, "wrong")],
      "invalid_client",
      "invalid secret",
    ],
    [
      "no secret",
      async () => [{ client_id: zitadel.state.application.clientId }],
      "invalid_client",
      "empty client secret",
    ],
    [
      "an application's key id, another's key",
      async () => [await applicationProof({ key: rsa })],
      "invalid_client",
      "invalid assertion",
    ],
    [
      "an unknown key id",
      async () => [await applicationProof({ keyId: "x" })],
      "invalid_client",
      "invalid assertion",
    ],
    [
      "a slash after the issuer",
      async () => [await applicationProof({ audience: `${zitadel.issuer}/` })],
      "invalid_client",
      "invalid assertion",
    ],
    [
      "an assertion that is none",
      async () => [{ client_assertion_type: CLIENT_ASSERTION, client_assertion: "x" }],
      "invalid_client",
      "no active client not found",
    ],
    [
      "an assertion of no type",
      async () => [{ client_assertion: "x" }],
      "invalid_request",
      "invalid client_assertion_type ",
    ],
    [
      "two methods",
      async () => [await applicationProof(), basicAuth("x", "y")],
      "invalid_request",
      "client authentication must not use more than one method",
    ],
    [
      "no credentials",
      async () => [{}],
      "invalid_request",
      "client_id or client_assertion must be provided",
    ],
    [
      "no token",
      async () => [{ token: "", ...(await applicationProof()) }],
      "invalid_request",
      "token missing",
    ],
  ];
  for (const [name, request, error, description] of rows) {
    test(`refused: ${name}`, async () => {
      const [form, headers] = await request();
      assertFailure(
        await ask({ token: "x", ...form }, zitadel.revocationEndpoint, headers),
        error,
        description,
      );
    });
  }

  test("by GET it is not for anybody", async () => {
    assert.equal((await fetch(zitadel.revocationEndpoint)).status, 405);
  });
});

/**
 * @type {(
 *   change?: Change,
 * ) => Promise<{ grant_type: string; assertion: string; scope: string }>}
 */
async function profile(change) {
  const assertion = await makeAssertion({
    key: rsa,
    keyId: "RS256",
    id: USER,
    audience: zitadel.issuer,
    ...change,
  });
  return { grant_type: JWT_BEARER, assertion, scope: SCOPE };
}

/**
 * @type {(
 *   options: Change & { key: string; keyId: string; id: string },
 * ) => Promise<Record<string, string>>}
 */
async function proof(options) {
  return {
    client_assertion_type: CLIENT_ASSERTION,
    client_assertion: await makeAssertion({ audience: zitadel.issuer, ...options }),
  };
}

/** @param {Change} [change] */
function applicationProof(change) {
  return proof({ key: other, keyId: "app", id: zitadel.state.application.clientId, ...change });
}

/**
 * @param {string} scope
 * @returns {Promise<string>}
 */
async function getToken(scope) {
  return (await ask({ ...(await profile()), scope })).json.access_token;
}

/** @param {object} value */
function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** @typedef {import("../http/requests.js").Answer} Answer */

/**
 * @type {(
 *   form: Record<string, string>,
 *   url?: string,
 *   headers?: Record<string, string>,
 * ) => Promise<Answer>}
 */
function ask(form, url = zitadel.tokenEndpoint, headers) {
  return postForm(url, form, headers);
}

/** @param {Answer} answer */
function assertFault({ status, json }) {
  assert.equal(status, 500);
  assert.deepEqual(json, { error: "server_error", error_description: "Errors.Internal" });
}

/**
 * @type {(
 *   answer: Answer,
 *   error: string,
 *   description: string | RegExp,
 *   status?: number,
 * ) => void}
 */
function assertFailure({ status, json }, error, description, expected = 400) {
  assert.deepEqual([status, json.error], [expected, error]);
  if (typeof description === "string") assert.equal(json.error_description, description);
  else assert.match(json.error_description, description);
}

/** @param {Answer} answer */
function assertRevoked({ status, headers, text }) {
  assert.deepEqual([status, headers.get("content-type"), text], [200, "application/json", ""]);
}

// @ts-check
// What the double says of tokens, with nothing but fetch and jose: JWTs and the keys that sign
// them, and introspection.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { makeAssertion } from "../keys/assertion.js";
import { makePem } from "../keys/jwt.js";
import { basicAuth, postForm } from "../http/requests.js";
import { startZitadel } from "./server.js";
import { makeSigningKey } from "./tokens.js";

const USER = "317905284016374539";
const ROLES = "urn:zitadel:iam:org:projects:roles";
const APP_KEY = makePem("rsa", { modulusLength: 2048 });

/** @type {Awaited<ReturnType<typeof startZitadel>>} */
let zitadel;
/** @type {string} */
let forProject;
before(async () => {
  const application = {
    clientId: "317905284016440075",
    clientSecret: "s%cret+",
    keys: [{ keyId: "app", publicKey: createPublicKey(APP_KEY) }],
  };
  zitadel = await startZitadel({ application });
  forProject = audience(zitadel.state.projectId);
});
after(() => zitadel.stop());
beforeEach(() =>
  Object.assign(zitadel.state, { active: true, tokenShape: "opaque", expiresIn: 43_199 }),
);

describe("JWT access tokens", () => {
  beforeEach(() => {
    zitadel.state.tokenShape = "jwt";
  });

  test("are signed by the key that is published, are for the project, and begin when they are issued", async () => {
    const token = await getToken(`openid ${forProject}`);
    const { kid = "", ...header } = decodeProtectedHeader(token);
    assert.deepEqual(header, { alg: "RS256", typ: "JWT" });
    assert.match(kid, /^\d{18}$/);
    const { payload } = await jwtVerify(token, keySet(), {
      issuer: zitadel.issuer,
      audience: zitadel.state.projectId,
      algorithms: ["RS256"],
    });
    assert.deepEqual(Object.keys(payload), [
      "iss",
      "sub",
      "aud",
      "exp",
      "iat",
      "nbf",
      "client_id",
      "jti",
    ]);
    const { sub, aud, exp = 0, iat = 0, nbf, client_id } = payload;
    assert.deepEqual(
      [sub, aud, client_id, nbf, exp - iat],
      [USER, [zitadel.state.projectId], zitadel.state.clientId, iat, 43_199],
    );
  });

  test("without a project's scope they are for the client itself", async () => {
    const { payload } = await jwtVerify(await getToken("openid"), keySet());
    assert.deepEqual(payload.aud, [zitadel.state.clientId]);
  });

  test("name the roles in the projects that they are for, if they were asked for", async () => {
    const { projectId, grants } = zitadel.state;
    const { payload } = await jwtVerify(
      await getToken(`${forProject} ${audience("317905284016898828")} ${ROLES}`),
      keySet(),
    );
    assert.deepEqual(payload[`urn:zitadel:iam:org:project:${projectId}:roles`], grants[projectId]);
    assert.equal(
      "urn:zitadel:iam:org:project:317905284016898828:roles" in payload,
      false,
      "no roles there",
    );
    assert.deepEqual(payload["urn:zitadel:iam:org:project:roles"], grants[projectId]);
  });

  test("open the API, and are revoked as others are", async () => {
    const token = await getToken(
      `${audience("zitadel")} ${audience(zitadel.state.application.clientId)}`,
    );
    const call = async () =>
      (await fetch(zitadel.apiUrl, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await call(), 200);
    assert.equal((await ask({ token }, { url: zitadel.revocationEndpoint })).status, 200);
    assert.deepEqual([await call(), await inactive(token)], [401, true]);
  });
});

describe("keys", () => {
  test("may be kept for five minutes, and show nothing private", async () => {
    const response = await fetch(zitadel.jwksUri);
    assert.equal(response.headers.get("cache-control"), "max-age=300");
    const { keys } = await response.json();
    assert.deepEqual(
      keys.map((/** @type {object} */ key) => Object.keys(key).sort()),
      [["alg", "e", "kid", "kty", "n", "use"]],
    );
    assert.equal((await fetch(zitadel.jwksUri, { method: "POST" })).status, 404);
  });

  test("are others after a rotation, where the old ones are published for as long as is wanted", async (t) => {
    const { signingKeys } = zitadel.state;
    t.after(() => Object.assign(zitadel.state, { signingKeys, tokenShape: "opaque" }));
    zitadel.state.tokenShape = "jwt";
    const old = await getToken("openid");
    zitadel.state.signingKeys = [makeSigningKey("317905284017000001"), ...signingKeys];
    const token = await getToken("openid");
    assert.equal(decodeProtectedHeader(token).kid, "317905284017000001");
    for (const one of [old, token]) await jwtVerify(one, keySet());
    zitadel.state.signingKeys.pop();
    await assert.rejects(jwtVerify(old, keySet()), { code: "ERR_JWKS_NO_MATCHING_KEY" });
  });
});

describe("introspection", () => {
  test("all that is known of a token, by secret and by key", async () => {
    for (const shape of /** @type {const} */ (["opaque", "jwe", "jwt"])) {
      zitadel.state.tokenShape = shape;
      const token = await getToken(`openid ${forProject} nonsense`);
      for (const how of [{}, { basic: null, form: await proof() }]) {
        const { status, json } = await ask({ token }, how);
        assert.equal(status, 200);
        const { exp, iat, jti, ...claims } = json;
        assert.deepEqual([exp - iat, typeof jti], [43_199, "string"]);
        assert.deepEqual(claims, {
          active: true,
          scope: `openid ${forProject}`,
          token_type: "Bearer",
          username: zitadel.state.clientId,
          iss: zitadel.issuer,
          sub: USER,
          aud: [zitadel.state.projectId],
          nbf: iat,
          client_id: zitadel.state.clientId,
        });
      }
    }
  });

  test("more with `profile`, and with the scopes for roles, of which one claim speaks of the asker's project", async () => {
    const { json } = await ask({
      token: await getToken(`profile ${audience(zitadel.state.application.clientId)} ${ROLES}`),
    });
    const { projectId, grants, clientId } = zitadel.state;
    assert.deepEqual(
      [json.name, json.preferred_username, typeof json.updated_at],
      ["Edge Worker", clientId, "number"],
    );
    assert.deepEqual(json["urn:zitadel:iam:org:project:roles"], grants[projectId]);
    const one = await ask({
      token: await getToken(`${forProject} urn:zitadel:iam:org:project:role:reader`),
    });
    assert.deepEqual(one.json[`urn:zitadel:iam:org:project:${projectId}:roles`], grants[projectId]);
  });

  test("not active, and no word more: for others, ended, of a user who is not active, garbage", async () => {
    for (const scope of ["openid", audience("317905284016898828"), audience("zitadel")])
      assert.ok(await inactive(await getToken(scope)), scope);
    zitadel.state.expiresIn = 0;
    assert.ok(await inactive(await getToken(forProject)), "ended");
    zitadel.state.expiresIn = 43_199;
    const token = await getToken(forProject);
    assert.equal(await inactive(token), false);
    zitadel.state.active = false;
    assert.ok(await inactive(token), "of a user who is not active");
    zitadel.state.active = true;
    for (const garbage of ["x", `${token}x`, "a.b.c", "ü"])
      assert.ok(await inactive(garbage), garbage);
  });

  test("a personal access token is active for every API, and for it: it names no client, and has the scope of every role", async () => {
    const token = zitadel.personalAccessToken(["openid", audience("zitadel")]);
    assert.match(token, /^[\w-]{71}$/);
    const { json } = await ask({ token });
    const { projectId, application } = zitadel.state;
    assert.deepEqual(
      [json.active, json.sub, "client_id" in json, json.aud],
      [true, USER, false, [application.clientId, projectId]],
    );
    assert.ok(
      json.scope.endsWith(
        " urn:zitadel:iam:org:project:role:reader urn:zitadel:iam:org:project:role:writer",
      ),
    );
    assert.ok(
      await inactive(await getToken(`openid ${audience("zitadel")}`)),
      "another token with the same scopes",
    );
  });

  /** @type {[string, () => Promise<Parameters<typeof ask>[1]>][]} */
  const refused = [
    ["no credentials", async () => ({ basic: null })],
    ["a wrong secret", async () => ({ basic: [zitadel.state.application.clientId, "wrong"] })],
    [
      "a secret that is not encoded",
      async () => ({ basic: [zitadel.state.application.clientId, "s%cret+"], encode: String }),
    ],
    [
      "the service user's credentials",
      async () => ({ basic: [zitadel.state.clientId, zitadel.state.clientSecret] }),
    ],
    [
      "the secret in the form",
      async () => ({
        basic: null,
        form: { client_id: zitadel.state.application.clientId, client_secret: "s%cret+" },
      }),
    ],
    ["two methods", async () => ({ form: await proof() })],
    [
      "an assertion for the endpoint",
      async () => ({ basic: null, form: await proof({ audience: zitadel.introspectionEndpoint }) }),
    ],
    [
      "an assertion by an unknown key",
      async () => ({ basic: null, form: await proof({ keyId: "other" }) }),
    ],
  ];
  for (const [what, how] of refused) {
    test(`by ${what}: it is our fault, not the token's`, async () => {
      const { status, json } = await ask({ token: await getToken(forProject) }, await how());
      assert.deepEqual([status, json.error], [400, "unauthorized_client"]);
    });
  }

  test("of no token, and by GET", async () => {
    const { status, json } = await ask({});
    assert.deepEqual([status, json.error], [400, "invalid_request"]);
    assert.equal((await fetch(zitadel.introspectionEndpoint)).status, 405);
  });
});

/** @param {string} project */
function audience(project) {
  return `urn:zitadel:iam:org:project:id:${project}:aud`;
}

function keySet() {
  return createRemoteJWKSet(new URL(zitadel.jwksUri));
}

/**
 * @param {string} scope
 * @returns {Promise<string>}
 */
async function getToken(scope) {
  const { clientId, clientSecret } = zitadel.state;
  const { status, json } = await ask(
    { grant_type: "client_credentials", scope },
    { url: zitadel.tokenEndpoint, basic: [clientId, clientSecret] },
  );
  assert.equal(status, 200, json.error_description);
  return json.access_token;
}

/** @param {string} token */
async function inactive(token) {
  const { status, json } = await ask({ token });
  assert.equal(status, 200);
  return json.active === false && Object.keys(json).length === 1;
}

/** @param {Partial<Parameters<typeof makeAssertion>[0]>} [change] */
async function proof(change) {
  const assertion = await makeAssertion({
    key: APP_KEY,
    keyId: "app",
    id: zitadel.state.application.clientId,
    audience: zitadel.issuer,
    ...change,
  });
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  };
}

/**
 * @param {Record<string, string>} form
 * @param {{
 *   url?: string;
 *   basic?: [string, string] | null;
 *   encode?: (text: string) => string;
 *   form?: Record<string, string>;
 * }} [how]
 */
function ask(
  form,
  {
    url = zitadel.introspectionEndpoint,
    basic = [zitadel.state.application.clientId, "s%cret+"],
    encode = encodeURIComponent,
    form: more,
  } = {},
) {
  const headers = basic ? basicAuth(...basic, encode) : undefined;
  return postForm(url, { ...form, ...more }, headers);
}

// @ts-check
// The embedded provider, with nothing but fetch.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { request } from "node:http";
import { createServer } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { startQuietProvider } from "../support/servers/provider.js";

const AUDIENCE = "urn:zitadel:iam:org:project:id:zitadel:aud";
const SCOPE = `openid profile ${AUDIENCE}`;
const PAGE = "http://localhost:5173";

const provider = await startQuietProvider();

test("ZITADEL's paths, under an issuer without a slash at the end", async () => {
  const { issuer, tokenEndpoint } = provider;
  assert.match(issuer, /^http:\/\/127\.0\.0\.1:\d+$/);
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, issuer);
  assert.equal(metadata.token_endpoint, tokenEndpoint);
  assert.equal(tokenEndpoint, `${issuer}/oauth/v2/token`);
  assert.equal(metadata.introspection_endpoint, `${issuer}/oauth/v2/introspect`);
  assert.equal(metadata.revocation_endpoint, `${issuer}/oauth/v2/revoke`);
  assert.equal(metadata.jwks_uri, `${issuer}/oauth/v2/keys`);
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, [
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
  ]);
});

test("credentials that need encoding: in a Basic header and in the form", async () => {
  assert.match(provider.clientId, /@/);
  assert.match(provider.clientSecret, /^(?=.*:)(?=.*%)(?=.*\+)(?=.* )/);
  const counted = provider.tokenRequests;
  for (const auth of /** @type {const} */ (["basic", "post"])) {
    const { status, json } = await ask({ auth });
    assert.equal(status, 200);
    assert.match(json.access_token, /^[\w-]{104}$/);
    assert.equal(json.token_type, "Bearer");
    assert.equal(json.expires_in, 43_200);
  }
  assert.equal(provider.tokenRequests, counted + 2);
});

test("a wrong secret is refused, and so is one that is not encoded", async () => {
  const wrong = await ask({ secret: "wrong" });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.json.error, "invalid_client");
  assert.match(wrong.headers.get("www-authenticate") ?? "", /^Basic /);
  const { clientId, clientSecret, tokenEndpoint } = provider;
  const raw = {
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
  };
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  assert.equal((await fetch(tokenEndpoint, { method: "POST", headers: raw, body })).status, 400);
});

test("scopes that it does not know are dropped", async () => {
  const { status, json } = await ask({ form: { scope: `${SCOPE} nonsense` } });
  assert.equal(status, 200);
  assert.equal(json.scope, SCOPE);
});

test("a JWT when a resource is named, and only for the one there is", async () => {
  const { json } = await ask({ form: { resource: provider.resource } });
  const keys = createRemoteJWKSet(new URL(`${provider.issuer}/oauth/v2/keys`));
  const { payload } = await jwtVerify(json.access_token, keys, {
    issuer: provider.issuer,
    audience: provider.resource,
    algorithms: ["RS256"],
  });
  assert.equal(payload.client_id, provider.clientId);
  assert.equal(Number(payload.exp) - Number(payload.iat), 43_200);
  const other = await ask({ form: { resource: "https://other.example" } });
  assert.equal(other.status, 400);
  assert.equal(other.json.error, "invalid_target");
});

test("the API takes both kinds of token, for its audience", async () => {
  const jwt = (await ask({ form: { resource: provider.resource } })).json.access_token;
  for (const token of [(await ask({})).json.access_token, jwt]) {
    const answer = await callApi(token);
    assert.equal(answer.status, 200);
    const { user } = await answer.json();
    assert.equal(user.userName, provider.clientId);
    assert.equal(user.state, "USER_STATE_ACTIVE");
  }
  const forOthers = (await ask({ form: { scope: "openid" } })).json.access_token;
  const [header, payload, signature] = jwt.split(".");
  const forged = [header, payload, [...signature].reverse().join("")].join(".");
  for (const token of [forOthers, forged, "garbage", "a.b.c"]) {
    const answer = await callApi(token);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
    assert.equal((await answer.json()).code, 16);
  }
});

test("the API refuses a JWT that is for another one", async () => {
  const { status, json } = await ask({ form: { resource: provider.otherResource } });
  assert.equal(status, 200);
  const answer = await callApi(json.access_token);
  assert.equal(answer.status, 401);
  assert.deepEqual(await answer.json(), { code: 16, message: "invalid audience" });
});

test("the API asks for a token", async () => {
  const answer = await fetch(provider.apiUrl);
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get("www-authenticate"), "Bearer");
  assert.equal((await fetch(provider.apiUrl, { method: "POST" })).status, 405);
});

test("introspection for the API, not for the service user; revoked is inactive", async () => {
  const { json } = await ask({});
  const introspect = (/** @type {[string, string]} */ ...credentials) =>
    post("/oauth/v2/introspect", credentials, { token: json.access_token });
  const { clientId, clientSecret } = provider.apiClient;
  const { json: claims } = await introspect(clientId, clientSecret);
  assert.equal(claims.active, true);
  assert.equal(claims.client_id, provider.clientId);
  assert.equal(claims.scope, SCOPE);
  assert.equal(claims.exp - claims.iat, 43_200);
  assert.deepEqual(claims.aud, [provider.resource]);
  assert.deepEqual((await introspect(provider.clientId, provider.clientSecret)).json, {
    active: false,
  });

  await post("/oauth/v2/revoke", [provider.clientId, provider.clientSecret], {
    token: json.access_token,
  });
  assert.deepEqual((await introspect(clientId, clientSecret)).json, { active: false });
  assert.equal((await callApi(json.access_token)).status, 401);
});

test("an opaque token without the API's scope is for nobody", async () => {
  const { json } = await ask({ form: { scope: "openid" } });
  assert.deepEqual(await introspect(json.access_token), { active: false });
});

test("the scopes name the audience, and roles have to be asked for", async () => {
  const { projectId, resource, clientId, jwtClientId } = provider;
  const audience = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
  const roles = "urn:zitadel:iam:org:projects:roles";
  const writer = { writer: { "317905284016309003": "demo.localhost" } };
  const claim = `urn:zitadel:iam:org:project:${projectId}:roles`;
  for (const id of [clientId, jwtClientId]) {
    for (const [scope, aud, granted] of /** @type {const} */ ([
      [audience, [projectId], undefined],
      [`${audience} ${roles}`, [projectId], writer],
      [`${audience} urn:zitadel:iam:org:project:role:writer`, [projectId], writer],
      [`${AUDIENCE} ${audience} ${roles}`, [projectId, resource], writer],
    ])) {
      const { json } = await ask({ form: { scope }, id });
      const token = json.access_token;
      const claims = await introspect(token);
      assert.deepEqual([claims.aud, claims.client_id, claims[claim]], [aud, id, granted]);
      assert.deepEqual(claims["urn:zitadel:iam:org:project:roles"], granted);
      assert.equal(token.split(".").length, id === jwtClientId ? 3 : 1);
      if (id !== jwtClientId) continue;
      const payload = decodeJwt(token);
      assert.deepEqual([payload.aud, payload[claim]], [aud, granted]);
      assert.ok(!("urn:zitadel:iam:org:project:roles" in payload));
    }
  }
  const { json } = await ask({ form: { scope: "openid" }, id: jwtClientId });
  assert.deepEqual(decodeJwt(json.access_token).aud, [jwtClientId]);
});

test("a JWT can be revoked", async () => {
  const { jwtClientId, clientSecret } = provider;
  const { json } = await ask({ id: jwtClientId });
  const token = json.access_token;
  assert.equal((await callApi(token)).status, 200);
  await post("/oauth/v2/revoke", [jwtClientId, clientSecret], { token });
  assert.deepEqual(await introspect(token), { active: false });
  assert.equal((await callApi(token)).status, 401);
});

test("a token is revoked only by whom it was issued to", async () => {
  const { json } = await ask({});
  const { clientId, clientSecret } = provider.apiClient;
  await post("/oauth/v2/revoke", [clientId, clientSecret], { token: json.access_token });
  assert.equal((await callApi(json.access_token)).status, 200);
  await post("/oauth/v2/revoke", [provider.clientId, provider.clientSecret], {
    token: json.access_token,
  });
  assert.equal((await callApi(json.access_token)).status, 401);
});

test("pages of this machine may use it, others may not", async () => {
  const { apiUrl, tokenEndpoint } = provider;
  for (const [url, method] of [
    [tokenEndpoint, "POST"],
    [apiUrl, "GET"],
  ]) {
    const preflight = {
      origin: PAGE,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization",
    };
    const { status, headers } = await fetch(url, { method: "OPTIONS", headers: preflight });
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), PAGE);
    assert.match(headers.get("access-control-allow-headers") ?? "", /authorization/);
  }
  assert.equal(
    (await ask({ headers: { origin: PAGE } })).headers.get("access-control-allow-origin"),
    PAGE,
  );
  assert.equal(
    (await fetch(apiUrl, { headers: { origin: PAGE } })).headers.get("access-control-allow-origin"),
    PAGE,
  );
  const elsewhere = { headers: { origin: "https://other.example" } };
  assert.equal((await ask(elsewhere)).headers.get("access-control-allow-origin"), null);
  assert.equal((await fetch(apiUrl, elsewhere)).headers.get("access-control-allow-origin"), null);
});

test("a name that a page made to mean this machine gets nothing", async () => {
  const { hostname, port } = new URL(provider.issuer);
  const [response] = /** @type {[import("node:http").IncomingMessage]} */ (
    await once(
      request({
        hostname,
        port,
        path: "/.well-known/openid-configuration",
        headers: { host: "evil.example" },
      }).end(),
      "response",
    )
  );
  response.resume();
  assert.equal(response.statusCode, 421);
});

test("run on its own, it says in one sentence that the port is in use", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (taken.address());
  const program = fileURLToPath(new URL("../../../www/server/provider.js", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program], {
    env: { ...process.env, PORT: String(port) },
    encoding: "utf8",
  });
  taken.close();
  assert.equal(status, 1);
  assert.equal(
    stderr,
    `error: port ${port} is in use: stop what listens there or set PORT to another port\n`,
  );
});

/** @param {string} token */
async function introspect(token) {
  const { clientId, clientSecret } = provider.apiClient;
  const { json } = await post("/oauth/v2/introspect", [clientId, clientSecret], { token });
  return json;
}

/**
 * @param {{
 *   auth?: "basic" | "post";
 *   id?: string;
 *   secret?: string;
 *   form?: Record<string, string>;
 *   headers?: Record<string, string>;
 * }} changes
 */
function ask({
  auth = "basic",
  id = provider.clientId,
  secret = provider.clientSecret,
  form,
  headers,
}) {
  const whole = { grant_type: "client_credentials", scope: SCOPE, ...form };
  if (auth === "basic") return post("/oauth/v2/token", [id, secret], whole, headers);
  return post(
    "/oauth/v2/token",
    null,
    { ...whole, client_id: provider.clientId, client_secret: secret },
    headers,
  );
}

/**
 * @type {(
 *   path: string,
 *   credentials: [string, string] | null,
 *   form: Record<string, string>,
 *   headers?: Record<string, string>,
 * ) => Promise<{ status: number; headers: Headers; json: any }>}
 */
async function post(path, credentials, form, headers) {
  const basic =
    credentials && `Basic ${Buffer.from(credentials.map(formEncode).join(":")).toString("base64")}`;
  const all = { ...headers, ...(basic && { authorization: basic }) };
  const response = await fetch(provider.issuer + path, {
    method: "POST",
    headers: all,
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text ? JSON.parse(text) : undefined,
  };
}

/** @param {string} value */
function formEncode(value) {
  return new URLSearchParams({ "": value }).toString().slice(1);
}

/** @param {string} token */
function callApi(token) {
  return fetch(provider.apiUrl, { headers: { authorization: `Bearer ${token}` } });
}

// @ts-check
// The other requests that a ZITADEL was sent: introspection, revocation, metadata, keys, the API.
import { makeAssertion } from "../../support/keys/assertion.js";
import { basicAuth } from "../../support/http/requests.js";
import { CLIENT_ASSERTION, post } from "./token-requests.js";

/** @typedef {import("./token-requests.js").Provider} Provider */
/** @typedef {import("./token-requests.js").Requests} Requests */

const ROLES = "urn:zitadel:iam:org:projects:roles";
const ZITADEL = "urn:zitadel:iam:org:project:id:zitadel:aud";

/** @type {(provider: Provider, scope: string, clientId?: string) => Promise<string>} */
async function tokenFor({ tokenEndpoint, clientId, clientSecret }, scope, id = clientId) {
  const form = { grant_type: "client_credentials", scope };
  const response = await post(tokenEndpoint, form, basicAuth(id, clientSecret));
  return (await response.json()).access_token;
}

/** @param {Provider} provider @returns {Requests} */
export function introspectionRequests(provider) {
  const { issuer, apiClient, applicationKeyFile, userKeyFile, projectId, jwtClientId } = provider;
  const url = `${issuer}/oauth/v2/introspect`;
  const audience = `urn:zitadel:iam:org:project:id:${projectId}:aud`;
  const own = `openid profile ${audience} ${ROLES}`;
  /** @type {Record<string, string>} */
  const api = basicAuth(apiClient.clientId, apiClient.clientSecret);
  const form = { client_id: apiClient.clientId, client_secret: apiClient.clientSecret };
  const ask = (/** @type {string} */ token, headers = api) => post(url, { token }, headers);
  const about =
    (/** @type {string} */ scope, id = provider.clientId, headers = api) =>
    async () =>
      ask(await tokenFor(provider, scope, id), headers);
  const proof = {
    key: applicationKeyFile.key,
    keyId: applicationKeyFile.keyId,
    id: applicationKeyFile.clientId,
    audience: issuer,
  };
  const byKey =
    (/** @type {object} */ change = {}, more = {}) =>
    async () =>
      post(url, {
        token: await tokenFor(provider, own),
        client_assertion_type: CLIENT_ASSERTION,
        client_assertion: await makeAssertion({ ...proof, ...change }),
        ...more,
      });
  const past = Math.floor(Date.now() / 1000) - 600;

  return {
    "intr opaque, own API basic": about(own),
    "intr JWT, own API basic": about(own, jwtClientId),
    "intr opaque, private_key_jwt": byKey(),
    "intr private_key_jwt, aud = introspection endpoint": byKey({ audience: url }),
    "intr private_key_jwt, typ client-authentication+jwt": byKey({
      header: { typ: "client-authentication+jwt" },
    }),
    "intr private_key_jwt + client_id": byKey({}, { client_id: applicationKeyFile.clientId }),
    "intr private_key_jwt, expired": byKey({ claims: { iat: past - 60, exp: past } }),
    "intr private_key_jwt, unknown kid": byKey({ keyId: "999999999999999999" }),
    "intr private_key_jwt, garbage": byKey({}, { client_assertion: "garbage" }),
    "intr with private_key_jwt of a service user": byKey({
      ...userKeyFile,
      id: userKeyFile.userId,
    }),
    "intr plain opaque token (no aud), own API": about("openid"),
    "intr foreign aud opaque, api1": about(`openid ${ZITADEL}`),
    "intr foreign aud JWT, api1": about(`openid ${ZITADEL}`, jwtClientId),
    "intr garbage": () => ask("garbage"),
    "intr a.b.c": () => ask("a.b.c"),
    "intr empty token": () => ask(""),
    "intr token missing": () => post(url, {}, api),
    "intr wrong API secret": about(own, undefined, basicAuth(apiClient.clientId, "wrong")),
    "intr unknown API": about(own, undefined, basicAuth("nobody", "wrong")),
    "intr no client auth": async () => post(url, { token: await tokenFor(provider, own) }),
    "intr bearer auth": about(own, undefined, { authorization: "Bearer abc" }),
    "intr service user as client": about(
      own,
      undefined,
      basicAuth(provider.clientId, provider.clientSecret),
    ),
    "intr client_secret_post": async () =>
      post(url, { token: await tokenFor(provider, own), ...form }),
    "intr Basic + secret in form": async () =>
      post(url, { token: await tokenFor(provider, own), ...form }, api),
    "intr Accept: application/token-introspection+jwt": about(own, undefined, {
      ...api,
      accept: "application/token-introspection+jwt",
    }),
    "intr GET": async () =>
      fetch(`${url}?token=${await tokenFor(provider, own)}`, { headers: api }),
    "intr by API of project with role assertion, no role scope": about(audience),
    "intr token without openid": about(`${audience} ${ROLES}`),
  };
}

/** @param {Provider} provider @returns {Requests} */
export function otherRequests(provider) {
  const { issuer, apiClient, clientId, clientSecret, apiUrl, jwtClientId } = provider;
  const revoke = `${issuer}/oauth/v2/revoke`;
  const api = basicAuth(apiClient.clientId, apiClient.clientSecret);
  const scope = `openid urn:zitadel:iam:org:project:id:${provider.projectId}:aud`;
  const revoking =
    (headers = {}, id = clientId) =>
    async () =>
      post(revoke, { token: await tokenFor(provider, scope, id) }, headers);
  const call = (/** @type {string} */ token) =>
    fetch(apiUrl, { headers: { authorization: `Bearer ${token}` } });
  const callWith =
    (/** @type {string} */ scope, id = clientId) =>
    async () =>
      call(await tokenFor(provider, scope, id));
  const get = (/** @type {string} */ path) => () => fetch(issuer + path);

  return {
    "revoke garbage, api basic": () => post(revoke, { token: "garbage" }, api),
    "revoke opaque by api basic of project": revoking(api),
    "revoke JWT by api basic": revoking(api, jwtClientId),
    "revoke by service user itself": revoking(basicAuth(clientId, clientSecret)),
    "revoke wrong api secret": revoking(basicAuth(apiClient.clientId, "wrong")),
    "revoke unauthenticated": revoking(),
    "revoke unknown client": revoking(basicAuth("nobody", "wrong")),
    "revoke token missing": () => post(revoke, {}, api),
    jwks: get("/oauth/v2/keys"),
    discovery: get("/.well-known/openid-configuration"),
    rfc8414: get("/.well-known/oauth-authorization-server"),
    "protected-resource": get("/.well-known/oauth-protected-resource"),
    "unknown path": get("/nothing"),
    "trailing slash": get("/oauth/v2/keys/"),
    "auth/v1/users/me ok": callWith(`openid ${ZITADEL}`),
    "auth/v1/users/me JWT": callWith(`openid ${ZITADEL}`, jwtClientId),
    "auth/v1 bad token": () => call("garbage"),
    "auth/v1 no token": () => fetch(apiUrl),
    "auth/v1 token without zitadel aud": callWith("openid"),
    "auth/v1 JWT without zitadel aud": callWith("openid", jwtClientId),
  };
}

// @ts-check
// The requests for tokens that a ZITADEL was sent, as far as the embedded provider has what they
// need. The names are those of the recorded cases.
import { makeAssertion } from "../../support/keys/assertion.js";
import { basicAuth } from "../../support/http/requests.js";
import { makePem } from "../../support/keys/jwt.js";

/**
 * @typedef {Awaited<
 *   ReturnType<typeof import("../../../../www/server/provider.js").startProvider>
 * >} Provider
 */
/** @typedef {Record<string, () => Promise<Response>>} Requests */

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
export const CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * @type {(
 *   url: string,
 *   form: Record<string, string>,
 *   headers?: Record<string, string>,
 * ) => Promise<Response>}
 */
export function post(url, form, headers) {
  return fetch(url, { method: "POST", headers, body: new URLSearchParams(form) });
}

/** @param {Provider} provider @returns {Requests} */
export function clientCredentialsRequests(provider) {
  const { tokenEndpoint: url, clientId, clientSecret, apiClient, issuer, userKeyFile } = provider;
  const basic = basicAuth(clientId, clientSecret);
  const secret = { client_id: clientId, client_secret: clientSecret };
  const grant = { grant_type: "client_credentials" };
  const openid = { ...grant, scope: "openid" };
  const ask = (/** @type {string} */ scope) => post(url, { ...grant, scope }, basic);
  const byForm = (/** @type {Record<string, string>} */ form) => post(url, { ...openid, ...form });
  const byAssertion = async (/** @type {{ keyId: string; key: string }} */ key, id = "") => {
    const options = { ...key, id, audience: issuer };
    return byForm({
      client_assertion_type: CLIENT_ASSERTION,
      client_assertion: await makeAssertion(options),
    });
  };
  const { applicationKeyFile } = provider;

  return {
    "cc basic, openid": () => ask("openid"),
    "cc post, openid profile": () => byForm({ ...secret, scope: "openid profile" }),
    "cc no openid: profile only": () => ask("profile"),
    "cc scope missing": () => post(url, grant, basic),
    "cc scope empty": () => ask(""),
    "cc scope unknown 'foo:bar'": () => ask("openid foo:bar"),
    "cc scope 'openid  profile' (two spaces)": () => ask("openid  profile"),
    "cc scope openid offline_access": () => ask("openid offline_access"),
    "cc scope aud of unknown project": () =>
      ask("openid urn:zitadel:iam:org:project:id:999999999999999999:aud"),
    "cc scope org:id own": () => ask("openid urn:zitadel:iam:org:id:317905284016309003"),
    "cc scope org:id foreign": () => ask("openid urn:zitadel:iam:org:id:999999999999999999"),
    "cc scope org:domain:primary foreign": () =>
      ask("openid urn:zitadel:iam:org:domain:primary:other.localhost"),
    "cc wrong secret (basic)": () => post(url, openid, basicAuth(clientId, "wrong")),
    "cc wrong secret (post)": () => byForm({ ...secret, client_secret: "wrong" }),
    "cc empty secret (post)": () => byForm({ ...secret, client_secret: "" }),
    "cc unknown client": () => post(url, openid, basicAuth("nobody", "wrong")),
    "cc client id = user number": () => byForm({ ...secret, client_id: userKeyFile.userId }),
    "cc client id = name@org.domain": () => byForm({ ...secret, client_id: `${clientId}@a.b` }),
    "cc client id upper case": () => byForm({ ...secret, client_id: clientId.toUpperCase() }),
    "cc API app as client": () =>
      post(url, openid, basicAuth(apiClient.clientId, apiClient.clientSecret)),
    "cc no client at all": () => byForm({}),
    "cc basic + secret in form (same)": () => post(url, { ...openid, ...secret }, basic),
    "cc basic + wrong secret in form": () =>
      post(url, { ...openid, ...secret, client_secret: "wrong" }, basic),
    "cc basic + client_id only": () => post(url, { ...openid, client_id: clientId }, basic),
    "cc basic, stray %": () =>
      post(
        url,
        openid,
        basicAuth(clientId, "50%", (text) => text),
      ),
    "cc basic, not base64": () => post(url, openid, { authorization: "Basic %%%" }),
    "cc grant duplicated": () =>
      fetch(url, {
        method: "POST",
        headers: basic,
        body: new URLSearchParams([...Object.entries(openid), ...Object.entries(grant)]),
      }),
    "cc params in query": () =>
      fetch(`${url}?${new URLSearchParams(openid)}`, {
        method: "POST",
        headers: { ...basic, "content-type": "application/x-www-form-urlencoded" },
      }),
    "cc resource param": () => post(url, { ...openid, resource: "https://api.example" }, basic),
    "cc audience param": () => post(url, { ...openid, audience: "https://api.example" }, basic),
    "unsupported grant (password)": () => post(url, { ...openid, grant_type: "password" }, basic),
    "grant missing": () => post(url, { scope: "openid" }, basic),
    "json body": () =>
      fetch(url, {
        method: "POST",
        headers: { ...basic, "content-type": "application/json" },
        body: JSON.stringify(openid),
      }),
    "no content-type": () =>
      fetch(url, {
        method: "POST",
        headers: basic,
        body: new TextEncoder().encode(String(new URLSearchParams(openid))),
      }),
    "GET token endpoint": () => fetch(`${url}?${new URLSearchParams(openid)}`, { headers: basic }),
    "authorization_code w/ service user": () =>
      post(url, { ...openid, grant_type: "authorization_code", code: "a" }, basic),
    "refresh_token w/ service user": () =>
      post(url, { ...openid, grant_type: "refresh_token", refresh_token: "a" }, basic),
    "DPoP header sent": () => post(url, openid, { ...basic, dpop: "a.b.c" }),
    "private_key_jwt of service user (client_assertion) + cc": () =>
      byAssertion(userKeyFile, userKeyFile.userId),
    "private_key_jwt of API app + cc": () =>
      byAssertion(applicationKeyFile, applicationKeyFile.clientId),
  };
}

/** @param {Provider} provider @returns {Requests} */
export function jwtProfileRequests(provider) {
  const { tokenEndpoint: url, issuer, userKeyFile, applicationKeyFile, clientKeys } = provider;
  const { key, keyId, userId } = userKeyFile;
  const now = Math.floor(Date.now() / 1000);
  const usual = { key, keyId, id: userId, audience: issuer };
  const pemOf = (/** @type {string} */ wanted) =>
    clientKeys.find(({ algorithm }) => algorithm === wanted)?.pem ?? "";
  const stranger = makePem("rsa", { modulusLength: 2048 });

  /** @type {(assertion: string, form?: Record<string, string>) => Promise<Response>} */
  const send = (assertion, form) =>
    post(url, { grant_type: JWT_BEARER, scope: "openid", assertion, ...form });
  /** @type {(change?: object, form?: Record<string, string>) => () => Promise<Response>} */
  const by = (change, form) => async () => send(await makeAssertion({ ...usual, ...change }), form);
  const audience = (/** @type {unknown} */ aud) => by({ claims: { aud } });
  const claims = (/** @type {object} */ claims) => by({ claims });
  const once = makeAssertion(usual);
  const encode = (/** @type {object} */ part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url");
  const unsigned = { iss: userId, sub: userId, aud: issuer, iat: now, exp: now + 60, jti: "1" };

  return {
    "jb success": by(),
    "jb aud = token endpoint": audience(url),
    "jb aud = [issuer, token endpoint]": audience([issuer, url]),
    "jb aud = issuer + /": audience(`${issuer}/`),
    "jb aud wrong": audience("https://other.example"),
    "jb aud missing": audience(undefined),
    "jb typ client-authentication+jwt": by({ header: { typ: "client-authentication+jwt" } }),
    "jb typ JWT": by({ header: { typ: "JWT" } }),
    "jb typ authorization-grant+jwt": by({ header: { typ: "authorization-grant+jwt" } }),
    "jb expired 10 s ago": claims({ exp: now - 10 }),
    "jb exp == now": claims({ exp: now }),
    "jb no exp": claims({ exp: undefined }),
    "jb no iat": claims({ iat: undefined }),
    "jb iat 59 min old": claims({ iat: now - 59 * 60 }),
    "jb iat 61 min old": claims({ iat: now - 61 * 60 }),
    "jb iat +1 s future": claims({ iat: now + 1 }),
    "jb iat +3 s future": claims({ iat: now + 600 }),
    "jb exp in 10 years": claims({ exp: now + 10 * 365 * 86_400 }),
    "jb unknown kid": by({ keyId: "999999999999999999" }),
    "jb no kid": by({ header: { kid: undefined } }),
    "jb wrong key": by({ key: stranger }),
    "jb RS384": by({ algorithm: "RS384" }),
    "jb RS512": by({ algorithm: "RS512" }),
    "jb PS256": by({ algorithm: "PS256" }),
    "jb PS512": by({ algorithm: "PS512" }),
    "jb ES256 with kid of RSA key": by({ algorithm: "ES256", key: pemOf("ES256") }),
    "jb EdDSA with kid of RSA key": by({ algorithm: "EdDSA", key: pemOf("EdDSA") }),
    "jb alg none": () => send(`${encode({ alg: "none", kid: keyId })}.${encode(unsigned)}.`),
    "jb sub missing": claims({ sub: undefined }),
    "jb sub != iss": claims({ sub: "1" }),
    "jb iss of another user": by({ id: "999999999999999999" }),
    "jb same assertion twice (1)": async () => send(await once),
    "jb app key as assertion": by({ ...applicationKeyFile, id: applicationKeyFile.clientId }),
    "jb garbage": () => send("garbage"),
    "jb a.b.c": () => send("a.b.c"),
    "jb assertion missing": () => post(url, { grant_type: JWT_BEARER, scope: "openid" }),
    "jb scope missing": async () =>
      post(url, { grant_type: JWT_BEARER, assertion: await makeAssertion(usual) }),
    "jb + client_id param": by({}, { client_id: userId }),
    "jb resource": by({}, { resource: "https://api.example" }),
  };
}

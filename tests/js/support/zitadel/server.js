// @ts-check
// A server that plays ZITADEL for the tests: discovery, the token endpoint (rules.js),
// keys, introspection, revocation, an API behind its tokens, and whatever else is scripted.
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { close, listen } from "../http/listen.js";
import { answerPreflight, corsHeaders } from "./cors.js";
import { answerIntrospection } from "./introspection.js";
import { answerRevocation } from "./revocation.js";
import { answerTokenRequest } from "./rules.js";
import { answerKeys, issueToken, USER_ID } from "./tokens.js";

export { answers } from "./rules.js";

/** @typedef {import("./rules.js").Answer} Answer */
/** @typedef {import("./rules.js").Recorded} Recorded */
/** @typedef {import("./rules.js").State} State */
/**
 * @typedef {object} Scripted one answer to come, good or hostile
 * @property {string} [path] to which requests; the token endpoint's by default
 * @property {number} [status] without one, `reset` and `hang` send nothing at all; else 200 by
 *   default
 * @property {Record<string, string | string[]>} [headers]
 * @property {unknown} [body] a string or a Buffer as it is, anything else as JSON
 * @property {number} [delay] milliseconds before anything happens
 * @property {Promise<unknown>} [until] what has to happen before anything does
 * @property {boolean} [reset] reset the connection instead of ending the answer
 * @property {boolean} [hang] never end the answer
 */

const TOKEN_PATH = "/oauth/v2/token";
const REVOCATION_PATH = "/oauth/v2/revoke";
const INTROSPECTION_PATH = "/oauth/v2/introspect";
const KEYS_PATH = "/oauth/v2/keys";
const PROJECT = "317905284016571148";
const API_SCOPE = "urn:zitadel:iam:org:project:id:zitadel:aud";
const UNKNOWN_INSTANCE = "/unknown-instance";

/** @param {Partial<Omit<State, "issuer" | "issued">>} [options] */
export async function startZitadel(options) {
  const server = createServer();
  const { origin: issuer } = await listen(server);

  /** @type {State} */
  const state = {
    clientId: "edge worker+1@acme.localhost",
    clientSecret: "s%cret+with: symbols&=",
    keys: [],
    application: { clientId: "317905284016440075", clientSecret: "another s%cret+", keys: [] },
    projectId: PROJECT,
    grants: { [PROJECT]: { reader: { "317905284015718923": "acme.localhost" } } },
    signingKeys: [],
    active: true,
    secretPending: 0,
    expiresIn: 43_199,
    tokenShape: "opaque",
    ...options,
    issuer,
    issued: [],
  };
  /** @type {Recorded[]} */
  const requests = [];
  /** @type {Scripted[]} */
  const scripted = [];

  server.on("request", async (request, response) => {
    const recorded = await record(request);
    if (!recorded) return;
    requests.push(recorded);
    const preflight = answerPreflight(recorded);
    if (preflight) return play(preflight, response);
    const next = scripted.findIndex(({ path = TOKEN_PATH }) => path === recorded.path);
    const { headers, ...rest } = next < 0 ? answer(state, recorded) : scripted.splice(next, 1)[0];
    await play({ ...rest, headers: { ...corsHeaders(recorded), ...headers } }, response);
  });

  return {
    issuer,
    tokenEndpoint: issuer + TOKEN_PATH,
    revocationEndpoint: issuer + REVOCATION_PATH,
    introspectionEndpoint: issuer + INTROSPECTION_PATH,
    jwksUri: issuer + KEYS_PATH,
    apiUrl: `${issuer}/auth/v1/users/me`,
    /**
     * An issuer of which this server says that it has no such instance, as it does to an unknown
     * Host.
     */
    unknownIssuer: issuer + UNKNOWN_INSTANCE,
    /** The service user, and what has been issued; changes count from the next request on. */
    state,
    /**
     * A personal access token of the service user's, which no token endpoint gives.
     *
     * @param {string[]} scopes
     */
    personalAccessToken: (scopes) =>
      issueToken(state, { scopes, clientId: USER_ID, shape: "pat", isPersonal: true }).token,
    /** Everything that arrived. */
    requests,
    /**
     * Gives these answers to the next requests, in this order, whatever they say.
     *
     * @param {Scripted[]} next
     */
    script(...next) {
      scripted.push(...next);
    },
    stop: () => close(server),
  };
}

/** @type {(state: State, request: Recorded) => Answer} */
function answer(state, request) {
  const { method, path, headers } = request;
  if (headers.host !== new URL(state.issuer).host || path.startsWith(UNKNOWN_INSTANCE))
    return instanceNotFound(headers.host);
  if (path === TOKEN_PATH) return answerTokenRequest(state, request);
  if (path === REVOCATION_PATH) return answerRevocation(state, request);
  if (path === INTROSPECTION_PATH) return answerIntrospection(state, request);
  if (method === "GET" && path === KEYS_PATH) return answerKeys(state);
  if (method === "GET" && path === "/.well-known/openid-configuration")
    return { status: 200, body: metadata(state.issuer) };
  if (method === "GET" && path === "/auth/v1/users/me")
    return usersMe(state, headers.authorization);
  return { status: 404, body: { code: 5, message: "Not Found" } };
}

/** @type {(host: string | undefined) => Answer} */
function instanceNotFound(host) {
  const text =
    `unable to set instance using origin &{${host} http} (ExternalDomain is 127.0.0.1): ` +
    "ID=QUERY-n0wng Message=Instance not found. Make sure you got the domain right.\n";
  return { status: 404, headers: { "content-type": "text/plain; charset=utf-8" }, body: text };
}

/** @type {(state: State, authorization: string | undefined) => Answer} */
function usersMe({ issued, clientId }, authorization) {
  const found = issued.find(({ token }) => authorization === `Bearer ${token}`);
  if (!found) return { status: 401, body: { code: 16, message: "Errors.Token.Invalid" } };
  if (!found.scopes.includes(API_SCOPE))
    return { status: 401, body: { code: 16, message: "invalid audience" } };
  const user = {
    id: USER_ID,
    userName: clientId,
    state: "USER_STATE_ACTIVE",
    machine: { name: "Edge Worker" },
  };
  return { status: 200, body: { user } };
}

/** @param {string} issuer */
function metadata(issuer) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/v2/authorize`,
    token_endpoint: `${issuer}/oauth/v2/token`,
    introspection_endpoint: issuer + INTROSPECTION_PATH,
    userinfo_endpoint: `${issuer}/oidc/v1/userinfo`,
    revocation_endpoint: issuer + REVOCATION_PATH,
    end_session_endpoint: `${issuer}/oidc/v1/end_session`,
    device_authorization_endpoint: `${issuer}/oauth/v2/device_authorization`,
    jwks_uri: issuer + KEYS_PATH,
    scopes_supported: ["openid", "profile", "email", "phone", "address", "offline_access"],
    response_types_supported: ["code", "id_token", "id_token token"],
    grant_types_supported: [
      "authorization_code",
      "implicit",
      "refresh_token",
      "client_credentials",
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
      "urn:ietf:params:oauth:grant-type:device_code",
    ],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [
      "EdDSA",
      "RS256",
      "RS384",
      "RS512",
      "ES256",
      "ES384",
      "ES512",
    ],
    token_endpoint_auth_methods_supported: [
      "none",
      "client_secret_basic",
      "client_secret_post",
      "private_key_jwt",
    ],
    introspection_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt"],
    code_challenge_methods_supported: ["S256"],
  };
}

/** @type {(request: import("node:http").IncomingMessage) => Promise<Recorded | undefined>} */
async function record(request) {
  const chunks = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined; // The client went away: there is nobody to answer.
  }
  const { method = "", url: path = "", headers } = request;
  return { method, path, headers, body: Buffer.concat(chunks).toString("utf8") };
}

/** @type {(answer: Scripted, response: import("node:http").ServerResponse) => Promise<void>} */
async function play(
  { status, headers, body = "", delay = 0, until, reset = false, hang = false },
  response,
) {
  if (delay) await wait(delay);
  await until;
  const raw = typeof body === "string" || Buffer.isBuffer(body);
  const content = raw ? body : JSON.stringify(body);
  if (status || !(reset || hang)) {
    response.writeHead(status ?? 200, {
      ...(raw ? {} : { "content-type": "application/json" }),
      ...headers,
    });
    if (!(reset || hang)) {
      response.end(content);
      return;
    }
    response.flushHeaders();
    if (content.length) await new Promise((written) => response.write(content, written));
  }
  if (reset) response.socket?.resetAndDestroy();
}

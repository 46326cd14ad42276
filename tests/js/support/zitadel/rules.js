// @ts-check
// What ZITADEL's token endpoint answers to which request, as a function of both. Strict where the
// original is strict: a client that passes here encodes and authenticates as ZITADEL wants it.
import { isGood, readAssertion } from "./assertions.js";
import { oauthError, readCredentials, readForm } from "./form.js";
import { idToken, issueToken, USER_ID } from "./tokens.js";

/**
 * @typedef {{
 *   method: string;
 *   path: string;
 *   headers: import("node:http").IncomingHttpHeaders;
 *   body: string;
 * }} Recorded
 */
/** @typedef {{ status: number; headers?: Record<string, string>; body?: unknown }} Answer */
/** @typedef {{ keyId: string; publicKey: import("node:crypto").KeyObject }} Key */
/**
 * @typedef {object} State may be changed between requests
 * @property {string} issuer
 * @property {string} clientId the login name of the one service user
 * @property {string} clientSecret
 * @property {(Key & { userId: string })[]} keys of service users, for the JWT profile
 * @property {{ clientId: string; clientSecret: string; keys: Key[] }} application who may revoke
 *   and introspect; of type API
 * @property {string} projectId the application's
 * @property {import("./tokens.js").Grants} grants the roles of the service user
 * @property {import("./tokens.js").SigningKey[]} signingKeys the first one signs; one is made when
 *   the first is needed
 * @property {boolean} active false: deactivated or locked
 * @property {number} secretPending how many more requests find that there is no secret yet
 * @property {number} expiresIn in seconds
 * @property {import("./tokens.js").TokenShape} tokenShape
 * @property {import("./tokens.js").Issued[]} issued
 */

/** Answers that no request of its own brings about, for `script`. */
export const answers = {
  serverFault: {
    status: 500,
    body: { error: "server_error", error_description: "Errors.Internal" },
  },
  /** @param {number | string} retryAfter seconds, or a date */
  rateLimited: (retryAfter) => ({
    status: 429,
    headers: { "retry-after": String(retryAfter) },
    body: "",
  }),
};

const NOT_ACTIVE = oauthError("invalid_request", "Errors.User.NotActive");

/** @type {(state: State, request: Recorded) => Answer} */
export function answerTokenRequest(state, request) {
  if (request.method !== "POST") return { status: 405, headers: { allow: "POST" } };
  const form = readForm(request);
  if (!form) return oauthError("invalid_request", "error parsing form");
  const grant = form.get("grant_type");
  if (!grant) return oauthError("invalid_request", "grant_type missing");
  const issued = (/** @type {string} */ clientId) => issue(state, form.get("scope"), clientId);
  // It names no client, and authenticates none: who asks is in the assertion.
  if (grant === "urn:ietf:params:oauth:grant-type:jwt-bearer")
    return refuseAssertion(state, form.get("assertion")) ?? issued(USER_ID);
  if (grant !== "client_credentials")
    return oauthError("unsupported_grant_type", `${grant} not supported`);
  const read = readCredentials(request.headers.authorization, form);
  if ("refusal" in read) return read.refusal;
  return refuseClient(state, read.credentials) ?? issued(state.clientId);
}

/** @type {(state: State, credentials: import("./form.js").Credentials) => Answer | undefined} */
function refuseClient(state, { clientId, clientSecret }) {
  if (clientId.toLowerCase() !== state.clientId.toLowerCase())
    return oauthError("invalid_client", "client not found");
  if (!state.active) return NOT_ACTIVE;
  if (state.secretPending > 0) {
    state.secretPending -= 1;
    return oauthError("invalid_request", "Errors.User.Machine.Secret.NotExisting");
  }
  if (clientSecret !== state.clientSecret)
    return oauthError("invalid_request", "Errors.User.Machine.Secret.Invalid");
}

/** @type {(state: State, text: string | undefined) => Answer | undefined} */
function refuseAssertion({ issuer, keys, active }, text) {
  if (!text) return oauthError("invalid_request", "assertion missing");
  const read = readAssertion(text);
  const key = keys.find(
    ({ keyId, userId }) => keyId === read?.header.kid && userId === read?.claims.iss,
  );
  // Whatever is wrong with it, ZITADEL says no more than this (zitadel/zitadel#11892).
  if (!read || !key || !isGood(read, { issuer, ...key })) return answers.serverFault;
  if (!active) return NOT_ACTIVE;
}

/** @type {(state: State, scope: string | undefined, clientId: string) => Answer} */
function issue(state, scope, clientId) {
  if (!scope) {
    return oauthError(
      "invalid_request",
      "The scope of your request is missing. Please ensure some scopes are requested. If you " +
        "have any questions, you may contact the administrator of the application.",
    );
  }
  const scopes = scope
    .split(" ")
    .filter((name) =>
      /^(openid|profile|email|phone|address|offline_access)$|^urn:zitadel:iam:/.test(name),
    );
  const { token } = issueToken(state, { scopes, clientId, shape: state.tokenShape });
  return {
    status: 200,
    headers: { "cache-control": "no-store", pragma: "no-cache" },
    body: {
      access_token: token,
      token_type: "Bearer",
      expires_in: state.expiresIn,
      ...(scopes.includes("openid") && { id_token: idToken(state) }),
    },
  };
}

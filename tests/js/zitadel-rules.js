// @ts-check
// What ZITADEL's token endpoint answers to which request, as a function of both. Strict where the original is strict: a
// client that passes here encodes and authenticates as ZITADEL wants it.
import { randomBytes } from "node:crypto";

/** @typedef {{ method: string, path: string, headers: import("node:http").IncomingHttpHeaders, body: string }} Recorded */
/** @typedef {{ status: number, headers?: Record<string, string>, body?: unknown }} Answer */
/** @typedef {"opaque" | "pat" | "jwe"} TokenShape the three shapes of tokens that are no JWT */
/**
 * @typedef {object} State may be changed between requests
 * @property {string} issuer
 * @property {string} clientId the login name of the one service user
 * @property {string} clientSecret
 * @property {boolean} active false: deactivated or locked
 * @property {number} secretPending how many more requests find that there is no secret yet
 * @property {number} expiresIn in seconds
 * @property {TokenShape} tokenShape
 * @property {{ token: string, scopes: string[] }[]} issued
 */

/** Answers that no request of its own brings about, for `script`. */
export const answers = {
  serverFault: { status: 500, body: { error: "server_error", error_description: "Errors.Internal" } },
  /** @param {number | string} retryAfter seconds, or a date */
  rateLimited: (retryAfter) => ({ status: 429, headers: { "retry-after": String(retryAfter) }, body: "" }),
};

/** @type {(state: State, request: Recorded) => Answer} */
export function answerTokenRequest(state, { method, headers, body }) {
  if (method !== "POST") return { status: 405, headers: { allow: "POST" } };
  const form = readForm(headers["content-type"], body);
  if (!form) return failure("invalid_request", "error parsing form");
  const grant = form.get("grant_type");
  if (!grant) return failure("invalid_request", "grant_type missing");
  // The service user has no key, so whatever comes is a bad assertion, and this is what ZITADEL says to those.
  if (grant === "urn:ietf:params:oauth:grant-type:jwt-bearer") return answers.serverFault;
  if (grant !== "client_credentials") return failure("unsupported_grant_type", `${grant} not supported`);
  return authenticate(state, headers.authorization, form) ?? issue(state, form.get("scope"));
}

/**
 * Go's `ParseForm`: another content type has no form, which is no error yet.
 * @type {(contentType: string | undefined, body: string) => Map<string, string> | undefined}
 */
function readForm(contentType, body) {
  const form = new Map();
  if (contentType?.split(";")[0].trim().toLowerCase() !== "application/x-www-form-urlencoded") return form;
  for (const pair of body.split("&").filter(Boolean)) {
    const [name, ...value] = pair.split("=");
    const [key, text] = [queryUnescape(name), queryUnescape(value.join("="))];
    if (pair.includes(";") || key === undefined || text === undefined) return undefined;
    if (!form.has(key)) form.set(key, text);
  }
  return form;
}

/** @type {(state: State, authorization: string | undefined, form: Map<string, string>) => Answer | undefined} */
function authenticate(state, authorization, form) {
  const basic = readBasic(authorization);
  if (basic && form.has("client_secret")) {
    return failure("invalid_request", "client authentication must not use more than one method");
  }
  const [clientId, clientSecret] = basic ? basic.map(queryUnescape) : [form.get("client_id") ?? "", form.get("client_secret") ?? ""];
  if (clientId === undefined || clientSecret === undefined) return failure("invalid_client", "invalid basic auth header");
  if (!clientId) return failure("invalid_request", "client_id or client_assertion must be provided");
  if (clientId.toLowerCase() !== state.clientId.toLowerCase()) return failure("invalid_client", "client not found");
  if (!state.active) return failure("invalid_request", "Errors.User.NotActive");
  if (state.secretPending > 0) {
    state.secretPending -= 1;
    return failure("invalid_request", "Errors.User.Machine.Secret.NotExisting");
  }
  if (clientSecret !== state.clientSecret) return failure("invalid_request", "Errors.User.Machine.Secret.Invalid");
}

/**
 * Go's `BasicAuth`: whatever is not a well-formed header counts as none.
 * @param {string | undefined} authorization
 */
function readBasic(authorization) {
  const encoded = /^Basic ((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/i.exec(authorization ?? "")?.[1];
  const [id, ...secret] = Buffer.from(encoded ?? "", "base64").toString("utf8").split(":");
  return secret.length ? [id, secret.join(":")] : undefined;
}

/**
 * Go's `url.QueryUnescape`: a plus is a space, and a percent sign without two hexadecimal digits is an error.
 * @param {string} text
 */
function queryUnescape(text) {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined;
  const bytes = text.replaceAll("+", " ").split(/(%..)/).map((part) => (part.startsWith("%") ? Buffer.from(part.slice(1), "hex") : Buffer.from(part)));
  return Buffer.concat(bytes).toString("utf8");
}

/** @type {(state: State, scope: string | undefined) => Answer} */
function issue(state, scope) {
  if (!scope) {
    return failure("invalid_request", "The scope of your request is missing. Please ensure some scopes are requested. If you have any questions, you may contact the administrator of the application.");
  }
  const scopes = scope.split(" ").filter((name) => /^(openid|profile|email|phone|address|offline_access)$|^urn:zitadel:iam:/.test(name));
  const token = newToken(state.tokenShape);
  state.issued.push({ token, scopes });
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

/** @param {TokenShape} shape */
function newToken(shape) {
  if (shape === "opaque") return random(104);
  if (shape === "pat") return random(71);
  return [encode({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: "317905284016505611" }), random(342), random(16), random(150), random(22)].join(".");
}

/**
 * It expires when it is issued, as some of ZITADEL's do (zitadel/zitadel#11060), and no key fits the signature: a client has
 * no business with it.
 * @param {State} state
 */
function idToken({ issuer, clientId }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: "317905284016374539", aud: [clientId], exp: now, iat: now };
  return [encode({ alg: "RS256", kid: "317905284016505611", typ: "JWT" }), encode(claims), random(342)].join(".");
}

/** @param {object} value */
function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** @param {number} length */
function random(length) {
  return randomBytes(length).toString("base64url").slice(0, length);
}

/** @type {(error: string, description: string) => Answer} */
function failure(error, description) {
  return { status: 400, body: { error, error_description: description } };
}

// @ts-check
// The walk through the flow, step by step: first by hand with the package's functions, then in the
// Worker.
import {
  AuthError,
  buildMetadataRequest,
  buildTokenRequest,
  isExpired,
  parseMetadataResponse,
  parseTokenResponse,
  timeLeft,
  tokenSource,
  zitadel,
} from "edge-credentials";
import { duration, field, heading, localTime, maskForm, maskHeaders } from "./print.js";
import { Stop } from "../run.js";

/**
 * @typedef {object} Setting
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {string | string[]} scope
 * @property {string} apiUrl
 * @property {string} workerUrl
 * @property {string} [audience] that of the Worker as an API
 * @property {string} [projectId] of ZITADEL, in which the Worker wants the caller's role
 * @property {string | string[]} apiScope what makes a token one for the Worker
 * @property {string} [jwtClientId] a service user with the same secret, whose tokens are JWTs
 */
/** @typedef {{ status: number; headers: Headers; body: string }} Answer */
/** @typedef {import("edge-credentials").RequestData} RequestData */
/** @typedef {import("edge-credentials").Token} Token */
/** @typedef {"passed" | "failed" | "skipped"} Outcome */

/**
 * Prints every step as it goes. A step that fails says why, and those that need it are skipped.
 *
 * @param {Setting} setting
 * @returns {Promise<{ passed: boolean; tokenEndpoint: string | undefined }>} `passed`: every step
 *   did
 */
export async function walk(setting) {
  /** @type {Outcome[]} */
  const outcomes = [];
  const tokenEndpoint = await step(outcomes, "1  Discovery", setting, discover);
  const request = await step(outcomes, "2  Token request", tokenEndpoint, (tokenEndpoint) =>
    prepare(setting, tokenEndpoint),
  );
  const token = await step(outcomes, "3  Answer", request, exchange);
  await step(outcomes, "4  Expiry", token, judge);
  await step(outcomes, "5  The same in the Worker", setting, callWorker);
  if (setting.audience) await step(outcomes, "6  The Worker as an API", setting, callProtected);
  return { passed: conclude(outcomes), tokenEndpoint };
}

/**
 * @template Given, Got
 * @param {Outcome[]} outcomes gets this step's
 * @param {string} title
 * @param {Given | undefined} given what the step needs; undefined where an earlier one failed
 * @param {(given: Given) => Got | Promise<Got>} work
 * @returns {Promise<Got | undefined>}
 */
async function step(outcomes, title, given, work) {
  heading(title);
  if (given === undefined) {
    field("skipped", "an earlier step failed");
    outcomes.push("skipped");
    return;
  }

  try {
    const got = await work(given);
    outcomes.push("passed");
    return got;
  } catch (error) {
    if (!(error instanceof AuthError || error instanceof Stop)) throw error;
    field("failed", error.message, "bad");
    if (error instanceof AuthError) explain(error);
    outcomes.push("failed");
  }
}

/** @param {Outcome[]} outcomes */
function conclude(outcomes) {
  const failed = outcomes.filter((outcome) => outcome === "failed").length;
  const skipped = outcomes.filter((outcome) => outcome === "skipped").length;
  if (failed === 0) return true;

  const more = skipped ? `, ${skipped} skipped` : "";
  heading(`${failed} of ${outcomes.length} steps failed${more}`, "bad");
  return false;
}

/** @param {AuthError} error */
function explain({ code, category, error, errorDescription, hint }) {
  if (error) field("the server says", [error, errorDescription].filter(Boolean).join(": "));
  field("code", `${code} (${category})`);
  field("what to do", hint);
}

/** @param {Setting} setting */
async function discover({ issuer }) {
  const { tokenEndpoint, tokenEndpointAuthMethodsSupported } = await findMetadata(issuer);
  if (!tokenEndpoint) throw new Stop("the issuer's metadata names no token endpoint");
  field("token endpoint", tokenEndpoint);
  field(
    "authentication",
    tokenEndpointAuthMethodsSupported?.join(", ") ?? "not said, which means client_secret_basic",
  );
  return tokenEndpoint;
}

/**
 * OpenID Connect's path first, which ZITADEL has, then RFC 8414's.
 *
 * @param {string} issuer
 */
async function findMetadata(issuer) {
  try {
    return await askMetadata({ issuer });
  } catch (error) {
    if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
    return askMetadata({ issuer, wellKnown: "oauth-authorization-server" });
  }
}

/** @param {import("edge-credentials").MetadataRequestOptions} options */
async function askMetadata(options) {
  const request = buildMetadataRequest(options);
  field(request.method, request.url);
  return parseMetadataResponse(await send(request), { issuer: options.issuer });
}

/** @type {(setting: Setting, tokenEndpoint: string) => RequestData} */
function prepare({ clientId, clientSecret, scope }, tokenEndpoint) {
  const request = buildTokenRequest({ tokenEndpoint, clientId, clientSecret, scope });
  field(request.method, request.url);
  for (const [name, value] of maskHeaders(request.headers)) field(name, value);
  field("body", maskForm(request.body ?? ""));
  return request;
}

/** @param {RequestData} request */
async function exchange(request) {
  const requestedAt = Date.now();
  const token = parseTokenResponse(await send(request), { requestedAt, request });
  field("token", `${kind(token.accessToken)}, ${token.accessToken.length} characters`);
  field("type", token.tokenType);
  field("scope", token.scope ?? "not said by the server");
  return token;
}

/** @param {string} accessToken */
function kind(accessToken) {
  return { 3: "JWT", 5: "encrypted JWT, opaque to us" }[accessToken.split(".").length] ?? "opaque";
}

/** @param {Token} token */
function judge(token) {
  const end =
    token.expiresAt === null
      ? "when is not said by the server"
      : `${localTime(token.expiresAt)}, in ${duration(timeLeft(token))}`;
  field("expires", end);
  if (isExpired(token))
    throw new Stop(
      "the token is too old to be used when it arrives: " +
        "see the lifetime of access tokens on the server",
    );
  field("fresh", "yes", "good");
}

/** @param {Setting} setting */
async function callWorker({ workerUrl, apiUrl }) {
  field("GET", workerUrl);
  const first = readWorker(await send({ url: workerUrl }));
  field("it calls", apiUrl);
  field("the API answers", first.api.status, first.api.status === 200 ? "good" : "bad");
  field("", shorten(inOneLine(first.api.body)));
  if (first.api.status !== 200)
    throw new Stop(
      "the API should have answered 200: check API_URL, SCOPE and the rights of the service user",
    );

  const again = readWorker(await send({ url: workerUrl }, "asked again"));
  const isSame = again.token.obtainedAt === first.token.obtainedAt;
  field("its token", isSame ? "the one it had" : "a new one");
}

/** @param {Setting} setting */
async function callProtected(setting) {
  const { issuer, clientId, clientSecret, apiScope: scope, jwtClientId, workerUrl } = setting;
  const url = `${workerUrl}protected`;
  const client = { issuer, clientId, clientSecret, scope };

  field("GET", url);
  const refused = await send({ url }, "no token");
  field("it asks for", refused.headers.get("www-authenticate") ?? "nothing");
  if (refused.status !== 401) throw new Stop("the Worker should have answered 401");
  const hint = scopeHint(setting);
  if (jwtClientId)
    await present(url, await tokenSource({ ...client, clientId: jwtClientId }).get(), hint);
  await present(url, await tokenSource(client).get(), hint);
}

/**
 * What the scope lacks for the Worker as an API.
 *
 * @param {Setting} setting
 */
function scopeHint({ apiScope: scope, audience = "", projectId }) {
  const asked = [scope].flat().join(" ").split(/\s+/);
  // With ZITADEL the audience is the id of a project, or of an application in it.
  const project = projectId ?? (/^\d+$/.test(audience) ? audience : undefined);
  if (project === undefined) return `; SCOPE has to name what puts ${audience} into tokens`;

  const wanted = [zitadel.scopes.audience(project), zitadel.scopes.roles()];
  const missing = wanted.filter((one) => !asked.includes(one));
  if (missing.length === 0) return "";
  return `; SCOPE lacks ${missing.join(" and ")}: set it to "${[...asked, ...missing].join(" ")}"`;
}

/** @type {(url: string, token: Token, hint: string) => Promise<void>} */
async function present(url, { accessToken }, hint) {
  const { status, body, headers } = await send(
    { url, headers: { authorization: `Bearer ${accessToken}` } },
    accessToken.split(".").length === 3 ? "with a JWT" : "an opaque one",
  );
  if (status === 200) return field("", inOneLine(JSON.parse(body)));

  const why =
    headers.get("www-authenticate") ??
    "check AUDIENCE, PROJECT_ID, SCOPE, API_CLIENT_ID and API_CLIENT_SECRET";
  throw new Stop(`the Worker should have taken the token: ${why}${hint}`);
}

/** @param {Answer} answer */
function readWorker({ status, headers, body }) {
  if (!headers.get("content-type")?.startsWith("application/json"))
    throw new Stop(`the Worker answers ${status} without JSON: ${shorten(body)}`);
  const answer = JSON.parse(body);
  if (status !== 200) throw new AuthError({ ...answer, status });
  return answer;
}

/** @param {unknown} body JSON, or text where it was none */
function inOneLine(body) {
  return typeof body === "string" ? body : JSON.stringify(body, null, 1).replace(/\n */g, " ");
}

/** @param {string} text */
function shorten(text) {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** @type {(request: RequestInit & { url: string }, label?: string) => Promise<Answer>} */
async function send({ url, ...init }, label = "answer") {
  const started = performance.now();
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
      ...init,
    });
    const body = await response.text();
    const took = Math.round(performance.now() - started);
    field(label, `${response.status} in ${took} ms`, response.ok ? "good" : "bad");
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    const { name, cause } = /** @type {Error & { cause?: { code?: string } }} */ (error);
    throw new Stop(`no answer from ${new URL(url).origin}: ${cause?.code ?? name}`);
  }
}

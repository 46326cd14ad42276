import { authorizedFetch } from "./authorized-fetch.js";
import { secretOf } from "./client-secret.js";
import { discover } from "./discovery.js";
import { AuthError } from "./errors.js";
import { internal } from "./faults.js";
import { KeepFresh, RETRIES } from "./keep-fresh.js";
import { buildMetadataRequest } from "./metadata.js";
import { checkOptions, invalidOption, isSignal, reading } from "./options.js";
import { allowOrigins } from "./origins.js";
import { remembered } from "./registry.js";
import { authorizationHeader, buildTokenRequest, parseTokenResponse } from "./token.js";
import { causeOf, quietly, send, within } from "./transport.js";
import { spaced } from "./wire.js";

/** How long one attempt may take, discovery included, ms. ZITADEL may need a second (bcrypt), more when it is busy. */
const ATTEMPT = 10_000;
const TIMEOUT = 20_000;
/** The most that a token response can have, bytes. */
const LONGEST = 64 * 1024;
/** How long a token without an end is used, ms. */
const UNKNOWN_LIFETIME = 300_000;

/** @typedef {import("./transport.js").Fetch} Fetch */

/**
 * Who asks for tokens, where, and for what. Give `issuer`, whose metadata then tell the endpoint, or `tokenEndpoint`.
 * @typedef {object} TokenSourceOptions
 * @property {string} [issuer] exactly as the server names itself; ZITADEL's is `https://<instance>`, without a slash at the end
 * @property {string} [tokenEndpoint] with it nothing is discovered
 * @property {string} clientId with ZITADEL the service user's login name
 * @property {string | (() => string | Promise<string>)} clientSecret a function is asked once, and again when the server refuses the
 *   credentials: for secrets that rotate
 * @property {"client_secret_basic" | "client_secret_post"} [clientAuth] by default what the metadata permit, else `client_secret_basic`
 * @property {string | string[]} [scope] a list, or one string separated by spaces
 * @property {string | string[]} [resource] what the token is for, absolute URIs (RFC 8707)
 * @property {Record<string, string>} [params] parameters of the server's own, such as `audience`
 * @property {string[]} [allowedOrigins] where `fetch` may send the token, beside the origins of `issuer` and `tokenEndpoint`; such as
 *   `https://api.example`
 * @property {Fetch} [fetch] instead of the runtime's
 * @property {number} [timeout] ms that one call of `get` may take, by default 20 000
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback.
 *   **Warning**: the secret and the tokens then cross the network in the clear; for closed networks such as Docker's only
 * @property {(event: import("./events.js").SourceEvent) => void} [onEvent] is told what happens; the one given last counts
 */

/**
 * @typedef {object} WaitOptions
 * @property {AbortSignal} [signal] ends this call's wait, not the request that others wait for too
 */

/**
 * Gives out a token that is fresh. Its functions need no `this`. What they throw, or reject with, is an `AuthError` (the README has the
 * codes) or the reason of a signal that was aborted.
 * @typedef {object} TokenSource
 * @property {(options?: WaitOptions) => Promise<import("./token.js").Token>} get the token
 * @property {(options?: WaitOptions) => Promise<string>} authorization the value of the `authorization` header
 * @property {(input: string | URL | Request, init?: RequestInit) => Promise<Response>} fetch the standard `fetch` with the header added, to
 *   allowed origins only; after a 401 it tries once more with another token
 * @property {(token: string | Pick<import("./token.js").Token, "accessToken">) => void} reject tells that a token was refused where it was
 *   used; the next call gets another
 */

/**
 * A source of tokens for a service user: it asks for one when somebody needs one, keeps it, and asks for the next ahead of time.
 * Any number of callers make one request.
 *
 * Equal options give the same source, so that it can be called in every request. It does no I/O, so it can be called at module level.
 * @param {TokenSourceOptions} options
 * @returns {TokenSource}
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function tokenSource(options) {
  const own = checkOptions("tokenSource", options, {
    issuer: "string",
    tokenEndpoint: "string",
    clientId: "string!",
    clientSecret: "secret!",
    clientAuth: "string",
    scope: "strings",
    resource: "strings",
    params: "record",
    allowedOrigins: "strings",
    fetch: "function",
    timeout: "duration",
    insecureHttp: "boolean",
    onEvent: "function",
  });
  const { issuer, tokenEndpoint, clientId, clientSecret, clientAuth, fetch, timeout = TIMEOUT, insecureHttp = false } = own;
  const [secret, ask] = typeof clientSecret === "function" ? [undefined, clientSecret] : [clientSecret];
  const params = Object.entries(own.params ?? {}).sort();
  const origins = [...new Set([own.allowedOrigins ?? []].flat())].sort();
  const asked = [spaced(own.scope), spaced(own.resource), params];
  const data = [issuer, tokenEndpoint, clientId, secret, clientAuth, ...asked, origins, timeout, insecureHttp];
  const source = remembered(data, [ask, fetch], () => makeSource(own, origins));
  if (own.onEvent) listeners.set(source, own.onEvent);
  return source;
}

/** @type {WeakMap<TokenSource, TokenSourceOptions["onEvent"]>} */
const listeners = new WeakMap();

/** @type {(options: TokenSourceOptions, allowedOrigins: string[]) => TokenSource} */
function makeSource(options, allowedOrigins) {
  const { issuer, tokenEndpoint, timeout = TIMEOUT, insecureHttp = false, fetch } = options;
  const origins = allowOrigins([issuer, tokenEndpoint], allowedOrigins, insecureHttp);
  checkNow(options);
  const report = (/** @type {import("./events.js").SourceEvent} */ event) => tell(listeners.get(source), event);
  const secret = secretOf(options.clientSecret);

  const metadata = new KeepFresh("metadata", () => discovered(options), report);
  const tokens = new KeepFresh("token", requestToken, report);

  /** @returns {Promise<import("./keep-fresh.js").Attempt<import("./authorized-fetch.js").Kept>>} */
  async function requestToken() {
    try {
      return await within(ATTEMPT, "getting a token", async (signal) => {
        const where = tokenEndpoint ? { tokenEndpoint } : await metadata.get(ATTEMPT, signal);
        const clientSecret = await secret.get();
        // Nobody waits any more: what was obtained would be lost.
        if (signal.aborted) throw signal.reason;
        const request = buildTokenRequest({ ...requestOptions(options), ...where, clientSecret });
        const { answer, sentAt } = await send("the token endpoint", request, { fetch, signal, longest: LONGEST });
        try {
          const token = parseTokenResponse(answer, { requestedAt: sentAt, request });
          return kept(token);
        } catch (thrown) {
          return await refused(/** @type {AuthError} */ (thrown));
        }
      });
    } catch (thrown) {
      return failure(thrown);
    }
  }

  /** @param {AuthError} error @returns {Promise<import("./keep-fresh.js").Attempt<import("./authorized-fetch.js").Kept>>} */
  async function refused(error) {
    if (error.code === "credentials_refused" && (await secret.hasChanged())) return { error, retry: RETRIES.atOnce };
    // The endpoint may have moved.
    if (!tokenEndpoint && error.code.startsWith("endpoint_")) metadata.renew();
    return failure(error);
  }

  const source = Object.freeze({
    get: (/** @type {WaitOptions | undefined} */ options) =>
      (options === undefined ? tokens.current()?.given : undefined) ?? wait("get", options).then(({ token }) => token),
    authorization: (/** @type {WaitOptions | undefined} */ options) =>
      (options === undefined ? tokens.current()?.givenHeader : undefined) ?? wait("authorization", options).then(({ header }) => header),
    fetch: authorizedFetch({
      origins,
      fetch,
      token: async (signal) => tokens.get(timeout, signal),
      reject: (kept) => tokens.reject((other) => other === kept),
    }),
    reject: (/** @type {string | Pick<import("./token.js").Token, "accessToken">} */ token) => {
      const text = reading(() => (typeof token === "string" ? token : token?.accessToken));
      checkOptions("reject", { accessToken: text }, { accessToken: "string!" });
      tokens.reject((kept) => kept.token.accessToken === text);
    },
  });

  /** @type {(caller: string, options: WaitOptions | undefined) => Promise<import("./authorized-fetch.js").Kept>} */
  async function wait(caller, options = {}) {
    if (reading(() => isSignal(options))) throw invalidOption(`${caller} takes an object with the signal, not the signal itself`, "write `{ signal }`");
    const { signal } = checkOptions(caller, options, { signal: "signal" });
    return tokens.get(timeout, signal);
  }
  return source;
}

/** @type {(listener: TokenSourceOptions["onEvent"], event: import("./events.js").SourceEvent) => void} */
function tell(listener, event) {
  if (!listener) return;
  // What it throws may hold anything, and a listener must not break what it listens to.
  const warn = () => quietly(() => console.warn("edge-credentials: onEvent threw an error"));
  try {
    Promise.resolve(/** @type {unknown} */ (listener(event))).catch(warn);
  } catch {
    warn();
  }
}

/** Tells now what would be wrong later, and asks nobody for that. @param {TokenSourceOptions} options */
function checkNow(options) {
  const { issuer, tokenEndpoint, clientSecret, timeout, insecureHttp = false } = options;
  const address = tokenEndpoint ?? issuer;
  if (address === undefined) throw invalidOption("`issuer` or `tokenEndpoint` is missing", "set one of them");
  if (timeout === 0) throw invalidOption("`timeout` is 0", "it is in milliseconds; leave it out for 20 seconds");
  if (issuer !== undefined) buildMetadataRequest({ issuer, insecureHttp });
  buildTokenRequest({ ...requestOptions(options), tokenEndpoint: address, clientSecret: typeof clientSecret === "string" ? clientSecret : "-" });
}

/** @param {TokenSourceOptions} options */
function requestOptions({ clientId, clientAuth, scope = "", resource = "", params = {}, insecureHttp = false }) {
  return { clientId, scope, resource, params, insecureHttp, ...(clientAuth !== undefined && { clientAuth }) };
}

/** @param {TokenSourceOptions} options @returns {Promise<import("./keep-fresh.js").Attempt<import("./discovery.js").Endpoint>>} */
async function discovered({ issuer = "", clientAuth, insecureHttp = false, fetch }) {
  try {
    return await within(ATTEMPT, "asking the issuer", (signal) => discover({ issuer, clientAuth, insecureHttp }, fetch, signal));
  } catch (thrown) {
    return failure(thrown);
  }
}

/**
 * With promises that are settled, so that a cached call makes none.
 * @param {import("./token.js").Token} token
 */
function kept(token) {
  const { obtainedAt, expiresAt } = token;
  const header = authorizationHeader(token);
  const value = { token: Object.freeze(token), header, given: Promise.resolve(token), givenHeader: Promise.resolve(header) };
  return { value, sentAt: obtainedAt, end: expiresAt ?? obtainedAt + UNKNOWN_LIFETIME, expiresAt };
}

/** @param {unknown} thrown */
function failure(thrown) {
  // What is no AuthError is a bug, and its text may hold anything.
  const error = thrown instanceof AuthError ? thrown : internal("the token source failed", causeOf(thrown));
  return { error, retry: retryOf(error) };
}

/** Whoever says when to come back is believed. @param {AuthError} error */
function retryOf({ code, status, retryAt }) {
  if (retryAt !== undefined) return RETRIES.never;
  if (code === "secret_not_ready") return RETRIES.briefly;
  const isPassing = code === "network_failed" || code === "timed_out" || [502, 503, 504].includes(status ?? 0);
  return isPassing ? RETRIES.soon : RETRIES.never;
}

// Token request and response (RFC 6749), expiry, the authorization header.
import type { RequestData, ResponseData } from "./http.js";
import { buildRequest } from "./address.js";
import { run } from "../core/wasm.js";
import { checkOptions, clientKinds, hasOption, pick } from "../core/check-options.js";
import { joinList, readResponse, readWithRequest } from "./response.js";

/** What the functions that take a token expect, for messages. */
const TOKEN = "a token as parseTokenResponse gives it";

/** The options of `buildTokenRequest`: the endpoint, the credentials and what the token is for. */
export type TokenRequestOptions = TokenOptions &
  (SecretCredentials | ClientAssertionCredentials | AssertionCredentials);

/** The credentials of a client with a secret (RFC 6749 section 2.3.1). */
export interface SecretCredentials {
  /** not encoded; with ZITADEL the service user's login name */
  clientId: string;
  /** not encoded */
  clientSecret: string;
  /** sends the credentials in the `authorization` header (the default) or in the body */
  clientAuth?: "client_secret_basic" | "client_secret_post";
}

/** The credentials of a client with a key: `private_key_jwt` (RFC 7523 section 2.2). */
export interface ClientAssertionCredentials {
  clientId: string;
  /** the result of `completeAssertion`; each request needs a new one */
  clientAssertion: string;
}

/**
 * The credentials of a service user with a key: the grant
 * `urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523 section 2.1), ZITADEL's JWT profile.
 */
export interface AssertionCredentials {
  /** the result of `completeAssertion`; each request needs a new one */
  assertion: string;
}

export interface TokenOptions {
  /** https, or http on loopback; ZITADEL's is `{issuer}/oauth/v2/token` */
  tokenEndpoint: string;
  /** a list, or one string separated by spaces */
  scope?: string | string[];
  /** the APIs that the token is for, as absolute URIs (RFC 8707 section 2) */
  resource?: string | string[];
  /**
   * additional parameters that the server defines, such as `audience`; managed parameters cannot be
   * overridden
   */
  params?: Record<string, string>;
  /**
   * permits http to hosts other than loopback. **Warning**: the secret and the token then cross the
   * network unencrypted; use it only in closed networks such as Docker's
   */
  insecureHttp?: boolean;
}

/** An access token. Do not log it: it prints in full. */
export interface Token {
  accessToken: string;
  tokenType: "Bearer";
  /** the granted scope; `null` if the server does not say (ZITADEL never does) */
  scope: string | null;
  /** when the request was sent, ms since 1970 */
  obtainedAt: number;
  /** ms since 1970; `null` if it is not known */
  expiresAt: number | null;
}

/** The context of a token response. */
export interface TokenResponseContext {
  /** `Date.now()` from just before the request was sent; the lifetime counts from here */
  requestedAt: number;
  /** ms since 1970, by default the clock; `Retry-After` counts from here */
  now?: number;
  /**
   * what `buildTokenRequest` returned. With it, errors contain the server's own words, without the
   * secrets of the request; without it, only words that are known to be harmless
   */
  request?: RequestData;
}

export interface ExpiryOptions {
  /** ms since 1970, by default the clock */
  now?: number;
  /**
   * ms before the end at which a token counts as expired; by default 30 s, or a tenth of the
   * lifetime if that is less
   */
  leeway?: number;
}

/**
 * Builds the request for a token by client credentials (RFC 6749 section 4.4.2) or by an assertion
 * (RFC 7523 section 2.1).
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildTokenRequest(options: TokenRequestOptions): RequestData {
  const caller = "buildTokenRequest";
  const checked = checkOptions(caller, options, {
    tokenEndpoint: "string!",
    ...(hasOption(options, "assertion") ? { assertion: "string!" } : clientKinds(options)),
    scope: "strings",
    resource: "strings",
    params: "record",
    insecureHttp: "boolean",
  });
  return buildRequest("the token endpoint", caller, {
    ...checked,
    scope: joinList(checked.scope),
    resource: joinList(checked.resource),
    params: checked.params && new URLSearchParams(checked.params).toString(),
    insecureHttp: checked.insecureHttp || undefined,
  });
}

/**
 * Reads the response to a token request (RFC 6749 sections 5.1 and 5.2). Without `expires_in`, a
 * JWT expires by its own `exp` claim.
 *
 * @throws {AuthError} of any category: see the README's table
 */
export function parseTokenResponse(response: ResponseData, context: TokenResponseContext): Token {
  const caller = "parseTokenResponse";
  const { body, ...head } = readResponse(caller, response);
  const { requestedAt, now, request } = checkOptions(caller, context, {
    requestedAt: "time!",
    now: "time",
    request: "request",
  });
  const token = readWithRequest(request, (sent) =>
    run(caller, { ...head, ...sent, requestedAt, now }, body),
  );
  return JSON.parse(token);
}

/**
 * Whether a token has expired or expires within the leeway. A token without a known end never
 * expires.
 *
 * @throws {AuthError} `option_invalid`
 */
export function isExpired(
  token: Pick<Token, "obtainedAt" | "expiresAt">,
  options: ExpiryOptions = {},
): boolean {
  const { obtainedAt, expiresAt } = checkToken("isExpired", token);
  const { now, leeway } = checkOptions("isExpired", options, { now: "time", leeway: "duration" });
  return JSON.parse(run("isExpired", { obtainedAt, expiresAt, now, leeway }));
}

/**
 * How long a token is still valid.
 *
 * @returns ms; 0 after the end, `Infinity` if the end is not known
 * @throws {AuthError} `option_invalid`
 */
export function timeLeft(
  token: Pick<Token, "obtainedAt" | "expiresAt">,
  options: Pick<ExpiryOptions, "now"> = {},
): number {
  const { expiresAt } = checkToken("timeLeft", token);
  const { now } = checkOptions("timeLeft", options, { now: "time" });
  return Number(run("timeLeft", { expiresAt, now }) || Infinity);
}

/**
 * Returns the value of the `authorization` header for a token (RFC 6750 section 2.1).
 *
 * @returns `Bearer …`
 * @throws {AuthError} `option_invalid` if there is no access token, or one that a header cannot
 *   hold
 */
export function authorizationHeader(token: Pick<Token, "accessToken">): string {
  const caller = "authorizationHeader";
  const given = pick(caller, token, TOKEN, "accessToken");
  const { accessToken } = checkOptions(caller, given, { accessToken: "string!" });
  return run(caller, { accessToken });
}

function checkToken(caller: string, token: Pick<Token, "obtainedAt" | "expiresAt">) {
  const given = pick(caller, token, TOKEN, "obtainedAt", "expiresAt");
  return checkOptions(caller, given, {
    obtainedAt: "time!",
    expiresAt: "timeOrNull!",
  });
}

// Token request and response (RFC 6749), expiry, the authorization header.
import * as core from "../core/calls.js";
import type {
  CheckedAccessToken,
  CheckedExpiryOptions,
  CheckedTokenRequestOptions,
  CheckedTokenResponseContext,
  CheckedTokenTimes,
  ExpiryOptions,
  ResponseData,
  TokenRequestOptions,
  TokenResponseContext,
} from "../core/calls.js";
import { checkerOf, checkerOfAlternatives } from "../core/check.js";
import type { RequestData, Token } from "../core/types.js";
import { deepFreeze } from "../core/deep-freeze.js";
import { pick } from "./pick.js";
import { postRequest } from "./request.js";
import { MAX_BODY, readRequest, readResponse, readSuccess, withoutMark } from "./response.js";
import type { ResponseHead } from "./response.js";

export type { Token } from "../core/types.js";

/** What the functions that take a token expect, for messages. */
const TOKEN = "a token as parseTokenResponse gives it";

/** What of a token counts for its end. */
const TIMES = ["obtainedAt", "expiresAt"] as const;

const checkRequest = checkerOfAlternatives<CheckedTokenRequestOptions>(
  "buildTokenRequest",
  core.tokenRequestOptionsKinds,
);
const checkContext = checkerOf<CheckedTokenResponseContext>(
  "parseTokenResponse",
  core.tokenResponseContextKinds,
);
const checkExpiryOptions = checkerOf<CheckedExpiryOptions>("isExpired", core.expiryOptionsKinds);
const checkTimeLeftOptions = checkerOf<{ now: number | undefined }>("timeLeft", {
  now: core.expiryOptionsKinds.now,
});
const checkAccessToken = checkerOf<CheckedAccessToken>(
  "authorizationHeader",
  core.accessTokenKinds,
);
const checkTimes = checkerOf<CheckedTokenTimes>("isExpired", core.tokenTimesKinds);

/**
 * Builds the request for a token by client credentials (RFC 6749 section 4.4.2) or by an assertion
 * (RFC 7523 section 2.1).
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildTokenRequest(options: TokenRequestOptions): RequestData {
  return tokenRequest(checkRequest(options));
}

/** The same, of options that are checked. */
export function tokenRequest(checked: Parameters<typeof core.buildTokenRequest>[0]): RequestData {
  const form = core.buildTokenRequest(checked);
  return postRequest("the token endpoint", checked.tokenEndpoint, form);
}

/**
 * Reads the response to a token request (RFC 6749 sections 5.1 and 5.2). Without `expires_in`, a
 * JWT expires by its own `exp` claim.
 *
 * @throws {AuthError} of any category: see docs/errors.md
 */
export function parseTokenResponse(response: ResponseData, context: TokenResponseContext): Token {
  const { head, whole } = readSuccess("parseTokenResponse", response);
  const { requestedAt, now = Date.now(), request } = checkContext(context);
  const { status, body } = head;
  const fields = core.readToken({ status, requestedAt, body });
  return tokenOf(fields ?? explain(whole(), requestedAt, now, request), requestedAt, body);
}

/**
 * The same, of a response that `send` read: what is a success is not checked again.
 *
 * @throws {AuthError} of any category
 */
export function readTokenResponse(
  response: SentResponse,
  requestedAt: number,
  request: RequestData | undefined,
  issuer: string | undefined,
): Token {
  const { status, body } = response;
  // A custom fetch may return anything.
  const isResponse =
    Number.isInteger(status) && typeof body === "string" && body.length <= MAX_BODY;
  const fields = isResponse && core.readToken({ status, requestedAt, body });
  if (fields) return tokenOf(fields, requestedAt, body);

  const head = readResponse("parseTokenResponse", response);
  return tokenOf(explain(head, requestedAt, Date.now(), request, issuer), requestedAt, head.body);
}

/** A response as `send` reads it. */
export interface SentResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Reads a response again, with all that explains why it is no success. */
function explain(
  head: ResponseHead,
  requestedAt: number,
  now: number,
  request: RequestData | undefined,
  issuer?: string,
): core.TokenFields {
  return core.parseTokenResponse({ ...head, ...readRequest(request, issuer), requestedAt, now });
}

function tokenOf(
  { accessToken, scope, hasOtherMembers, expiresAt }: core.TokenFields,
  obtainedAt: number,
  body: string,
): Token {
  return {
    accessToken,
    tokenType: "Bearer",
    scope: scope ?? null,
    extra: hasOtherMembers ? extraOf(body) : NOTHING_ELSE,
    obtainedAt: Math.trunc(obtainedAt),
    expiresAt: expiresAt ?? null,
  };
}

const NOTHING_ELSE = /* @__PURE__ */ Object.freeze({});

/** The members that are read, and two that a service user has no use for. */
const MEMBERS = ["access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"];

function extraOf(body: string): Record<string, unknown> {
  const members = Object.entries(JSON.parse(withoutMark(body)));
  return deepFreeze(Object.fromEntries(members.filter(([name]) => !MEMBERS.includes(name))));
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
  const { obtainedAt, expiresAt } = checkTimes(pick("isExpired", token, TOKEN, ...TIMES));
  const { now = Date.now(), leeway } = checkExpiryOptions(options);
  const question = { obtainedAt, expiresAt: expiresAt ?? undefined, now, leeway };
  return core.isExpired(question).isExpired;
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
  const { expiresAt } = checkTimes(pick("timeLeft", token, TOKEN, ...TIMES));
  const { now = Date.now() } = checkTimeLeftOptions(options);
  return expiresAt === null ? Infinity : Math.max(0, Math.trunc(expiresAt) - Math.trunc(now));
}

/**
 * Returns the value of the `authorization` header for a token (RFC 6750 section 2.1).
 *
 * @returns `Bearer …`
 * @throws {AuthError} `option_invalid` if there is no access token, or one that a header cannot
 *   hold
 */
export function authorizationHeader(token: Pick<Token, "accessToken">): string {
  const given = pick("authorizationHeader", token, TOKEN, "accessToken");
  return core.authorizationHeader(checkAccessToken(given));
}

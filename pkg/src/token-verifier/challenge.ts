// The RFC 6750 error response to a request whose token was refused.
import { AuthError } from "../core/errors.js";
import { checkerOf } from "../core/check.js";
import { checkAddress } from "../protocol/request.js";
import { splitScopes } from "./requirements.js";

/** What a challenge tells a client in addition. */
export interface ChallengeOptions {
  /** the address of the API's metadata (RFC 9728 section 5.1) */
  resourceMetadata?: string;
  /** what a client should request; a 401 too then names it, and what was required */
  scope?: string | string[];
}

const INSUFFICIENT = { status: 403, error: "insufficient_scope" };

/** The status and the `error` (RFC 6750 section 3.1) of rejections by code. */
const REJECTIONS: Map<string, { status: number; error?: string }> = new Map([
  ["token_missing", { status: 401 }],
  ["token_malformed", { status: 400, error: "invalid_request" }],
  ["scope_insufficient", INSUFFICIENT],
  ["role_insufficient", INSUFFICIENT],
  ["claim_refused", INSUFFICIENT],
]);

/** The status and the `error` of all other rejections. */
const INVALID_TOKEN = { status: 401, error: "invalid_token" };

/** Checked {@link ChallengeOptions}. */
export interface CheckedChallenge {
  resourceMetadata: string | undefined;
  scope: string[];
}

const checkOptions = checkerOf<{ resourceMetadata?: string; scope?: string }>("challenge", {
  resourceMetadata: "text",
  scope: "words",
});

const NO_OPTIONS: CheckedChallenge = { resourceMetadata: undefined, scope: [] };

/** The longest `Retry-After`, s. No pause of a verifier is longer. */
const MAX_RETRY_AFTER = 300;

/**
 * Returns the response to a request whose token was not accepted (RFC 6750 section 3): 401, 400 or
 * 403 with a challenge if the token is at fault, 503 if the authorization server was not reachable
 * or its response was not valid, 500 if the API is at fault. It contains none of the error's
 * texts.
 *
 * @param error what `verify` threw
 * @param required the required scopes, which a 403 names
 */
export function challenge(
  error: unknown,
  required: string[],
  options: CheckedChallenge = NO_OPTIONS,
): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  const { code, category, retryAt } = membersOf(error);

  if (category === "rejected") {
    const rejection = REJECTIONS.get(code) ?? INVALID_TOKEN;
    headers.set("www-authenticate", authenticate(rejection, required, options));
    return new Response(null, { status: rejection.status, headers });
  }

  if (category !== "unavailable" && category !== "malformed") {
    return new Response(null, { status: 500, headers });
  }

  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  headers.set("retry-after", String(seconds > 1 ? Math.min(seconds, MAX_RETRY_AFTER) : 1));
  return new Response(null, { status: 503, headers });
}

/** Returns the value of `WWW-Authenticate` (RFC 6750 section 3, RFC 9728 section 5.1). */
function authenticate(
  { status, error }: { status: number; error?: string },
  required: string[],
  { scope, resourceMetadata }: CheckedChallenge,
): string {
  const named = status === 403 || scope.length > 0 ? [...new Set([...scope, ...required])] : [];
  const parameters = [];
  if (error) parameters.push(`error="${error}"`);
  if (named.length > 0) parameters.push(`scope="${named.join(" ")}"`);
  if (resourceMetadata) parameters.push(`resource_metadata="${resourceMetadata}"`);
  return ["Bearer", parameters.join(", ")].filter(Boolean).join(" ");
}

/**
 * Checks what a challenge tells in addition, so that no value can end its quotes.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function checkChallenge(
  given: ChallengeOptions | undefined,
  insecureHttp: boolean,
): CheckedChallenge {
  if (given === undefined) return NO_OPTIONS;
  const { resourceMetadata, scope } = checkOptions(given);
  if (resourceMetadata !== undefined) {
    checkAddress("`resourceMetadata`", resourceMetadata, insecureHttp);
  }
  return { resourceMetadata, scope: scope === undefined ? [] : splitScopes([scope]) };
}

/**
 * Reads what the response depends on. Any object may pass for an AuthError, and throw when it is
 * read; that counts as the API's fault.
 */
function membersOf(error: unknown) {
  const unknown = { code: "internal", category: "internal", retryAt: 0 };
  try {
    if (!(error instanceof AuthError)) return unknown;
    const { code, category, retryAt } = error;
    return { code, category, retryAt: typeof retryAt === "number" ? retryAt : 0 };
  } catch {
    return unknown;
  }
}

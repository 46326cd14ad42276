// Token revocation (RFC 7009): request and response.
import * as core from "../core/calls.js";
import type {
  CheckedRevocationRequestOptions,
  CheckedRevocationResponseContext,
  ResponseData,
  RevocationRequestOptions,
  RevocationResponseContext,
} from "../core/calls.js";
import { checkerOf, checkerOfAlternatives } from "../core/check.js";
import type { RequestData } from "../core/types.js";
import { postRequest } from "./request.js";
import { readResponse, readWithRequest } from "./response.js";

const checkRequest = checkerOfAlternatives<CheckedRevocationRequestOptions>(
  "buildRevocationRequest",
  core.revocationRequestOptionsKinds,
);
const checkContext = checkerOf<CheckedRevocationResponseContext>(
  "parseRevocationResponse",
  core.revocationResponseContextKinds,
);

/**
 * Builds the request that revokes a token (RFC 7009 section 2.1). At ZITADEL only OIDC applications
 * revoke, and only tokens in whose `aud` they are: a service user cannot revoke its own tokens
 * (zitadel/zitadel#8973).
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildRevocationRequest(options: RevocationRequestOptions): RequestData {
  const checked = checkRequest(options);
  const form = core.buildRevocationRequest(checked);
  return postRequest("the revocation endpoint", checked.revocationEndpoint, form);
}

/**
 * Reads the response to a revocation request (RFC 7009 section 2.2). A token that the server does
 * not know counts as revoked. The body may be empty.
 *
 * @throws {AuthError} the codes of any response; the token may or may not be revoked then
 */
export function parseRevocationResponse(
  response: ResponseData,
  context: RevocationResponseContext = {},
): void {
  const head = readResponse("parseRevocationResponse", response);
  const { now = Date.now(), request } = checkContext(context);
  readWithRequest(request, (sent) => core.parseRevocationResponse({ ...head, ...sent, now }));
}

// Token introspection (RFC 7662): request and response.
import * as core from "../core/calls.js";
import type {
  CheckedIntrospectionRequestOptions,
  CheckedRevocationResponseContext,
  IntrospectionRequestOptions,
  ResponseData,
  RevocationResponseContext,
} from "../core/calls.js";
import { checkerOf, checkerOfAlternatives } from "../core/check.js";
import type { RequestData } from "../core/types.js";
import { withScope } from "./claims.js";
import type { Claims } from "./claims.js";
import { postRequest } from "./request.js";
import { readRequest, readResponse, readWithRequest } from "./response.js";
import type { SentSecrets } from "./response.js";

const checkRequest = checkerOfAlternatives<CheckedIntrospectionRequestOptions>(
  "buildIntrospectionRequest",
  core.introspectionRequestOptionsKinds,
);
const checkContext = checkerOf<CheckedRevocationResponseContext>(
  "parseIntrospectionResponse",
  core.revocationResponseContextKinds,
);

/**
 * What a server says about a token (RFC 7662 section 2.2): `{ active: false }` and nothing else, or
 * `active: true` and the token's claims.
 */
export type Introspection = { active: boolean } & Claims;

/**
 * Builds the request that introspects a token (RFC 7662 section 2.1). ZITADEL requires the
 * credentials of an API application.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`; `token_invalid` for a JWT that is marked as
 *   another kind of token than an access token
 */
export function buildIntrospectionRequest(options: IntrospectionRequestOptions): RequestData {
  return introspectionRequest(checkRequest(options));
}

/** The same, of options that are checked. */
export function introspectionRequest(
  checked: Parameters<typeof core.buildIntrospectionRequest>[0],
): RequestData {
  const form = core.buildIntrospectionRequest(checked);
  return postRequest("the introspection endpoint", checked.introspectionEndpoint, form);
}

/**
 * Reads the response to an introspection request. A token counts as inactive if its `exp` is past,
 * whatever the server says, and if the server objects to the token itself (`invalid_token`, or a
 * 400 that is not about the client). Pass `request` where the request carried an access token of
 * the API's own: without it, an `invalid_token` about that makes the caller's token inactive.
 *
 * **Warning**: compare `aud` with your own audience, but do not take that for authorization:
 * ZITADEL names the introspecting application in the `aud` of every personal access token, and
 * echoes any scope that a service user requested. Authorize by roles (`zitadel.roles`), identify by
 * `sub`.
 *
 * @throws {AuthError} `token_invalid` for an active token that is no access token;
 *   `credentials_refused` if the server refused the client, not the token; and the codes of any
 *   response
 */
export function parseIntrospectionResponse(
  response: ResponseData,
  context: RevocationResponseContext = {},
): Introspection {
  return readIntrospection(response, context);
}

/** The same, of a server that names itself so. */
export function readIntrospection(
  response: ResponseData,
  context: RevocationResponseContext,
  issuer?: string,
): Introspection {
  const head = readResponse("parseIntrospectionResponse", response);
  const { now = Date.now(), request } = checkContext(context);
  const read = (sent: SentSecrets) => core.parseIntrospectionResponse({ ...head, ...sent, now });
  const { isActive, scope } = readWithRequest(request, read, issuer);
  // `invalid_token` may mean the token that this API came with.
  const sent = isActive ? undefined : readRequest(request, issuer);
  if (sent?.authorization?.startsWith("Bearer ")) read(sent);
  return isActive ? withScope(JSON.parse(head.body), scope) : { active: false };
}

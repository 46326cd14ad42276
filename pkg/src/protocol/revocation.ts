// Token revocation (RFC 7009): request and response.
import type { SecretCredentials, ClientAssertionCredentials } from "./token.js";
import type { RequestData, ResponseData } from "./http.js";
import { buildRequest } from "./address.js";
import { run } from "../core/wasm.js";
import { checkOptions, clientKinds } from "../core/check-options.js";
import { readResponse, readWithRequest } from "./response.js";

/** The options of `buildRevocationRequest`: the token, the endpoint and the client's credentials. */
export type RevocationRequestOptions = RevocationOptions &
  (SecretCredentials | ClientAssertionCredentials);

export interface RevocationOptions {
  /** https, or http on loopback; ZITADEL's is `{issuer}/oauth/v2/revoke` */
  revocationEndpoint: string;
  /** the token to revoke */
  token: string;
  /**
   * permits http to hosts other than loopback. **Warning**: the token and the credentials then
   * cross the network unencrypted; use it only in closed networks such as Docker's
   */
  insecureHttp?: boolean;
}

export interface RevocationResponseContext {
  /** ms since 1970, by default the clock; `Retry-After` counts from here */
  now?: number;
  /** what the builder returned. With it, errors contain the server's own words */
  request?: RequestData;
}

/**
 * Builds the request that revokes a token (RFC 7009 section 2.1). ZITADEL requires an application's
 * credentials: a service user cannot revoke its own tokens (zitadel/zitadel#8973).
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildRevocationRequest(options: RevocationRequestOptions): RequestData {
  const caller = "buildRevocationRequest";
  const checked = checkOptions(caller, options, {
    revocationEndpoint: "string!",
    token: "string!",
    ...clientKinds(options),
    insecureHttp: "boolean",
  });
  return buildRequest("the revocation endpoint", caller, {
    ...checked,
    insecureHttp: checked.insecureHttp || undefined,
  });
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
) {
  const caller = "parseRevocationResponse";
  const { body, ...head } = readResponse(caller, response);
  const { now, request } = checkOptions(caller, context, { now: "time", request: "request" });
  readWithRequest(request, (sent) => run(caller, { ...head, ...sent, now }, body));
}

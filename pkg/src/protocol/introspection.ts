// Token introspection (RFC 7662): request and response.
import type { SecretCredentials, ClientAssertionCredentials } from "./token.js";
import type { RequestData, ResponseData } from "./http.js";
import type { RevocationResponseContext } from "./revocation.js";
import { buildRequest } from "./address.js";
import { run } from "../core/wasm.js";
import { checkOptions, clientKinds } from "../core/check-options.js";
import { readResponse, readWithRequest } from "./response.js";

/** The options of `buildIntrospectionRequest`: the token, the endpoint and the client's credentials. */
export type IntrospectionRequestOptions = IntrospectionOptions &
  (SecretCredentials | ClientAssertionCredentials);

export interface IntrospectionOptions {
  /** https, or http on loopback; ZITADEL's is `{issuer}/oauth/v2/introspect` */
  introspectionEndpoint: string;
  /** the token to introspect */
  token: string;
  /**
   * permits http to hosts other than loopback. **Warning**: the token and the credentials then
   * cross the network unencrypted; use it only in closed networks such as Docker's
   */
  insecureHttp?: boolean;
}

/**
 * What a server says about a token (RFC 7662 section 2.2): `{ active: false }` and nothing else, or
 * `active: true` and the token's claims.
 */
export type Introspection = { active: boolean } & Record<string, unknown>;

/**
 * Builds the request that introspects a token (RFC 7662 section 2.1). ZITADEL requires the
 * credentials of an API application.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`; `token_invalid` for a JWT that is marked as
 *   another kind of token than an access token
 */
export function buildIntrospectionRequest(options: IntrospectionRequestOptions): RequestData {
  const caller = "buildIntrospectionRequest";
  const checked = checkOptions(caller, options, {
    introspectionEndpoint: "string!",
    token: "string!",
    ...clientKinds(options),
    insecureHttp: "boolean",
  });
  return buildRequest("the introspection endpoint", caller, {
    ...checked,
    insecureHttp: checked.insecureHttp || undefined,
  });
}

/**
 * Reads the response to an introspection request. A token counts as inactive if its `exp` is past,
 * whatever the server says, and if the server objects to the token itself (`invalid_token`, or a
 * 400 that is not about the client).
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
  const caller = "parseIntrospectionResponse";
  const { body, ...head } = readResponse(caller, response);
  const { now, request } = checkOptions(caller, context, { now: "time", request: "request" });
  const isActive = readWithRequest(request, (sent) => run(caller, { ...head, ...sent, now }, body));
  return isActive === "true" ? JSON.parse(body) : { active: false };
}

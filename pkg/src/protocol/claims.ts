// The claims of a token.

/**
 * The claims of a token, as the issuer signed them or as it answered. `iss`, `sub`, `aud`, `exp`,
 * `client_id` and `scope` are checked to be of their types, `iat` and `nbf` in a JWT. All other
 * claims are as the issuer wrote them: check what you read. In an introspection, `null` counts as
 * not there.
 *
 * `act` (RFC 8693 section 4.1) says who acts for `sub`: ZITADEL's names who impersonates.
 */
export interface Claims {
  /** the issuer (RFC 7519 section 4.1.1) */
  iss?: string;
  /** the user: the one claim that identifies the caller */
  sub?: string;
  /** whom the token is meant for */
  aud?: string | string[];
  /** s since 1970 */
  exp?: number;
  /** s since 1970 */
  iat?: number;
  /** s since 1970 */
  nbf?: number;
  jti?: string;
  /** the client. ZITADEL's is a user name, which organizations share */
  client_id?: string;
  /** the client, at servers that have no `client_id` */
  azp?: string;
  /** separated by spaces, whatever the server wrote: a text or a list, as `scope` or `scp` */
  scope?: string;
  [claim: string]: unknown;
}

/**
 * Adds the scopes as the core read them.
 *
 * @param claims parsed
 */
export function withScope<T extends { scope?: unknown }>(claims: T, scope: string | undefined): T {
  const isSame = Object.hasOwn(claims, "scope") && claims.scope === scope;
  // A copy: an assignment would meet a setter of a polluted prototype.
  return scope === undefined || isSame ? claims : { ...claims, scope };
}

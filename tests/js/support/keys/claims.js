// @ts-check
// What a verifier makes of claims.

/**
 * The claims with their scopes as one text.
 *
 * @param {Record<string, any>} claims
 */
export function withScopeText(claims) {
  const scope = claims.scope === undefined ? claims.scp : claims.scope;
  return scope === undefined || scope === null
    ? claims
    : { ...claims, scope: [scope].flat().join(" ") };
}

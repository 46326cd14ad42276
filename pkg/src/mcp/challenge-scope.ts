// The scopes that a server names.

/** A scope (RFC 6749 section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The longest challenge that is read, and the most scopes that are taken of a server. */
const MAX_LENGTH = 8_192;
const MAX_SCOPES = 100;

/** A parameter or a scheme of a challenge (RFC 9110 section 11.2): a quoted text is one piece. */
const PIECE =
  /([!#$%&'*+.^`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([!#$%&'*+.^`|~\w-]+)/g;

/** Returns the scopes that a Bearer challenge names (RFC 6750 section 3); none of anything else. */
export function scopeOf(challenge: string | null): string[] {
  if (challenge === null || challenge.length > MAX_LENGTH) return [];
  let isBearer = false;
  for (const [, name, quoted, plain, scheme] of challenge.matchAll(PIECE)) {
    if (scheme !== undefined) isBearer = scheme.toLowerCase() === "bearer";
    else if (isBearer && name.toLowerCase() === "scope") return scopesIn(quoted ?? plain);
  }
  return [];
}

/** The scopes of a text or a list: what cannot be one is left out, and so is what is too much. */
export function scopesIn(named: string | string[]): string[] {
  const texts = typeof named === "string" ? named.split(" ") : named;
  return [...new Set(texts.filter((one) => SCOPE.test(one)))].slice(0, MAX_SCOPES);
}

// Reads the scopes of a challenge (RFC 6750 section 3).

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The longest challenge that is read, and the most scopes of it. */
const MAX_LENGTH = 8_192;
const MAX_SCOPES = 100;

/** Returns what a Bearer challenge names; nothing of what is no challenge. */
export function scopeOf(challenge: string | null): string[] {
  if (challenge === null || challenge.length > MAX_LENGTH) return [];
  const [, named = ""] = /^bearer (?:.*[ ,])?scope="([^"]*)"/i.exec(challenge) ?? [];
  const scopes = named.split(" ").filter((one) => SCOPE.test(one));
  return [...new Set(scopes)].slice(0, MAX_SCOPES);
}

// The form in which a source keeps a token.
import type { Token } from "../protocol/token.js";

/**
 * A token as the source keeps it. The promises are resolved, so that a call with a cached token
 * creates none.
 */
export interface CachedToken {
  token: Token;
  /** the value of the `authorization` header */
  header: string;
  tokenPromise: Promise<Token>;
  headerPromise: Promise<string>;
}

export function cachedToken(token: Token, header: string): CachedToken {
  return {
    token: Object.freeze(token),
    header,
    tokenPromise: Promise.resolve(token),
    headerPromise: Promise.resolve(header),
  };
}

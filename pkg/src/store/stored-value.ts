// What is sealed: a token, when it was written, and which tokens were refused.
import { deepFreeze } from "../core/deep-freeze.js";
import type { Token } from "../core/types.js";
import { isRecord } from "../core/values.js";

/** A token that was refused, by its hash, and when it ends, ms since 1970. */
export type Refused = [hash: string, end: number];

export interface StoredValue {
  /** grows with every value, ms since 1970 or a little more */
  at: number;
  /** `null`: the last one was refused, and there is no other yet */
  token: StoredToken | null;
  refused: Refused[];
}

export type StoredToken = Token & { expiresAt: number };

/** How many refused tokens are told to others. */
const MAX_REFUSED = 20;

export function writeValue({ at, token, refused }: StoredValue): string {
  return JSON.stringify({ at, token, refused: refused.slice(-MAX_REFUSED) });
}

/** Reads what was sealed. `undefined`: another version of this package wrote it. */
export function readValue(text: string): StoredValue | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // It opened, so somebody with the secret wrote it, in another form.
  }
  if (!isRecord(value) || !Number.isFinite(value.at) || !Array.isArray(value.refused)) {
    return undefined;
  }
  const refused = value.refused.filter(
    (one) => Array.isArray(one) && typeof one[0] === "string" && Number.isFinite(one[1]),
  );
  const { at, token } = value as unknown as StoredValue;
  if (token === null) return { at, token, refused };
  const isToken =
    isRecord(token) &&
    typeof token.accessToken === "string" &&
    [token.obtainedAt, token.expiresAt].every(Number.isFinite);
  return isToken ? { at, token: deepFreeze(token), refused } : undefined;
}

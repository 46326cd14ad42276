// The tokens that were refused where they were used, as one isolate knows of them.
import { hashOf } from "./seal.js";
import type { Refused } from "./stored-value.js";

export interface Refusals {
  /** how often a token was refused here */
  count: () => number;
  /** remembers a token at once, and its hash until it ends; gives the hash */
  add: (accessToken: string, expiresAt: number | null) => Promise<string>;
  /** remembers what others were told */
  learn: (refused: Refused[], now: number) => void;
  includes: (accessToken: string) => Promise<boolean>;
  /** those that have not ended */
  list: (now: number) => Refused[];
}

export function newRefusals(): Refusals {
  /** the ends of the tokens, by their hashes */
  const ends = new Map<string, number>();
  let count = 0;
  /** the last one, whose hash is not there at once */
  let latest: string | undefined;

  return {
    count: () => count,

    async add(accessToken, expiresAt) {
      count += 1;
      latest = accessToken;
      const hash = await hashOf(accessToken);
      if (expiresAt !== null) ends.set(hash, expiresAt);
      return hash;
    },

    learn(refused, now) {
      for (const [hash, end] of refused) if (end > now) ends.set(hash, end);
    },

    includes: async (accessToken) => accessToken === latest || ends.has(await hashOf(accessToken)),

    list(now) {
      for (const [hash, end] of ends) if (end <= now) ends.delete(hash);
      return [...ends];
    },
  };
}

// Asks for the keys again after a bad signature: a server may put a new key in the place of an old
// one, under the same name.
import { isNow } from "../cache/period.js";
import type { Period } from "../cache/period.js";
import type { KeySet, KeySetCache } from "./jwks.js";

/** The pause after a request that brought the same keys, ms. It doubles: anybody can forge. */
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 3_600_000;

/** Looks for newer keys after a bad signature. */
export interface KeyRotation {
  /** whether there are other keys than these, or the issuer may be asked for some */
  mayAsk: (used: KeySet) => boolean;
  /**
   * returns the issuer's keys, if they are others
   *
   * @param timeout ms that the call may take
   */
  newerKeys: (
    used: KeySet,
    timeout: number,
    signal: AbortSignal | undefined,
  ) => Promise<KeySet | undefined>;
}

export function keyRotation(keys: KeySetCache): KeyRotation {
  let pauseLength = FIRST_PAUSE;
  let pause: Period | undefined;
  /** How many callers wait for keys. */
  let asking = 0;

  const othersThan = (used: KeySet) => {
    const current = keys.current();
    return current && areOthers(current, used) ? current : undefined;
  };

  return {
    // Who comes while another asks waits for the same answer.
    mayAsk: (used) => othersThan(used) !== undefined || asking > 0 || !isNow(pause),

    async newerKeys(used, timeout, signal) {
      const others = othersThan(used);
      if (others) return others;

      startPause();
      asking += 1;
      try {
        const { value } = await keys.newer(timeout, signal);
        if (!value) return undefined;

        const isChanged = areOthers(value, used);
        // Doubled once for all who waited.
        const longer = asking > 1 ? pauseLength : Math.min(2 * pauseLength, LONGEST_PAUSE);
        pauseLength = isChanged ? FIRST_PAUSE : longer;
        startPause();
        return isChanged ? value : undefined;
      } finally {
        asking -= 1;
      }
    },
  };

  function startPause(): void {
    const now = Date.now();
    pause = { from: now, until: now + pauseLength };
  }
}

function areOthers(one: KeySet, other: KeySet): boolean {
  return (
    one.texts.size !== other.texts.size || [...one.texts].some((text) => !other.texts.has(text))
  );
}

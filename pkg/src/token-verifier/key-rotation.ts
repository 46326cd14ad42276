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
  /** While somebody asks, who may be cancelled at any time. */
  let asking: Period | undefined;

  const othersThan = (used: KeySet) => {
    const current = keys.current();
    return current && areOthers(current, used) ? current : undefined;
  };

  async function ask(used: KeySet, timeout: number, signal: AbortSignal | undefined) {
    const now = Date.now();
    asking = { from: now, until: now + timeout };
    startPause();
    try {
      const { value } = await keys.newer(timeout, signal);
      if (!value) return undefined;

      const isChanged = areOthers(value, used);
      pauseLength = isChanged ? FIRST_PAUSE : Math.min(2 * pauseLength, LONGEST_PAUSE);
      startPause();
      return isChanged ? value : undefined;
    } finally {
      asking = undefined;
    }
  }

  return {
    mayAsk: (used) => othersThan(used) !== undefined || isNow(asking) || !isNow(pause),

    async newerKeys(used, timeout, signal) {
      const others = othersThan(used);
      if (others) return others;
      if (!isNow(asking)) return ask(used, timeout, signal);

      // Waits for the same answer.
      const { value } = await keys.newer(timeout, signal);
      return value && areOthers(value, used) ? value : undefined;
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

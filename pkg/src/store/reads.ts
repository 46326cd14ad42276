// How long callers wait for a store: not for each attempt of a flight anew.

/** What a store gave; `undefined`: it failed, or it took too long. */
export type StoreAnswer = { value: unknown } | undefined;

/** A call of a store that never throws. */
export type StoreCall = (run: () => unknown, millis: number) => Promise<StoreAnswer>;

/** How long a read may take while callers wait, all attempts of a flight together, ms. */
const COLD = 300;

/** The longest that a flight mostly takes, ms. */
const FLIGHT = 20_000;

/** What callers have waited in one flight. */
interface Flight {
  startedAt: number;
  waited: number;
  /** what came too late for one attempt, for the next one */
  late: StoreAnswer;
}

/** Makes the function that reads a store for callers who wait. */
export function coldReads(call: StoreCall): (get: () => unknown) => Promise<StoreAnswer> {
  let flight: Flight = { startedAt: -Infinity, waited: 0, late: undefined };

  return async (get) => {
    const now = Date.now();
    if (Math.abs(now - flight.startedAt) >= FLIGHT) {
      flight = { startedAt: now, waited: 0, late: undefined };
    }
    const { late, waited } = flight;
    flight.late = undefined;
    if (late || waited >= COLD) return late;

    const own = flight;
    let isOver = false;
    const run = async () => {
      const value = await get();
      if (isOver) own.late = { value };
      return value;
    };
    const answer = await call(run, COLD - waited);
    isOver = true;
    own.waited += Math.max(0, Date.now() - now);
    return answer;
  };
}

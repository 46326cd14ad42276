// @ts-check
// An open load: requests come at a fixed rate whether or not earlier ones are answered, and each is
// timed from when it was due. In a closed one those who wait ask nothing meanwhile, so that a stall
// would count once for each caller ("coordinated omission"). autocannon has no open load: at a rate
// it sends what a second may have in that second's beginning, and a connection that waits for its
// answer sends nothing.

/** @typedef {() => Promise<string>} Ask */
/** @typedef {(body: string) => void} Check throws when it is not what was asked for */
/**
 * @typedef {{ startedAt: number; millis: Float64Array; lateness: Float64Array }} OpenLoad by
 *   request: how long after it was due it was answered, and sent
 */

/**
 * @param {Ask} ask
 * @param {{ perSecond: number; seconds: number; check: Check }} options
 * @returns {Promise<OpenLoad>}
 */
export function openLoad(ask, { perSecond, seconds, check }) {
  const total = perSecond * seconds;
  const gap = 1000 / perSecond;
  const millis = new Float64Array(total);
  const lateness = new Float64Array(total);
  const startedAt = performance.now();

  return new Promise((done, fail) => {
    let sent = 0;
    let answered = 0;

    const send = async (/** @type {number} */ i) => {
      const due = startedAt + i * gap;
      lateness[i] = performance.now() - due;
      try {
        const body = await ask();
        millis[i] = performance.now() - due;
        check(body);
      } catch (error) {
        fail(error);
      }
      answered += 1;
      if (answered === total) done({ startedAt, millis, lateness });
    };

    const tick = () => {
      while (sent < total && sent * gap <= performance.now() - startedAt) {
        send(sent);
        sent += 1;
      }
      if (sent < total) setTimeout(tick, 1);
    };

    tick();
  });
}

// @ts-check
// Loads. In the open one requests come at a fixed rate whether or not earlier ones are answered,
// and each is timed from when it was due: in a closed one those who wait ask nothing meanwhile, so
// that a stall would count once for each caller ("coordinated omission").

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
  const [total, gap] = [perSecond * seconds, 1000 / perSecond];
  const [millis, lateness] = [new Float64Array(total), new Float64Array(total)];
  const startedAt = performance.now();
  return new Promise((done, fail) => {
    let [sent, answered] = [0, 0];
    const tick = () => {
      for (; sent < total && sent * gap <= performance.now() - startedAt; sent++) send(sent);
      if (sent < total) setTimeout(tick, 1);
    };
    const send = (/** @type {number} */ i) => {
      const due = startedAt + i * gap;
      lateness[i] = performance.now() - due;
      ask()
        .then((body) => {
          millis[i] = performance.now() - due;
          check(body);
          if (++answered === total) done({ startedAt, millis, lateness });
        })
        .catch(fail);
    };
    tick();
  });
}

/**
 * Callers that ask again as soon as they are answered.
 *
 * @param {Ask} ask
 * @param {{ callers: number; seconds: number; check: Check }} options
 * @returns {Promise<number>} answers per second
 */
export async function closedLoad(ask, { callers, seconds, check }) {
  const startedAt = performance.now();
  const end = startedAt + seconds * 1000;
  let answered = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (; performance.now() < end; answered++) check(await ask());
    }),
  );
  return answered / ((performance.now() - startedAt) / 1000);
}

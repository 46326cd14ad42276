// @ts-check
// What both Workers of the reset tests answer with.

/** @param {unknown} error */
export function describeError(error) {
  const { name, code, category, retryAt } = /** @type {import("edge-credentials").AuthError} */ (
    error
  );
  return { name, code, category, retryAt };
}

/**
 * Whoever waited for another request's I/O must be able to do its own afterwards.
 *
 * @param {string} issuer
 */
export async function io(issuer) {
  await new Promise((done) => setTimeout(done, 1));
  return (await fetch(`${issuer}/io`)).status;
}

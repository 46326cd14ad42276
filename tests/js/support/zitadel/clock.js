// @ts-check
// The server's clock.

/**
 * The system's time, ms. Tests that move the client's clock replace `Date` in the same process; the
 * function that stands here from the start is not replaced.
 */
export const serverNow = Date.now;

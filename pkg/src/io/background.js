/**
 * Runs caller or runtime code whose result and failure do not matter. Nothing waits for it.
 *
 * @param {() => unknown} run
 */
export function runInBackground(run) {
  // An unhandled rejection would end a Node process.
  (async () => run())().catch(() => {});
}

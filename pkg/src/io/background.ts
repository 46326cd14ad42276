// Code that nothing waits for.

/** Runs caller or runtime code whose result and failure do not matter. Nothing waits for it. */
export function runInBackground(run: () => unknown) {
  // An unhandled rejection would end a Node process.
  (async () => run())().catch(() => {});
}

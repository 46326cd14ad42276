import { runInBackground } from "./background.js";

/**
 * @type {(
 *   listener: ((event: import("./events.js").SourceEvent) => void) | undefined,
 *   event: import("./events.js").SourceEvent,
 * ) => void}
 */
export function emitEvent(listener, event) {
  if (!listener) return;
  // What it throws may hold anything, and a listener must not break what it listens to.
  const warn = () =>
    runInBackground(() => console.warn("edge-credentials: onEvent threw an error"));
  // Awaited, since what it gives may be any thenable.
  (async () => {
    await listener(event);
  })().catch(warn);
}

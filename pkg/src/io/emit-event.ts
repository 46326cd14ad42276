// Tells the listener of a source or a verifier what happens.
import type { SourceEvent } from "../core/events.js";
import { runInBackground } from "./background.js";

/**
 * Calls an event listener, if there is one, with the name of the source or the verifier. A listener
 * that throws or rejects has no effect but a warning, which leaves out the error, since that may
 * hold secrets.
 */
export function emitEvent(
  listener: ((event: SourceEvent) => void) | undefined,
  event: SourceEvent,
  name: string | undefined,
): void {
  if (!listener) return;
  const warn = () =>
    runInBackground(() => console.warn("edge-credentials: onEvent threw an error"));
  // Awaited, since a listener may return any thenable.
  const notify = async () => {
    await listener(name === undefined ? event : { ...event, name });
  };
  notify().catch(warn);
}

import type { SourceEvent } from "../core/events.js";
import { runInBackground } from "./background.js";

/**
 * Calls an event listener, if there is one. A listener that throws or rejects has no effect but a
 * warning, which leaves out the error, since that may hold secrets.
 */
export function emitEvent(
  listener: ((event: SourceEvent) => void) | undefined,
  event: SourceEvent,
): void {
  if (!listener) return;
  const warn = () =>
    runInBackground(() => console.warn("edge-credentials: onEvent threw an error"));
  // Awaited, since a listener may return any thenable.
  const notify = async () => {
    await listener(event);
  };
  notify().catch(warn);
}

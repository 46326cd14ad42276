// Copies the body of a Request, so that it can be sent again.

import { withTimeout } from "../io/timeout.js";

/** The most that is copied, bytes. */
const MAX_BYTES = 2 ** 20;

/** How long the rest of a body is waited for once the API has answered, ms. */
const PATIENCE = 1_000;

/** The copy of a body that is being sent. */
export interface BodyCopy {
  /** returns the body; `undefined` if it is larger than 1 MiB, cannot be read, or is still coming */
  bytes: () => Promise<Uint8Array | undefined>;
  /** stops copying */
  stop: () => void;
}

/** Copies the body of a Request that is about to be sent. */
export function copyBody(request: Request): BodyCopy {
  const reader = request.clone().body?.getReader();
  // Not awaited: it ends only after the body that is sent.
  const stop = () => void reader?.cancel().catch(() => {});

  async function read(): Promise<Uint8Array | undefined> {
    if (!reader) return undefined;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
      chunks.push(value);
      size += value.length;
      if (size <= MAX_BYTES) continue;
      // A copy that nobody reads would keep the rest of the body in memory.
      stop();
      return undefined;
    }
  }
  // Whoever sends the body is told why it cannot be read.
  const copied = read().catch(() => undefined);
  return {
    bytes: () =>
      withTimeout(PATIENCE, "copying", () => copied)
        .catch(() => undefined)
        .finally(stop),
    stop,
  };
}

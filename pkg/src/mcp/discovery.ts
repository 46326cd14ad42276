// What an MCP server says of itself, found once for all calls.
import { AuthError } from "../core/errors.js";
import type { Fetch } from "../core/types.js";
import { startTimer } from "../io/timeout.js";
import type { Timer } from "../io/timeout.js";
import { requestMetadata } from "./resource-metadata.js";
import type { FoundMetadata } from "./resource-metadata.js";

/** How long metadata are used, ms. */
const LIFETIME = 3_600_000;

/** How long old metadata are used before a server that is down is asked again, ms. */
const PAUSE = 60_000;

/**
 * How long calls wait for metadata that one of them requests, ms: longer than the request may take.
 * A runtime that cancels the call that sent it leaves the answer open for ever.
 */
const LEASE = 11_000;

/**
 * Returns a function that gives a server's metadata. Concurrent calls share one request. While the
 * server is down, it gives those that it had.
 *
 * @param names by which the server may name itself
 */
export function discovery(
  url: URL,
  names: string[],
  fetch: Fetch | undefined,
): () => Promise<FoundMetadata> {
  let found: { metadata: FoundMetadata; at: number; lifetime: number } | undefined;
  let flight: { answer: Promise<FoundMetadata>; startedAt: number } | undefined;

  function keep(metadata: FoundMetadata, lifetime: number): FoundMetadata {
    found = { metadata, at: Date.now(), lifetime };
    return metadata;
  }

  return async function discover() {
    for (;;) {
      const age = Date.now() - (found?.at ?? 0);
      if (found && age >= 0 && age < found.lifetime) return found.metadata;
      const isOwn = flight === undefined;
      flight ??= { answer: requestMetadata(url, names, fetch), startedAt: performance.now() };
      const current = flight;
      try {
        const left = LEASE - (performance.now() - current.startedAt);
        const metadata = await within(Math.max(1, left), current.answer);
        if (metadata !== undefined) return keep(metadata, LIFETIME);
      } catch (error) {
        if (found && isOutage(error)) return keep(found.metadata, PAUSE);
        // A limit of the caller's own request, or what a framework throws, is no answer for others.
        const isShared = error instanceof AuthError && error.code !== "io_forbidden";
        if (isOwn || isShared) throw error;
      } finally {
        if (flight === current) flight = undefined;
      }
    }
  };
}

function isOutage(error: unknown): boolean {
  return error instanceof AuthError && error.category === "unavailable";
}

/** Waits for an answer for some time; `undefined`: it did not come. */
async function within<T>(millis: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: Timer | undefined;
  const end = new Promise<undefined>((resolve) => {
    timer = startTimer(() => resolve(undefined), millis, { keepsAlive: true });
  });
  try {
    return await Promise.race([answer, end]);
  } finally {
    timer?.stop();
  }
}

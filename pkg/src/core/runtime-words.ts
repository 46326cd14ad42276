// What runtimes say when something fails, in sentences that hold nothing of the caller's.

/**
 * Limits of the request that runs into them, and mistakes that belong to it. Another request may
 * have room.
 */
export const LIMITS = [
  "Too many subrequests",
  "Subrequest depth limit exceeded",
  "Cannot perform I/O on behalf of a different request",
  "Disallowed operation called within global scope",
  "Response closed due to connection limit",
];

const FAILURES = [
  "Network connection lost",
  "Failed to fetch",
  "Load failed",
  "NetworkError when attempting to fetch resource",
];

/** What engines say where a program uses a value for what it is not. */
export const MISTAKES = [
  "Cannot read properties of undefined",
  "Cannot read properties of null",
  "Cannot set properties of undefined",
  "Cannot set properties of null",
  "is not a function",
  "is not a constructor",
  "is not iterable",
  "is not an object",
];

/** The known sentence that a foreign error's message has, or that of its cause. */
export function sentenceOf(thrown: unknown): string | undefined {
  try {
    const { message, cause } = thrown as { message?: unknown; cause?: { message?: unknown } };
    const texts = [message, cause?.message].filter((text) => typeof text === "string");
    return [...LIMITS, ...FAILURES, ...MISTAKES].find((sentence) =>
      texts.some((text) => text.includes(sentence)),
    );
  } catch {
    return undefined; // The thrown value cannot be read.
  }
}

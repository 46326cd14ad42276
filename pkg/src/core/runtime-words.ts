// What runtimes say when something fails, in sentences that hold nothing of the caller's.

/** Limits of the request that runs into them, and mistakes that belong to it. */
const LIMITS = [
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
  "Cannot read properties of undefined",
  "Cannot read properties of null",
];

const SENTENCES = [...LIMITS, ...FAILURES];

/** The known sentence that a foreign error's message has, or that of its cause. */
export function reasonOf(thrown: unknown): string | undefined {
  try {
    const { message, cause } = thrown as { message?: unknown; cause?: { message?: unknown } };
    const texts = [message, cause?.message].filter((text) => typeof text === "string");
    return SENTENCES.find((sentence) => texts.some((text) => text.includes(sentence)));
  } catch {
    return undefined; // The thrown value cannot be read.
  }
}

/** Whether a sentence is about a limit of the request that asked. Another one may have room. */
export function isOwnLimit(reason: string | undefined): boolean {
  return reason !== undefined && LIMITS.includes(reason);
}

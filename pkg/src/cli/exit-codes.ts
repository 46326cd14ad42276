import type { ErrorCategory } from "edge-credentials";

/** The exit code of each category of errors. 0 is success. */
export const EXIT_CODES: Record<ErrorCategory, number> = {
  internal: 1,
  misuse: 2,
  denied: 3,
  malformed: 4,
  unavailable: 5,
  rejected: 6,
};

/** Who has to act, by category. */
export const FAULTS: Record<ErrorCategory, string> = {
  internal: "a bug of edge-credentials",
  misuse: "your configuration",
  denied: "the server's configuration, or your credentials",
  malformed: "the server",
  unavailable: "the server or the network, for now",
  rejected: "the token: your API would refuse it",
};

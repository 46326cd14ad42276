import type { ErrorCode, ErrorCategory, RefusedToken } from "./errors.js";

/**
 * What a token source or a token verifier reports to `onEvent`, for logs and metrics. Events hold
 * no secret. Times are ms since 1970.
 */
export type SourceEvent = (
  | Fetched
  | Retried
  | Failed
  | Rejected
  | Unrepeated
  | Accepted
  | Refused
  | Dropped
  | Warned
  | Expiring
  | Stored
) &
  Named;

/** What each event has. */
export interface Named {
  /** the option `name` of the source or the verifier, if it is given */
  name?: string;
}

/** Which value an event is about. */
export type Subject = "token" | "metadata" | "keys" | "introspection";

/**
 * A value was obtained. `fetch`: callers waited for it. `refresh`: it was obtained ahead of time,
 * in the background.
 */
export interface Fetched {
  type: "fetch" | "refresh";
  what: Subject;
  startedAt: number;
  endedAt: number;
  /** how many attempts it took */
  attempts: number;
  /** `null` if the server does not say */
  expiresAt: number | null;
}

/** An attempt failed, and another one follows. */
export interface Retried {
  type: "retry";
  what: Subject;
  /** the number of the next attempt */
  attempt: number;
  /** when the next attempt starts */
  at: number;
  /** why the last attempt failed */
  code: ErrorCode;
  category: ErrorCategory;
  /** of the response, if there was one */
  status?: number;
}

/** The last attempt failed. */
export interface Failed {
  type: "fail";
  what: Subject;
  startedAt: number;
  endedAt: number;
  /** how many attempts there were */
  attempts: number;
  code: ErrorCode;
  category: ErrorCategory;
  /** of the response, if there was one */
  status?: number;
  /** no other attempt starts before this time */
  retryAt: number;
}

/**
 * `invalidate` was called, or an API answered `fetch` with 401, or with a 403 that calls the token
 * invalid: a source's token was refused where it was used.
 */
export interface Rejected {
  type: "invalidate";
  what: "token";
  /** whether the source requests another token because of it */
  counted: boolean;
}

/**
 * An API refused the token, and `source.fetch` returned that response, since it cannot send the
 * body again: a stream, or a `Request` with more than 1 MiB.
 */
export interface Unrepeated {
  type: "unrepeated";
  what: "request";
  /** of the response */
  status: number;
}

/** A verifier accepted a token. */
export interface Accepted {
  type: "accept";
  what: "token";
  /** whether the token was known, so that neither a signature was verified nor the server asked */
  cached: boolean;
}

/** A verifier did not accept a token: the token or the request is at fault. */
export interface Refused {
  type: "refuse";
  what: "token";
  code: ErrorCode;
  /** whose token it was, if it is known to be the issuer's */
  token?: RefusedToken;
}

/**
 * The server gives tokens that end at once (`expires_in: 0`), so that each call requests another.
 * Reported once.
 */
export interface Warned {
  type: "warn";
  what: "token";
  code: "token_expired";
}

/**
 * A key file ends soon: its `expirationDate` is at most 30 days ahead, and then at most 7. Reported
 * when the key signs, once for each of the two.
 */
export interface Expiring {
  type: "expiring";
  what: "key";
  /** the `expirationDate` */
  expiresAt: number;
  withinDays: 30 | 7;
}

/**
 * A source or a verifier is not kept any longer, since there are more than `maxInstances`. Equal
 * options make a new one, which knows no token. Whoever holds the old one can go on using it.
 */
export interface Dropped {
  type: "drop";
  what: "source" | "verifier";
}

/**
 * What became of a read or a write of the option `store`. Callers notice none of it but the time of
 * a cold start, of which a read takes at most 300 ms.
 *
 * - `found`: the token was taken from the store, so none was requested. `written`: it was put there.
 * - `failed`: the store threw an error. `slow`: it took too long.
 * - `garbage`: what it holds is no sealed token. `sealed`: it does not open: it was sealed with
 *   another secret, for another source, or changed.
 * - `older`: it is older than the token that is held. `refused`: that token was refused.
 */
export interface Stored {
  type: "store";
  what: "token";
  operation: "get" | "set";
  result: "found" | "written" | "failed" | "slow" | "garbage" | "sealed" | "older" | "refused";
  /** the name of the error that the store threw, such as `TypeError` */
  cause?: string;
}

/**
 * What a token source or a token verifier reports to `onEvent`, for logs and metrics. Events hold
 * no secret. Times are ms since 1970.
 *
 * @typedef {Fetched | Retried | Failed | Rejected | Refused} SourceEvent
 */

/**
 * Which value an event is about.
 *
 * @typedef {"token" | "metadata" | "keys" | "introspection"} Subject
 */

/**
 * A value was obtained. `fetch`: callers waited for it. `refresh`: it was obtained ahead of time,
 * in the background.
 *
 * @typedef {object} Fetched
 * @property {"fetch" | "refresh"} type
 * @property {Subject} what
 * @property {number} startedAt
 * @property {number} endedAt
 * @property {number} attempts how many attempts it took
 * @property {number | null} expiresAt `null` if the server does not say
 */

/**
 * An attempt failed, and another one follows.
 *
 * @typedef {object} Retried
 * @property {"retry"} type
 * @property {Subject} what
 * @property {number} attempt the number of the next attempt
 * @property {number} at when the next attempt starts
 * @property {import("../core/errors.js").ErrorCode} code why the last attempt failed
 * @property {import("../core/errors.js").ErrorCategory} category
 */

/**
 * The last attempt failed.
 *
 * @typedef {object} Failed
 * @property {"fail"} type
 * @property {Subject} what
 * @property {number} startedAt
 * @property {number} endedAt
 * @property {number} attempts how many attempts there were
 * @property {import("../core/errors.js").ErrorCode} code
 * @property {import("../core/errors.js").ErrorCategory} category
 * @property {number} retryAt no other attempt starts before this time
 */

/**
 * `invalidate` was called, or an API answered `fetch` with 401: a source's token was refused where
 * it was used.
 *
 * @typedef {object} Rejected
 * @property {"invalidate"} type
 * @property {"token"} what
 * @property {boolean} counted whether the source requests another token because of it
 */

/**
 * A verifier did not accept a token: the token or the request is at fault.
 *
 * @typedef {object} Refused
 * @property {"refuse"} type
 * @property {"token"} what
 * @property {import("../core/errors.js").ErrorCode} code
 */

export {};

/**
 * What a token source or a verifier tells `onEvent`, for logs and metrics; nothing in it is secret.
 * Times are ms since 1970.
 *
 * @typedef {Fetched | Retried | Failed | Rejected | Refused} SourceEvent
 */

/** Which value an event is about. @typedef {"token" | "metadata" | "keys" | "introspection"} Subject */

/**
 * `fetch`: a value was obtained that callers waited for; `refresh`: the same ahead of time, while
 * nobody waited.
 *
 * @typedef {object} Fetched
 * @property {"fetch" | "refresh"} type
 * @property {Subject} what
 * @property {number} startedAt
 * @property {number} endedAt
 * @property {number} attempts how many it took
 * @property {number | null} expiresAt `null` where the server does not say
 */

/**
 * An attempt failed, and another follows.
 *
 * @typedef {object} Retried
 * @property {"retry"} type
 * @property {Subject} what
 * @property {number} attempt the number of the one to come
 * @property {number} at when it comes
 * @property {import("../core/errors.js").ErrorCode} code why the last one failed
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
 * @property {number} attempts how many there were
 * @property {import("../core/errors.js").ErrorCode} code
 * @property {import("../core/errors.js").ErrorCategory} category
 * @property {number} retryAt before this there is no other
 */

/**
 * A source's token was refused where it was used.
 *
 * @typedef {object} Rejected
 * @property {"invalidate"} type
 * @property {"token"} what
 * @property {boolean} counted whether that leads to another one
 */

/**
 * A verifier did not take a token: it or the request is at fault.
 *
 * @typedef {object} Refused
 * @property {"refuse"} type
 * @property {"token"} what
 * @property {import("../core/errors.js").ErrorCode} code
 */

export {};

/**
 * What a token source tells `onEvent`, for logs and metrics; nothing in it is secret. Times are ms since 1970.
 *
 * `fetch`: a value was obtained that callers waited for; `refresh`: the same ahead of time, while nobody waited; `retry`: an
 * attempt failed and the next follows `at` that time; `fail`: the last attempt failed, and before `retryAt` there is no other;
 * `reject`: a token was refused where it was used; `counted` tells whether that leads to another one.
 * @typedef {Fetched | Retried | Failed | Rejected} SourceEvent
 */
/** @typedef {"token" | "metadata"} Subject */
/** @typedef {{ type: "fetch" | "refresh", what: Subject, startedAt: number, endedAt: number, attempts: number, expiresAt: number | null }} Fetched */
/** @typedef {{ type: "retry", what: Subject, attempt: number, at: number, code: import("./errors.js").ErrorCode, class: import("./errors.js").ErrorClass }} Retried `attempt`: the number of the one to come */
/** @typedef {{ type: "fail", what: Subject, startedAt: number, endedAt: number, attempts: number, code: import("./errors.js").ErrorCode, class: import("./errors.js").ErrorClass, retryAt: number }} Failed */
/** @typedef {{ type: "reject", what: Subject, counted: boolean }} Rejected */

export {};

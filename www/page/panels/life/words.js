// @ts-check
// What the timeline shows, in words; and the documented spans that it is drawn with.

/** @typedef {import("./history.js").History} History */
/** @typedef {import("../../../../pkg/src/io/events.js").SourceEvent} SourceEvent */

/**
 * What `Policy::TOKEN` of src/freshness.rs comes to: when a refresh begins at the earliest and at
 * the latest, and from when on a token is used no more while its server answers. All in ms before
 * its end.
 *
 * @param {{ obtainedAt: number; expiresAt: number }} token
 */
export function spansOf({ obtainedAt, expiresAt }) {
  const lifetime = expiresAt - obtainedAt;
  const latest = Math.min(300_000, lifetime * 0.2);
  return { earliest: latest * 1.5, latest, margin: Math.min(30_000, lifetime * 0.1) };
}

/**
 * @param {History} history
 * @param {number} at by the machine's clock
 * @param {boolean} isCalled whether somebody calls each second
 */
export function sentenceOf(history, at, isCalled) {
  const { current, pending, waiting, failure, offset } = history;
  const now = at + offset;
  const left = current ? current.expiresAt - now : 0;
  if (!current || left <= (failure ? 0 : spansOf(current).margin))
    return withoutToken(history, now);
  const token = `Token ${current.number}`;
  if (pending)
    return `${token} is good for ${duration(left)} and being refreshed: callers get it meanwhile, nobody waits.`;
  if (failure)
    return `The server fails, but ${token.toLowerCase()} is good for ${duration(left)}: callers notice nothing yet.`;
  if (waiting) return `${token} is good for ${duration(left)}; ${people(waiting)} for another one.`;
  const { earliest, latest } = spansOf(current);
  const fresh = `${token} is fresh for ${duration(left)}`;
  if (!isCalled) return `${fresh}; nobody calls, so nobody refreshes it.`;
  if (left > earliest)
    return `${fresh}; a refresh is expected from ${duration(earliest)} before its end, in ${duration(left - earliest)}.`;
  return `${token} is good for ${duration(left)}; a call refreshes it ${duration(latest)} before its end at the latest.`;
}

/** @type {(history: History, now: number) => string} */
function withoutToken({ pending, waiting, failure, tokens }, now) {
  if (waiting && pending) return `No token yet: ${people(waiting)} for one request.`;
  if (waiting) return `No token: the request failed and is tried again, ${people(waiting)}.`;
  const pause = failure ? failure.retryAt - now : 0;
  if (failure && pause > 0)
    return `No token: callers get the error at once, the next request comes in ${duration(pause)} at the earliest.`;
  return tokens.at(-1)?.rejectedAt === undefined
    ? "No token that is good: the next caller gets one."
    : "The token was refused: the next caller gets another.";
}

/** @param {SourceEvent} event */
export function detailOf(event) {
  if (event.type === "fetch" || event.type === "refresh") {
    const took = `${duration(event.endedAt - event.startedAt)}, ${event.attempts === 1 ? "1 attempt" : `${event.attempts} attempts`}`;
    return event.expiresAt === null ? took : `${took}; ends ${clockTime(event.expiresAt)}`;
  }
  if (event.type === "retry") return `attempt ${event.attempt} follows`;
  if (event.type === "fail")
    return `${event.attempts === 1 ? "1 attempt" : `${event.attempts} attempts`}; no other before ${clockTime(event.retryAt)}`;
  if (event.type === "invalidate")
    return event.counted
      ? "the next caller gets another"
      : "not counted: it replaced one that was rejected less than a minute ago";
  return "";
}

/** @param {import("./worker.js").Calls} calls that are done */
export function resultOf({ atOnce, waited, failed, count }) {
  const parts = [
    [atOnce, "served at once"],
    [waited, "served after waiting"],
    [failed, "failed"],
  ].filter(([number]) => number);
  return `${count === 1 ? "1 caller" : `${count} callers`}: ${parts.map(([number, what]) => (number === count ? what : `${number} ${what}`)).join(", ")}`;
}

/** @param {number} waiting */
function people(waiting) {
  return waiting === 1 ? "1 caller waits" : `${waiting} callers wait`;
}

/** @param {number} millis */
export function duration(millis) {
  const seconds = Math.abs(millis) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}\u00a0s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  const parts = [
    hours && `${hours}\u00a0h`,
    minutes && `${minutes}\u00a0min`,
    whole < 600 && rest && `${rest}\u00a0s`,
  ];
  return parts.filter(Boolean).join(" ");
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** @param {number} time */
export function clockTime(time) {
  return CLOCK.format(time);
}

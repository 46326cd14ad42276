// @ts-check
// What the timeline shows, in words; and the documented spans that it is drawn with.

/** @typedef {import("./history.js").History} History */
/** @typedef {import("edge-credentials").SourceEvent} SourceEvent */

/**
 * What `Policy::TOKEN` of src/lifecycle/mod.rs comes to: when a refresh begins at the earliest and
 * at the latest, and from when on a token is used no more while its server answers. All in ms
 * before its end.
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
  const good = `${current.number} is good for ${duration(left)}`;
  if (pending) return `Token ${good} and being refreshed: callers get it meanwhile, nobody waits.`;
  if (failure) return `The server fails, but token ${good}: callers notice nothing yet.`;
  if (waiting) return `Token ${good}; ${people(waiting)} for another one.`;

  const { earliest, latest } = spansOf(current);
  const fresh = `Token ${current.number} is fresh for ${duration(left)}`;
  if (!isCalled) return `${fresh}; nobody calls, so nobody refreshes it.`;
  if (left > earliest) {
    const expected = `a refresh is expected from ${duration(earliest)} before its end`;
    return `${fresh}; ${expected}, in ${duration(left - earliest)}.`;
  }
  return `Token ${good}; a call refreshes it ${duration(latest)} before its end at the latest.`;
}

/** @type {(history: History, now: number) => string} */
function withoutToken({ pending, waiting, failure, tokens }, now) {
  if (waiting && pending) return `No token yet: ${people(waiting)} for one request.`;
  if (waiting) return `No token: the request failed and is tried again, ${people(waiting)}.`;
  const pause = failure ? failure.retryAt - now : 0;
  if (pause > 0) {
    const next = `the next request comes in ${duration(pause)} at the earliest`;
    return `No token: callers get the error at once, ${next}.`;
  }
  return tokens.at(-1)?.rejectedAt === undefined
    ? "No token that is good: the next caller gets one."
    : "The token was refused: the next caller gets another.";
}

/** @param {SourceEvent} event */
export function detailOf(event) {
  if (event.type === "fetch" || event.type === "refresh") {
    const took = `${duration(event.endedAt - event.startedAt)}, ${attempts(event.attempts)}`;
    return event.expiresAt === null ? took : `${took}; ends ${clockTime(event.expiresAt)}`;
  }
  if (event.type === "retry") return `attempt ${event.attempt} follows`;
  if (event.type === "fail")
    return `${attempts(event.attempts)}; no other before ${clockTime(event.retryAt)}`;
  if (event.type === "invalidate")
    return event.counted
      ? "the next caller gets another"
      : "not counted: it replaced one that was rejected less than a minute ago";
  return "";
}

/** @param {import("./worker.js").Calls} calls that are done */
export function resultOf({ atOnce, waited, failed, count }) {
  const parts = [
    { number: atOnce, what: "served at once" },
    { number: waited, what: "served after waiting" },
    { number: failed, what: "failed" },
  ];
  const said = parts
    .filter(({ number }) => number > 0)
    .map(({ number, what }) => (number === count ? what : `${number} ${what}`));
  const callers = count === 1 ? "1 caller" : `${count} callers`;
  return `${callers}: ${said.join(", ")}`;
}

/** @param {number} count */
function attempts(count) {
  return count === 1 ? "1 attempt" : `${count} attempts`;
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
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = whole % 60;
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

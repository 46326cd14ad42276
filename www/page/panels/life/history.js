// @ts-check
// What has happened in one run of the panel, as the timeline draws it. Times are by the machine's
// clock unless they are a token's or an event's.

/** @typedef {import("./worker.js").News} News */
/** @typedef {import("./worker.js").Calls} Calls */
/** @typedef {import("./server.js").Request} Request */
/** @typedef {import("edge-credentials").SourceEvent} SourceEvent */

/**
 * A token that was obtained; `obtainedAt` and `expiresAt` are by the moved clock, `offset` is how
 * far that was moved while the token was the current one.
 *
 * @typedef {object} Held
 * @property {number} number
 * @property {number} obtainedAt
 * @property {number} expiresAt
 * @property {number} startedAt when its request was sent
 * @property {number} offset
 * @property {number} jumpedAt when the clock was last moved
 * @property {number} [replacedAt]
 * @property {number} [rejectedAt]
 * @property {number} [aheadBy] how long before its predecessor's end it was asked for, ms
 */

/** How long calls and requests are remembered, ms: longer than any timeline shows. */
const REMEMBERED = 120_000;
const MOST_TOKENS = 12;
const MOST_EVENTS = 50;

export class History {
  /** @type {Held[]} */
  tokens = [];
  /** @type {Request[]} */
  requests = [];
  /** @type {Calls[]} */
  calls = [];
  /** @type {{ at: number; by: number }[]} */
  jumps = [];
  /**
   * The latest first.
   *
   * @type {{ event: SourceEvent; time: number }[]}
   */
  events = [];
  counts = { callers: 0, requests: 0, atOnce: 0, waited: 0, failed: 0 };
  /** How far the clock is moved, ms. */
  offset = 0;
  /**
   * The last failure since the last success.
   *
   * @type {Extract<SourceEvent, { type: "fail" }> | undefined}
   */
  failure;
  #tokenCount = 0;

  /** @param {News} news */
  take(news) {
    if (news.type === "request") this.#takeRequest(news.request);
    if (news.type === "calls") this.#takeCalls(news.calls);
    if (news.type === "event") this.#takeEvent(news.event, news.at);
    if (news.type === "clock") this.#takeJump(news);
    this.#forget(news.at - REMEMBERED);
  }

  /** The token that callers get while it is good. */
  get current() {
    const last = this.tokens.at(-1);
    return last?.rejectedAt === undefined ? last : undefined;
  }

  get pending() {
    return this.requests.find(({ endedAt }) => endedAt === undefined);
  }

  get waiting() {
    const open = this.calls.filter(({ endedAt }) => endedAt === undefined);
    return open.reduce((sum, { count }) => sum + count, 0);
  }

  /** @param {Request} request */
  #takeRequest(request) {
    if (request.endedAt === undefined) this.counts.requests += 1;
    put(this.requests, request);
  }

  /** @param {Calls} calls */
  #takeCalls(calls) {
    if (put(this.calls, calls)) this.counts.callers += calls.count;
    if (calls.endedAt === undefined) return;
    for (const name of /** @type {const} */ (["atOnce", "waited", "failed"]))
      this.counts[name] += calls[name];
  }

  /** @type {(event: SourceEvent, at: number) => void} */
  #takeEvent(event, at) {
    this.events.unshift({ event, time: at + this.offset });
    const { current } = this;
    if (event.type === "fail") this.failure = event;
    if (event.type === "invalidate" && event.counted && current) current.rejectedAt = at;
    if (event.type === "fetch" || event.type === "refresh") this.#takeToken(event, at);
  }

  /** @type {(event: Extract<SourceEvent, { type: "fetch" | "refresh" }>, at: number) => void} */
  #takeToken({ type, startedAt: askedAt, expiresAt }, at) {
    if (expiresAt === null) return;

    const { current } = this;
    const last = this.tokens.at(-1);
    if (last) last.replacedAt = last.rejectedAt ?? at;

    const startedAt = this.requests.at(-1)?.sentAt ?? at;
    const obtainedAt = startedAt + this.offset;
    const aheadBy = type === "refresh" && current ? current.expiresAt - askedAt : Infinity;

    this.failure = undefined;
    this.#tokenCount += 1;
    this.tokens.push({
      number: this.#tokenCount,
      obtainedAt,
      expiresAt,
      startedAt,
      offset: this.offset,
      jumpedAt: startedAt,
      aheadBy: aheadBy < expiresAt - obtainedAt ? aheadBy : undefined,
    });
  }

  /** @type {(jump: { at: number; by: number; offset: number }) => void} */
  #takeJump({ at, by, offset }) {
    this.offset = offset;
    this.jumps.push({ at, by });
    const last = this.tokens.at(-1);
    if (last) Object.assign(last, { offset, jumpedAt: at });
  }

  /** @param {number} before */
  #forget(before) {
    this.calls = this.calls.filter(({ endedAt = Infinity }) => endedAt > before);
    this.requests = this.requests.filter(({ endedAt = Infinity }) => endedAt > before);
    this.jumps = this.jumps.filter(({ at }) => at > before);
    this.tokens = this.tokens.slice(-MOST_TOKENS);
    this.events = this.events.slice(0, MOST_EVENTS);
  }
}

/**
 * Replaces what has the same id.
 *
 * @template {{ id: number }} T
 * @param {T[]} list
 * @param {T} item
 * @returns whether it is new
 */
function put(list, item) {
  const at = list.findIndex(({ id }) => id === item.id);
  if (at < 0) list.push(item);
  else list[at] = item;
  return at < 0;
}

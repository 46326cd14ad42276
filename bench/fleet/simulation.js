// @ts-check
// A fleet in simulated time: the real reducer decides for each isolate, and time, chance, the store
// and the server are ours.
import { readFileSync } from "node:fs";
import { root } from "../../scripts/run.js";

/** Built by `npm run build`. */
const core = await import(`file://${root}pkg/dist/wasm/edge_credentials.js`);
core.initSync({ module: readFileSync(`${root}pkg/dist/wasm/edge_credentials_bg.wasm`) });

/** As `src/wasm/lifecycle.rs` lists them. */
export const POLICY = { uniform: 0, exponential: 4, broker: 5 };
const ASK = 0;
const FETCHED = 1;
const USE_AND_REFRESH = 1;
/** Their places, as `SLOTS` in pkg/src/core/calls.ts has them. */
const UNTIL = 2;
const LEASE = 3;
const LENGTH = 25;

/** How long a token request takes, ms. */
const REQUEST = 200;

/** @typedef {{ at: number; end: number }} Token when it was requested, and when it ends */

/**
 * How many requests each rollover takes while every isolate is busy.
 *
 * @param {object} plan
 * @param {number} plan.isolates
 * @param {number} plan.lifetime of a token, ms
 * @param {number} plan.propagation how long a value takes to arrive elsewhere, ms
 * @param {number} plan.policy of each isolate
 * @param {"none" | "store" | "broker"} plan.sharing
 * @param {number} plan.rollovers
 * @param {number} plan.seed
 * @returns {number[]} the requests of each rollover
 */
export function simulate({ isolates, lifetime, propagation, policy, sharing, rollovers, seed }) {
  const random = randomFrom(seed);
  /** @type {Token} */
  const first = { at: 0, end: lifetime };
  /** When each value is visible, the oldest first. @type {{ from: number; token: Token }[]} */
  const values = [];
  /** @type {number[]} */
  const requests = [];
  const broker = isolate(first, POLICY.broker, random);
  const fleet = Array.from({ length: isolates }, () => isolate(first, policy, random));
  const queue = new Queue(fleet.map(({ dueAt }, id) => ({ at: dueAt(), id })));

  /** @type {(now: number) => Token} */
  const request = (now) => {
    requests.push(now);
    const token = { at: now, end: now + lifetime };
    values.push({ from: now + REQUEST + propagation, token });
    return token;
  };
  /** @type {Record<typeof sharing, (now: number, held: Token) => Token>} */
  const next = {
    none: request,
    store(now, held) {
      const found = values.findLast(({ from }) => from <= now)?.token;
      return found && found.at > held.at ? found : request(now);
    },
    broker(now) {
      if (now >= broker.dueAt()) broker.renew(now, () => request(now));
      return broker.token();
    },
  };

  const stopAt = lifetime * (rollovers + 1);
  for (;;) {
    const { at, id } = queue.pop();
    if (at > stopAt) break;
    fleet[id].renew(at, (held) => next[sharing](at, held));
    queue.push({ at: fleet[id].dueAt(), id });
  }
  return byRollover(requests, lifetime).slice(0, rollovers);
}

/** @param {Token} token @param {number} policy @param {() => number} random */
function isolate(token, policy, random) {
  const state = new Float64Array(LENGTH).fill(NaN);
  const step = (
    /** @type {number} */ event,
    /** @type {number} */ now,
    generation = NaN,
    { at, end } = token,
  ) => core.step(state, policy, event, generation, 0, at, end, now, random());
  let current = token;
  step(ASK, token.at);
  step(FETCHED, token.at, state[LEASE]);
  let due = state[UNTIL];

  return {
    dueAt: () => due,
    token: () => current,
    /** @type {(now: number, fetch: (held: Token) => Token) => void} */
    renew(now, fetch) {
      const decision = step(ASK, now);
      if (decision !== USE_AND_REFRESH) throw new Error(`decision ${decision} at ${now}`);
      const generation = state[LEASE];
      current = fetch(current);
      step(FETCHED, now + REQUEST, generation, current);
      due = Math.max(now + REQUEST, state[UNTIL]);
    },
  };
}

/** The lead is at most half of the life, so what comes later belongs to the next rollover. */
function byRollover(/** @type {number[]} */ times, /** @type {number} */ lifetime) {
  /** @type {number[]} */
  const counts = [];
  let start = -Infinity;
  for (const time of times) {
    if (time - start > lifetime / 2) {
      start = time;
      counts.push(0);
    }
    counts[counts.length - 1] += 1;
  }
  return counts;
}

/** A generator of the kind of mulberry32: the same numbers for the same seed. */
function randomFrom(/** @type {number} */ seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @typedef {{ at: number; id: number }} Entry */

/** The earliest first. */
class Queue {
  /** @param {Entry[]} entries */
  constructor(entries) {
    /** @type {Entry[]} */
    this.heap = [];
    for (const entry of entries) this.push(entry);
  }

  /** @param {Entry} entry */
  push(entry) {
    const { heap } = this;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].at <= entry.at) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = entry;
  }

  /** @returns {Entry} */
  pop() {
    const { heap } = this;
    const [earliest] = heap;
    const last = /** @type {Entry} */ (heap.pop());
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child + 1 < heap.length && heap[child + 1].at < heap[child].at) child += 1;
      if (child >= heap.length || heap[child].at >= last.at) break;
      heap[place] = heap[child];
      place = child;
    }
    if (heap.length > 0) heap[place] = last;
    return earliest;
  }
}

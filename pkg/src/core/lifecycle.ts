// The core's reducer (`src/lifecycle`), which decides when a value is used, fetched or waited for.
import * as core from "../../dist/wasm/edge_credentials.js";
import { SLOTS } from "./calls.js";
import type { PolicyKind } from "./policies.js";
import { call } from "./wasm.js";

export { SLOTS } from "./calls.js";
export { PolicyKind } from "./policies.js";

// The numbers of the kinds are those that `src/wasm/lifecycle.rs` lists.

export type DecisionKind = number;
export type EventKind = number;
export type RetryKind = number;

export const DecisionKind = {
  Use: 0,
  UseAndRefresh: 1,
  Fetch: 2,
  Retry: 3,
  Wait: 4,
  Fail: 5,
  Gone: 6,
} as const;

export const EventKind = {
  Ask: 0,
  Fetched: 1,
  Failed: 2,
  Rejected: 3,
  Renew: 4,
  Withdrawn: 5,
} as const;

export const RetryKind = { Never: 0, Soon: 1, Brief: 2, AtOnce: 3, Once: 4, Late: 5 } as const;

/** What an event is about. Times are ms since 1970. */
export interface EventArguments {
  generation?: number;
  retry?: RetryKind;
  /** when the request was sent, or when the server permits another one */
  at?: number | undefined;
  /** when the value ends */
  end?: number;
}

const NEW_STATE = new Float64Array(Object.keys(SLOTS).length).fill(NaN);

/** A new state. `SLOTS` names the places of the numbers. */
export function newState(): Float64Array {
  return NEW_STATE.slice();
}

/** Passes an event to the reducer, which changes the state, and returns its decision. */
export function step(
  state: Float64Array,
  policy: PolicyKind,
  event: EventKind,
  { generation = NaN, retry = RetryKind.Never, at = NaN, end = NaN }: EventArguments = {},
): DecisionKind {
  return call(() =>
    core.step(state, policy, event, generation, retry, at, end, Date.now(), Math.random()),
  );
}

// The core's reducer (`src/lifecycle`), which decides when a value is used, fetched or waited for.
import { RetryKind, step as stepOfCore } from "../../dist/wasm/edge_credentials.js";
import type { DecisionKind, EventKind, PolicyKind } from "../../dist/wasm/edge_credentials.js";
import { SLOTS } from "./calls.js";
import { call } from "./wasm.js";

export {
  DecisionKind,
  EventKind,
  PolicyKind,
  RetryKind,
} from "../../dist/wasm/edge_credentials.js";
export { SLOTS } from "./calls.js";

/** What an event is about. Times are ms since 1970. */
export interface EventArguments {
  generation?: number;
  retry?: RetryKind;
  /** when the request was sent, or when the server permits another one */
  at?: number | undefined;
  /** when the value ends */
  end?: number;
}

/** A new state. `SLOTS` names the places of the numbers. */
export function newState(): Float64Array {
  return new Float64Array(Object.keys(SLOTS).length).fill(NaN);
}

/** Passes an event to the reducer, which changes the state, and returns its decision. */
export function step(
  state: Float64Array,
  policy: PolicyKind,
  event: EventKind,
  { generation = NaN, retry = RetryKind.Never, at = NaN, end = NaN }: EventArguments = {},
): DecisionKind {
  return call(() =>
    stepOfCore(state, policy, event, generation, retry, at, end, Date.now(), Math.random()),
  );
}

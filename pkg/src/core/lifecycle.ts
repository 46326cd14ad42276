// The core's reducer (`src/lifecycle`), which decides when a value is used, fetched or waited for.
import * as core from "../../dist/wasm/edge_credentials.js";
import { SLOTS } from "./calls.js";
import { call } from "./wasm.js";

export { SLOTS } from "./calls.js";

// Named here too, since the declarations that npm ships cannot name the module's own.
type Kinds<Name extends string> = { readonly [K in Name]: number };

export type DecisionKind = number;
export type EventKind = number;
export type PolicyKind = number;
export type RetryKind = number;

export const DecisionKind: Kinds<
  "Use" | "UseAndRefresh" | "Fetch" | "Retry" | "Wait" | "Fail" | "Gone"
> = core.DecisionKind;
export const EventKind: Kinds<"Ask" | "Fetched" | "Failed" | "Rejected" | "Renew" | "Withdrawn"> =
  core.EventKind;
export const PolicyKind: Kinds<"Token" | "Metadata" | "Keys" | "Introspection"> = core.PolicyKind;
export const RetryKind: Kinds<"Never" | "Soon" | "Brief" | "AtOnce" | "Once"> = core.RetryKind;

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

// The core's policies by their numbers, which `src/wasm/lifecycle.rs` lists. In a file of its own:
// stores name one, and have no core.

export type PolicyKind = number;

export const PolicyKind = {
  Token: 0,
  Metadata: 1,
  Keys: 2,
  Introspection: 3,
  SharedToken: 4,
  BrokeredToken: 5,
} as const;

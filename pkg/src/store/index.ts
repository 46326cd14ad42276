// Isolates that share a token through a key-value store: fewer requests, never a promise of one.
export { sharedStore } from "./shared-store.js";
export type { KeyValueStore } from "./key-value-store.js";
export type { TokenStore } from "../core/token-store.js";

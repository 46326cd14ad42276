// One token for a fleet of Workers: a Durable Object that holds it, or Workers KV to share it. The
// types are structural, so that it needs none of Cloudflare's packages.
export type { Answer, Question } from "./answer.js";
export { brokered } from "./brokered.js";
export type { BrokeredOptions, BrokerNamespace } from "./brokered.js";
export { kvStore } from "./kv-store.js";
export type { KvNamespace } from "./kv-store.js";
export { tokenBroker } from "./token-broker.js";
export type { BrokerOptions, TokenBroker } from "./token-broker.js";

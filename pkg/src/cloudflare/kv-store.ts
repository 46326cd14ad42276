// Workers KV as a store.
import { guardReads, invalidOption } from "../core/guard-reads.js";
import type { TokenStore } from "../core/token-store.js";
import { startTimer } from "../io/timeout.js";
import { sharedStore } from "../store/shared-store.js";

/** A namespace of Workers KV. */
export interface KvNamespace {
  get: (key: string) => Promise<string | null>;
  put: (key: string, value: string, options: { expirationTtl: number }) => Promise<void>;
}

/** The shortest time that KV keeps a value, s. */
const SHORTEST = 60;

/** KV takes one write a second for a key: how long to wait after a 429, ms. */
const PAUSE = 1_100;

const stores: WeakMap<object, TokenStore> = new WeakMap();

/**
 * Lets isolates share the token of a source through Workers KV. A value takes up to 60 s to arrive
 * everywhere. The same namespace gives the same store, so it may be called in every request.
 *
 * @throws {AuthError} `option_invalid`
 */
export function kvStore(namespace: KvNamespace): TokenStore {
  const isNamespace = guardReads(
    () =>
      typeof Object(namespace).get === "function" && typeof Object(namespace).put === "function",
  );
  if (!isNamespace) {
    throw invalidOption(
      "`kvStore` takes a namespace of Workers KV",
      "add it to `kv_namespaces` in wrangler's configuration, and pass the binding",
    );
  }
  const known = stores.get(namespace);
  if (known) return known;

  /** the last write of each key that is being written */
  const latest = new Map<string, symbol>();
  const store = sharedStore({
    get: (key) => namespace.get(key),
    async set(key, value, { ttl }) {
      const own = Symbol(key);
      latest.set(key, own);
      const put = () => namespace.put(key, value, { expirationTtl: Math.max(SHORTEST, ttl) });
      const isLatest = () => latest.get(key) === own;
      try {
        await put();
      } catch {
        // Mostly 429. What the second attempt throws is reported.
        await new Promise<void>((resolve) => {
          startTimer(resolve, PAUSE, { keepsAlive: false });
        });
        // A later write has the newer value.
        if (isLatest()) await put();
      } finally {
        if (isLatest()) latest.delete(key);
      }
    },
  });
  stores.set(namespace, store);
  return store;
}

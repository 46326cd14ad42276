// Shares the token of a source through a key-value store.
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { PolicyKind } from "../core/policies.js";
import type { TokenStore } from "../core/token-store.js";
import type { KeyValueStore } from "./key-value-store.js";
import { sharedToken, tokenStoreOf } from "./shared-token.js";

/**
 * Lets isolates share the token of a source through a key-value store, such as Redis. For Workers
 * KV there is `kvStore`. Call it once, at module level, and pass what it returns to the option
 * `store` of `tokenSource`.
 *
 * Values are sealed with a key that is derived from the client secret or the private key. A store
 * that fails, hangs or lies costs a request, and at most 300 ms when a source starts.
 *
 * @throws {AuthError} `option_invalid`
 */
export function sharedStore(store: KeyValueStore): TokenStore {
  const isStore = guardReads(
    () => typeof Object(store).get === "function" && typeof Object(store).set === "function",
  );
  if (!isStore) {
    throw invalidOption(
      "`sharedStore` takes an object with `get` and `set`",
      "write `sharedStore({ get: (key) => …, set: (key, value, { ttl }) => … })`",
    );
  }
  return tokenStoreOf((source) => {
    const { clientSecret, key, assertion } = source.options;
    // What a function asserts cannot be compared across isolates: two users would meet.
    if (assertion !== undefined || (clientSecret === undefined && key === undefined)) {
      throw invalidOption(
        "`store` needs a `clientSecret` or a `key`, and no assertion of another",
        "values are sealed with it; without one, use a broker (docs/recipes/fleet.md)",
      );
    }
    return sharedToken(store, source, PolicyKind.SharedToken);
  });
}

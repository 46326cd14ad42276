// @ts-check
// Isolates over one store, for tests: sources whose `fetch` differs, so that they share nothing else.
import { setTimeout as wait } from "node:timers/promises";
import { tokenSource } from "edge-credentials";
import { sharedStore } from "edge-credentials/store";
import { fakeIssuer } from "edge-credentials/testing";

/** @typedef {import("edge-credentials/store").KeyValueStore} KeyValueStore */

/**
 * @param {Partial<KeyValueStore>} [replaced] what the store does else
 * @param {import("edge-credentials/testing").FakeIssuerOptions} [options] of the issuer
 */
export function fleet(replaced, options) {
  const issuer = fakeIssuer(options);
  /** @type {Map<string, string>} */
  const values = new Map();
  /** @type {KeyValueStore} */
  const memory = {
    get: async (key) => values.get(key),
    async set(key, value) {
      values.set(key, value);
    },
  };
  const store = sharedStore({ ...memory, ...replaced });
  /** @type {import("edge-credentials").SourceEvent[]} */
  const events = [];

  /** A source as another isolate would have it. @param {Record<string, unknown>} [more] */
  const isolate = (more) =>
    tokenSource(
      /** @type {any} */ ({
        issuer: issuer.issuer,
        ...(more?.key === undefined && {
          clientId: issuer.clientId,
          clientSecret: issuer.clientSecret,
        }),
        fetch: (/** @type {any} */ url, /** @type {any} */ init) => issuer.fetch(url, init),
        store,
        onEvent: (/** @type {any} */ event) => events.push(event),
        ...more,
      }),
    );
  return {
    issuer,
    store,
    values,
    memory,
    events,
    isolate,
    tokenRequests: () => issuer.requests.filter(({ url }) => url.endsWith("/token")).length,
    /** What became of reads and writes, in their order. */
    results: () =>
      events.flatMap((event) =>
        event.type === "store" ? [`${event.operation} ${event.result}`] : [],
      ),
  };
}

/** More than the steps of WebCrypto that a write takes one after the other. */
const STEPS = 60;

/**
 * Until the writes have ended, which nobody waits for. Each of their steps waits in the same queue
 * as ours, so that a busy machine makes no difference.
 */
export async function settle() {
  for (let step = 0; step < STEPS; step += 1) {
    await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    await wait(1);
  }
}

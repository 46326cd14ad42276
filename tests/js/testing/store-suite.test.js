// @ts-check
// `storeSuite` passes a store that keeps what it gets, and fails each that does not.
import assert from "node:assert/strict";
import test from "node:test";
import { sharedStore } from "edge-credentials/store";
import { storeSuite } from "edge-credentials/testing";

/** @typedef {import("edge-credentials/store").KeyValueStore} KeyValueStore */

/**
 * @type {(
 *   change?: (memory: KeyValueStore & { values: Map<string, string> }) => Partial<KeyValueStore>,
 * ) => () => import("edge-credentials").TokenStore}
 */
function opener(change = () => ({})) {
  /** @type {Map<string, string>} */
  const values = new Map();
  const memory = {
    values,
    get: async (/** @type {string} */ key) => values.get(key),
    async set(/** @type {string} */ key, /** @type {string} */ value) {
      values.set(key, value);
    },
  };
  return () => sharedStore({ ...memory, ...change(memory) });
}

for (const { name, run } of storeSuite(opener())) test(name, run);

const late = storeSuite(
  opener(({ values }) => ({
    async set(key, value) {
      setTimeout(() => values.set(key, value), 300);
    },
  })),
);
for (const { name, run } of late) test(`a store that shows values late: ${name}`, run);

/** @type {[string, Parameters<typeof opener>[0], number][]} what fails, and how many tests */
const broken = [
  ["forgets everything", () => ({ async set() {} }), 5],
  ["throws", () => ({ get: () => Promise.reject(new Error("down")) }), 5],
  [
    "takes seconds for milliseconds",
    ({ values }) => ({
      async set(key, value, { ttl }) {
        values.set(key, value);
        setTimeout(() => values.delete(key), ttl);
      },
    }),
    1,
  ],
  [
    "cuts long values",
    ({ values }) => ({
      async set(key, value) {
        values.set(key, value.slice(0, 4_096));
      },
    }),
    1,
  ],
  [
    "has one value for all keys",
    ({ values }) => ({
      get: async () => values.get("one"),
      async set(_, value) {
        values.set("one", value);
      },
    }),
    1,
  ],
  [
    "keeps the first value",
    ({ values }) => ({
      async set(key, value) {
        if (!values.has(key)) values.set(key, value);
      },
    }),
    1,
  ],
];

for (const [what, change, failures] of broken) {
  test(`a store that ${what} does not pass`, async () => {
    const suite = storeSuite(opener(change), { propagation: 200 });
    const results = await Promise.allSettled(suite.map(({ run }) => run()));
    const failed = results.filter(({ status }) => status === "rejected");
    assert.ok(failed.length >= failures, `${failed.length} tests failed`);
  });
}

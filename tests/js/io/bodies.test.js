// @ts-check
// Bodies as a fetch of the caller's gives them: each chunk is read when it comes, once, and no more
// of them than a response may have.
import assert from "node:assert/strict";
import test from "node:test";
import { outcome, settled, watch } from "../support/promises.js";
import { sourceFixture } from "../support/fixtures/token-source.js";

const ANSWER = new TextEncoder().encode(
  JSON.stringify({ access_token: "token", note: "é🔑", token_type: "Bearer" }),
);

/**
 * What passes for a response, with a body of these chunks.
 *
 * @param {() => Iterable<unknown>} chunks
 */
function respond(chunks) {
  const iterator = chunks()[Symbol.iterator]();
  const reader = {
    read: async () => {
      const { done, value } = iterator.next();
      return { done: Boolean(done), value };
    },
    cancel: async () => {},
  };
  const headers = new Headers({ "content-type": "application/json" });
  return /** @type {any} */ ({ status: 200, headers, body: { getReader: () => reader } });
}

/** @type {Record<string, () => Iterable<unknown>>} */
const GOOD = {
  "in one piece": () => [ANSWER],
  "byte by byte, characters cut": () => Array.from(ANSWER, (byte) => Uint8Array.of(byte)),
  "with empty chunks": () => [new Uint8Array(), ANSWER, new Uint8Array()],
  *"in one buffer, which is used again for each"() {
    const buffer = new Uint8Array(8);
    for (let at = 0; at < ANSWER.length; at += buffer.length) {
      const part = ANSWER.subarray(at, at + buffer.length);
      buffer.set(part);
      yield buffer.subarray(0, part.length);
    }
  },
};

for (const [name, chunks] of Object.entries(GOOD)) {
  test(`a body is read ${name}`, async (t) => {
    const { source } = sourceFixture(t, { fetch: async () => respond(chunks) });
    assert.equal((await settled(source.get())).accessToken, "token");
  });
}

/** @type {Record<string, [chunks: () => Iterable<unknown>, code: string]>} */
const BAD = {
  "texts for bytes": [() => ['{"access', '_token":"t"}'], "network_failed"],
  "what only has a length": [() => [ANSWER, { length: 1e9 }], "network_failed"],
  "chunks without end": [
    function* () {
      for (;;) yield new Uint8Array(1_000).fill(32);
    },
    "response_too_large",
  ],
};

for (const [name, [chunks, code]] of Object.entries(BAD)) {
  test(`a body is refused: ${name}`, async (t) => {
    const { source } = sourceFixture(t, { fetch: async () => respond(chunks) });
    const caller = watch(source.get());
    await outcome(caller);
    assert.equal(caller.error?.code, code);
  });
}

/** An instance whose memory grew by what it was given is replaced. */
let instances = 0;
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, given) {
    instances += 1;
    return Reflect.construct(Instance, given);
  },
});

test("a text without end, of a fetch that has no streams, is refused by its length, and crosses to no memory", async (t) => {
  const response = {
    status: 200,
    headers: new Headers({ "content-type": "application/json" }),
    text: async () => " ".repeat(2 ** 28),
  };
  const { source } = sourceFixture(t, { fetch: async () => /** @type {any} */ (response) });
  const before = instances;
  const caller = watch(source.get());
  await outcome(caller);
  assert.equal(caller.error?.code, "response_too_large");
  assert.equal(instances, before);
});

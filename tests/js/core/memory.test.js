// @ts-check
// The module's memory: no secret stays in it, and it does not stay large.
import assert from "node:assert/strict";
import test from "node:test";
import { buildTokenRequest, importKey, parseTokenResponse } from "edge-credentials";
import { makePem } from "../support/keys/jwt.js";

const MAX_MEMORY = 8 * 2 ** 20;

/** Of each instance. The package makes the first one at the first call. */
const memories = /** @type {WebAssembly.Memory[]} */ ([]);
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, args) {
    const instance = new Instance(.../** @type {[WebAssembly.Module]} */ (args));
    memories.push(/** @type {WebAssembly.Memory} */ (instance.exports.memory));
    return instance;
  },
});

/** @param {string} text */
function isInMemory(text) {
  return memories.some(({ buffer }) => Buffer.from(buffer).includes(text));
}

test("what was passed in is wiped: a secret, a line of a private key, its number, a token", async () => {
  const privateKey = makePem("rsa", { modulusLength: 2048 });
  const request = buildTokenRequest({
    tokenEndpoint: "https://idp.example/token",
    clientId: "the-client-of-this-test",
    clientSecret: "a-secret-of-some-length",
  });
  await importKey(privateKey);
  const body = '{"access_token":"a-token-of-some-length","token_type":"bearer"}';
  parseTokenResponse({ status: 200, body }, { requestedAt: 1, request });

  assert.equal(memories.length, 1);
  const [, line] = privateKey.split("\n");
  assert.ok(!isInMemory(line));
  assert.ok(!isInMemory(Buffer.from(line, "base64").toString("latin1").slice(30)));
  assert.ok(!isInMemory("a-secret-of-some-length"));
  assert.ok(!isInMemory("a-token-of-some-length"));
  // What is looked for would be found.
  assert.ok(isInMemory("option_invalid"));
});

test("memory that grew by a hostile answer is given back by a new instance", () => {
  const names = Array.from({ length: 90_000 }, (_, at) => `"${at}":{}`);
  const body = `{${names.join()}}`;
  const before = memories.length;
  assert.throws(() => parseTokenResponse({ status: 200, body }, { requestedAt: 1 }));
  const metadata = { status: 200, headers: { "content-type": "application/json" } };
  assert.throws(() => parseTokenResponse({ ...metadata, body }, { requestedAt: 1 }));
  buildTokenRequest({ tokenEndpoint: "https://idp.example/t", clientId: "a", clientSecret: "b" });
  const last = memories[memories.length - 1];
  assert.ok(last.buffer.byteLength <= MAX_MEMORY, `${last.buffer.byteLength} bytes`);
  const largest = Math.max(...memories.map(({ buffer }) => buffer.byteLength));
  assert.equal(memories.length > before, largest > MAX_MEMORY);
});

// @ts-check
// The scopes of a challenge: what is quoted names none, and another scheme's are not ours.
import assert from "node:assert/strict";
import test from "node:test";
import { importSources } from "../support/core/sources.js";

const [{ scopeOf }] = await importSources("pkg/src/mcp/challenge-scope.ts");

/** @type {[string | null, string[]][]} */
const CHALLENGES = [
  [null, []],
  ["", []],
  ["Bearer", []],
  ['Bearer scope="a b a"', ["a", "b"]],
  ["Bearer scope=a", ["a"]],
  ['bearer error="x",scope = "a"', ["a"]],
  ['Basic realm="scope", Bearer scope="a"', ["a"]],
  ['Bearer realm="x", Basic scope="a"', []],
  ['Basic scope="a"', []],
  ['Negotiate abc==, Bearer scope="a"', ["a"]],
  // Quoted words are a server's, which may quote a request.
  ['Bearer x=" scope="evil"', []],
  ['Bearer scope="good", error_description=" scope="evil""', ["good"]],
  ['Bearer error_description="\\" scope=\\"evil", scope="good"', ["good"]],
  ['Bearer scope="a\tb \u001b c"', ["c"]],
  [`Bearer scope="${"a".repeat(9_000)}"`, []],
];

for (const [challenge, scopes] of CHALLENGES) {
  test(`${challenge?.slice(0, 60)}`, () => assert.deepEqual(scopeOf(challenge), scopes));
}

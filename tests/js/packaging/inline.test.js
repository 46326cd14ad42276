// @ts-check
// When the inline form compiles its text: at the first call, but in workerd while a Worker starts.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { root, temporaryFolder } from "../../../scripts/run.js";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";

test("an import compiles nothing; where nothing may be compiled, the call says so", async (t) => {
  const { Module } = WebAssembly;
  t.after(() => Object.assign(WebAssembly, { Module }));
  WebAssembly.Module = /** @type {any} */ (
    class {
      constructor() {
        throw new WebAssembly.CompileError("disallowed by embedder");
      }
    }
  );
  const { buildMetadataRequest } = await import("edge-credentials");
  const build = () => buildMetadataRequest({ issuer: "https://idp.example" });
  const refusal = { code: "module_missing", category: "misuse", cause: { name: "CompileError" } };
  assert.throws(build, refusal);

  Object.assign(WebAssembly, { Module });
  assert.equal(build().method, "GET");
});

test("in workerd, which compiles no bytes in a request", async (t) => {
  const { path: outdir, remove } = temporaryFolder("inline");
  t.after(remove);
  const entry = join(root, "tests/js/support/fleet/inline-worker.js");
  const modules = await bundleWorker({ entry, outdir });
  assert.deepEqual(
    modules.map(({ type }) => type),
    ["esModule"],
  );
  const worker = await startWorkerd({ modules });
  t.after(worker.stop);
  const response = await fetch(worker.url);
  assert.equal(await response.text(), "GET");
});

// @ts-check
// A trap, survived: the caller gets `internal`, the next call works. The module is a build of its
// own, with an export that traps (`node scripts/build/build.js --trap`); the one that ships has
// none (packaging/module.test.js).
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { bundleWorker, startWorkerd } from "../../../scripts/workerd/workerd.js";
import { bundleTrap } from "../support/trap/bundle.js";

const folder = mkdtempSync(join(tmpdir(), "edge-credentials-trap-"));
after(() => rmSync(folder, { recursive: true }));
const bundled = join(folder, "trap.mjs");
await bundleTrap(bundled);
const { trapAndGoOn, trapped } = await import(pathToFileURL(bundled).href);

test("in Node, a thousand times", () => {
  for (let i = 0; i < 1000; i++) {
    const { error, survived } = trapAndGoOn();
    assert.deepEqual(
      [error.name, error.code, error.category, error.cause],
      ["AuthError", "internal", "internal", { name: "RuntimeError" }],
    );
    assert.match(error.hint, /report it/);
    assert.ok(survived);
  }
});

test("where there is no memory for another instance, the error is the same, and a later call tries again", (t) => {
  const { Instance } = WebAssembly;
  t.after(() => Object.assign(WebAssembly, { Instance }));
  WebAssembly.Instance = /** @type {any} */ (
    class {
      constructor() {
        throw new RangeError("Out of memory");
      }
    }
  );
  assert.equal(trapped()?.code, "internal");
  assert.equal(trapped()?.code, "internal");
  let made = 0;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args) {
      made += 1;
      return new target(.../** @type {[WebAssembly.Module]} */ (args));
    },
  });
  assert.ok(trapAndGoOn().survived);
  assert.equal(
    made,
    2,
    "one before the call, instead of that which trapped before, and one after it",
  );
});

test("in workerd", async (t) => {
  const modules = await bundleWorker({ entry: bundled, outdir: join(folder, "worker") });
  const worker = await startWorkerd({ modules });
  t.after(worker.stop);
  for (let i = 0; i < 100; i++) {
    const { code, survived } = /** @type {{ code: string; survived: boolean }} */ (
      await (await fetch(worker.url)).json()
    );
    assert.deepEqual([code, survived], ["internal", true]);
  }
});

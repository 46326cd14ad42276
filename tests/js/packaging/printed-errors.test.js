// @ts-check
// A thrown error is called `AuthError` wherever Node prints it, whichever file of pkg/dist threw it.
// esbuild names a class `_AuthError` if the class refers to itself by its name.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

const THROWERS = [
  ["esm/inline.js", "tokenSource"],
  ["esm/manual.js", "tokenSource"],
  ["esm/hono.js", "bearerAuth"],
  ["cjs/index.cjs", "tokenSource"],
  ["cjs/manual.cjs", "tokenSource"],
  ["cjs/hono.cjs", "bearerAuth"],
];

for (const [file, name] of THROWERS) {
  test(`${file}: as a string, inspected, in an array, and uncaught`, () => {
    const { status, stdout, stderr } = throwFrom(file, name);

    assert.equal(status, 1, "the error that nobody catches ends the program");
    const { className, text, inspected, nested } = JSON.parse(stdout);
    assert.equal(className, "AuthError");
    assert.match(text, /^AuthError: `?\w/);
    assert.match(inspected, /^AuthError: `?\w/);
    assert.match(nested, /^\[\s+AuthError: `?\w/);
    assert.match(stderr, /^AuthError: `?\w/m);
    assert.doesNotMatch(stdout + stderr, /_AuthError|\[AuthError\]/);
  });
}

/**
 * @type {(
 *   file: string,
 *   name: string,
 * ) => import("node:child_process").SpawnSyncReturns<string>}
 */
function throwFrom(file, name) {
  const path = JSON.stringify(join(root, "pkg/dist", file));
  const load = file.endsWith(".cjs")
    ? `createRequire(${path})(${path})`
    : `await import(pathToFileURL(${path}))`;
  const script = `
    import { createRequire } from "node:module";
    import { pathToFileURL } from "node:url";
    import { inspect } from "node:util";
    const loaded = ${load};
    try {
      loaded.${name}(7);
    } catch (error) {
      const [className, text] = [error.constructor.name, String(error)];
      const [inspected, nested] = [inspect(error), inspect([error])];
      console.log(JSON.stringify({ className, text, inspected, nested }));
    }
    loaded.${name}(7);`;
  const args = ["--no-warnings", "--input-type=module", "--eval", script];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

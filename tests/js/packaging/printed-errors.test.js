// @ts-check
// A thrown error is called `AuthError` wherever Node prints it, whichever file of pkg/dist threw it.
// esbuild names a class `_AuthError` if the class refers to itself by its name.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

const STUB = "stubVerifier({}).challenge(7, { scope: '' })";
const THROWERS = [
  ["esm/inline.js", "tokenSource(7)"],
  ["esm/manual.js", "tokenSource(7)"],
  ["esm/hono.js", "bearerAuth(7)"],
  ["esm/mcp.js", "mcpAuth(7)"],
  ["esm/testing.js", STUB],
  ["cjs/index.cjs", "tokenSource(7)"],
  ["cjs/manual.cjs", "tokenSource(7)"],
  ["cjs/hono.cjs", "bearerAuth(7)"],
  ["cjs/mcp.cjs", "mcpAuth(7)"],
  ["cjs/testing.cjs", STUB],
];

for (const [file, call] of THROWERS) {
  test(`${file}: as a string, inspected, in an array, and uncaught`, () => {
    const { status, stdout, stderr } = throwFrom(file, call);

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
 *   call: string,
 * ) => import("node:child_process").SpawnSyncReturns<string>}
 */
function throwFrom(file, call) {
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
      loaded.${call};
    } catch (error) {
      const [className, text] = [error.constructor.name, String(error)];
      const [inspected, nested] = [inspect(error), inspect([error])];
      console.log(JSON.stringify({ className, text, inspected, nested }));
    }
    loaded.${call};`;
  const args = ["--no-warnings", "--input-type=module", "--eval", script];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

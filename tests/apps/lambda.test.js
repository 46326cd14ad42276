// @ts-check
// A Lambda handler, bundled by esbuild as AWS's own guides tell: one CommonJS file.
import assert from "node:assert/strict";
import test from "node:test";
import { NODES, nodeProgram } from "../../scripts/setup/nodes.js";
import { run, versionOf } from "./child.js";
import { EXPECTED, startServer } from "./server.js";

const SETTINGS = JSON.stringify(await startServer());

test(`a Lambda handler bundled by esbuild ${versionOf("esbuild")}`, async () => {
  const flags = ["--bundle", "--minify", "--platform=node", "--target=node20"];
  const args = ["lambda/handler.js", ...flags, "--outfile=out/lambda/handler.cjs"];
  const built = await run(nodeProgram(20), [
    "node_modules/esbuild/bin/esbuild",
    ...args,
    "--log-level=warning",
  ]);
  assert.deepEqual([built.code, built.stderr], [0, ""]);

  for (const major of /** @type {import("../../scripts/setup/nodes.js").Major[]} */ (
    Object.keys(NODES).map(Number)
  )) {
    const { stdout, stderr } = await run(nodeProgram(major), ["lambda/invoke.cjs"], {
      env: { SETTINGS },
    });
    assert.deepEqual(
      [JSON.parse(stdout), stderr],
      [{ statusCode: 200, ...EXPECTED }, ""],
      `Node ${major}`,
    );
  }
});

// @ts-check
// Writes pkg/src/core/calls.ts from the tables in Rust.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { root, run, runIfMain } from "../run.js";

const FILE = join(root, "pkg/src/core/calls.ts");
const EXAMPLE = ["run", "--quiet", "--locked", "--no-default-features", "--example", "schema"];

/**
 * @param {{ cwd?: string }} [options] the repository, or a copy of it
 * @returns {Promise<string>} the file that the tables make
 */
export async function generatedCalls({ cwd = root } = {}) {
  const text = await run("cargo", EXAMPLE, { stdout: "return", cwd });
  const options = { ...(await resolveConfig(FILE)), filepath: FILE };
  // The plugin for comments needs two passes for some of them.
  return format(await format(text, options), options);
}

runIfMain(import.meta, async () => writeFileSync(FILE, await generatedCalls()));

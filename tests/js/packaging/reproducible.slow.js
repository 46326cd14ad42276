// @ts-check
// Two clones in two folders make the same module, byte by byte.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root, run, temporaryFolder } from "../../../scripts/run.js";

const MODULE = "pkg/dist/wasm/edge_credentials_bg.wasm";
/** The program that binds runs on this machine and is no part of the module: it is not made anew. */
const BINDER = "target/bind";

test("two clones in two folders give the same bytes", async () => {
  const short = temporaryFolder("a");
  const long = temporaryFolder("a-folder-with-a-much-longer-name");
  try {
    const [one, other] = [await make(short.path), await make(join(long.path, "and", "deeper"))];
    assert.ok(one.length > 50_000, `${one.length} bytes`);
    assert.ok(one.equals(other), "the modules differ");
    for (const path of [short.path, long.path]) assert.ok(!one.includes(path), path);
  } finally {
    short.remove();
    long.remove();
  }
});

/** @param {string} folder */
async function make(folder) {
  const clone = join(folder, "clone");
  mkdirSync(folder, { recursive: true });
  await run("git", ["clone", "--quiet", "--no-hardlinks", root, clone], { stdout: "return" });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
  // The packages are those of this clone: no older than its lock file.
  utimesSync(join(clone, "package-lock.json"), 0, 0);
  if (existsSync(join(root, BINDER)))
    cpSync(join(root, BINDER), join(clone, BINDER), { recursive: true, preserveTimestamps: true });

  const script = `
    import { build } from "./scripts/build/build.js";
    await build({ types: false });`;
  const env = { ...process.env, CARGO_TARGET_DIR: join(clone, "target") };
  const args = ["--input-type=module", "--eval", script];
  await run(process.execPath, args, { cwd: clone, env, stdout: "return" });
  return readFileSync(join(clone, MODULE));
}

// @ts-check
// A Rust program that depends on the crate without its default features: it keeps its own allocator
// and its own exports, on both targets for WebAssembly.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

const BODY = "grant_type=client_credentials&scope=openid";
const TARGET_FOLDER = join(root, "target/dependents");

test("on wasm32-unknown-unknown it links, with its own exports and imports alone", async () => {
  const bytes = build("wasm32-unknown-unknown", "--lib");
  const module = new WebAssembly.Module(bytes);
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  assert.deepEqual(
    functions.map(({ name }) => name),
    ["body_length"],
  );
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const { exports } = await WebAssembly.instantiate(module, {});
  assert.equal(/** @type {() => number} */ (exports.body_length)(), BODY.length);
});

test("on wasm32-wasip1 it runs", () => {
  build("wasm32-wasip1", "--bin=dependent");
  const path = join(TARGET_FOLDER, "wasm32-wasip1/debug/dependent.wasm");
  const script = `
    import { readFileSync } from "node:fs";
    import { WASI } from "node:wasi";
    const wasi = new WASI({ version: "preview1" });
    const module = new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));
    wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));`;
  const args = ["--no-warnings", "--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.deepEqual({ stdout, stderr }, { stdout: `${BODY}\n`, stderr: "" });
});

/**
 * @param {string} target
 * @param {string} what
 */
function build(target, what) {
  const manifest = join(root, "tests/dependents/Cargo.toml");
  const args = [
    "build",
    "--quiet",
    "--locked",
    "--manifest-path",
    manifest,
    "--target",
    target,
    what,
  ];
  const env = { ...process.env, CARGO_TARGET_DIR: TARGET_FOLDER };
  const { status, stderr } = spawnSync("cargo", args, { cwd: root, env, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return readFileSync(join(TARGET_FOLDER, target, "debug/dependent.wasm"));
}

// @ts-check
// The set-up on machines that lack something, made of stand-ins on an otherwise empty PATH.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { root, run } from "../../../scripts/run.js";
import { lockedWasmBindgen } from "../../../scripts/setup/tools.js";

const RUST = { cargo: "[ $1 = fetch ] || echo cargo 1.95.0", rustc: "echo rustc 1.95.0" };
const TEST_TOOLS = Object.fromEntries(
  ["cargo-fmt", "cargo-clippy", "chromium", "chromedriver"].map((name) => [name, "echo 1.0.0"]),
);
const PINNED = lockedWasmBindgen();

test("without cargo it says where to get it", (t) => {
  const { status, stdout, stderr } = setUpWith(t, {});
  assert.equal(
    stderr,
    "error: cargo is missing: install Rust with rustup from https://rustup.rs and run this again\n",
  );
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
});

test("a rustup without a toolchain", (t) => {
  const { status, stderr } = setUpWith(t, {
    cargo: "exit 1",
    rustc: "exit 1",
    rustup: "echo rustup 1.28.2",
  });
  assert.equal(stderr, "error: rustup has no toolchain: run `rustup default stable`\n");
  assert.equal(status, 1);
});

test("a Rust that is too old", (t) => {
  const { status, stderr } = setUpWith(t, {
    cargo: "echo cargo 1.75.0",
    rustc: "echo rustc 1.75.0",
  });
  assert.match(
    stderr,
    /^error: rust 1\.75\.0 is too old: this needs 1\.\d+, run `rustup update stable`\n$/,
  );
  assert.equal(status, 1);
});

test("a Rust without the target, and no rustup to add it", (t) => {
  const { status, stderr } = setUpWith(t, RUST);
  const problem = "rust's wasm32-unknown-unknown is missing and there is no rustup to add it";
  assert.equal(stderr, `error: ${problem}: install it as your system's package\n`);
  assert.equal(status, 1);
});

test("the crates are not there, and there is no network", (t) => {
  const cargo =
    'if [ "$1" = --version ]; then echo cargo 1.95.0; else echo "cargo $*" >&2; exit 101; fi';
  const { status, stdout, stderr } = setUpWith(t, { ...RUST, ...withTarget(t), cargo });
  assert.deepEqual(stderr.split("\n"), [
    "cargo fetch --locked --target wasm32-unknown-unknown --target made-of-stand-ins",
    "error: could not install the crates: cargo says why above; " +
      "without a network connection, connect once and run this again",
    "",
  ]);
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
});

test("a Node that came without npm", async () => {
  const message =
    "`npm` is not on PATH: install Node together with npm from https://nodejs.org and try again";
  await assert.rejects(run("npm", ["ci"], { env: { PATH: "" } }), { message });
});

test("for tests: the wasm-bindgen on PATH has another version, and there is no network", (t) => {
  const cargo =
    'case $1 in --version) echo cargo 1.95.0;; install) echo "cargo $*" >&2; exit 101;; esac';
  const programs = {
    ...RUST,
    ...TEST_TOOLS,
    ...withTarget(t),
    cargo,
    "wasm-bindgen": "echo wasm-bindgen 0.2.1",
  };
  const { status, stdout, stderr, cache } = setUpWith(t, programs, "--tests");
  const folder = join(cache, `edge-credentials/wasm-bindgen-${PINNED}`);
  assert.equal(
    stdout,
    `setup: building wasm-bindgen-cli ${PINNED} into ${folder} (2 to 5 minutes)\n`,
  );
  const problem = `could not install wasm-bindgen-cli ${PINNED}: cargo says why above`;
  assert.deepEqual(stderr.split("\n"), [
    `cargo install --quiet wasm-bindgen-cli --version ${PINNED} --root ${folder}`,
    `error: ${problem}; without a network connection, connect once and run this again`,
    "",
  ]);
  assert.equal(status, 1);
});

test("for a build Rust is enough: it installs no programs, and says nothing", (t) => {
  const { status, stdout, stderr } = setUpWith(t, { ...RUST, ...withTarget(t) });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
});

test("for tests: with everything there it does nothing and says nothing", (t) => {
  const programs = {
    ...RUST,
    ...TEST_TOOLS,
    ...withTarget(t),
    "wasm-bindgen": `echo wasm-bindgen ${PINNED}`,
    "wasm-pack": "echo wasm-pack 0.15.1",
  };
  const { status, stdout, stderr } = setUpWith(t, programs, "--tests");
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
});

/**
 * @param {import("node:test").TestContext} t
 * @param {Record<string, string>} programs shell scripts by name
 * @param {string[]} args
 */
function setUpWith(t, programs, ...args) {
  const home = temporaryFolder(t);
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { PATH: bin, HOME: home, XDG_CACHE_HOME: join(home, "cache") };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/setup/setup.js", ...args],
    {
      cwd: root,
      env,
      encoding: "utf8",
    },
  );
  return { status, stdout, stderr, cache: env.XDG_CACHE_HOME };
}

/** @param {import("node:test").TestContext} t */
function withTarget(t) {
  const sysroot = temporaryFolder(t);
  for (const target of ["wasm32-unknown-unknown", "wasm32-wasip1"])
    mkdirSync(join(sysroot, "lib/rustlib", target), { recursive: true });
  return {
    rustc: `case $1 in
  --print) echo ${sysroot};;
  -vV) echo host: made-of-stand-ins;;
  *) echo rustc 1.95.0;;
esac`,
  };
}

/** @param {import("node:test").TestContext} t */
function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-setup-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

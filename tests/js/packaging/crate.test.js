// @ts-check
// What cargo would publish: the sources and what belongs to them, and nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

// Cargo adds the lower ones itself, the last only inside a git repository.
const FILES = [
  "CHANGELOG.md",
  "Cargo.toml",
  "LICENSE",
  "docs/rust.md",
  "Cargo.lock",
  "Cargo.toml.orig",
  ".cargo_vcs_info.json",
];

test("the crate holds exactly the files it should", () => {
  const args = ["package", "--list", "--allow-dirty", "--offline"];
  const { status, stdout, stderr } = spawnSync("cargo", args, { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const packed = new Set(stdout.replaceAll("\\", "/").split("\n").filter(Boolean));
  assert.deepEqual([...packed.add(".cargo_vcs_info.json")].sort(), [...FILES, ...sources()].sort());
});

function sources() {
  const names = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => statSync(join(root, "src", name)).isFile())
    .map((name) => `src/${name.replaceAll("\\", "/")}`);
}

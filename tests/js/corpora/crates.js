// @ts-check
// Files of the crates that tests/corpora/Cargo.toml names: cargo fetches them, and checks their sums.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../../scripts/run.js";

const MANIFEST = join(root, "tests/corpora/Cargo.toml");

/** @typedef {{ name: string; manifest_path: string; license: string | null }} Crate */

/** @returns {Crate[]} */
function allCrates() {
  const args = ["metadata", "--locked", "--format-version=1", "--manifest-path", MANIFEST];
  const options = /** @type {const} */ ({ encoding: "utf8", maxBuffer: 2 ** 28 });
  const { status, stdout, stderr } = spawnSync("cargo", args, options);
  if (status !== 0) throw new Error(`cargo metadata: ${stderr}`);
  return JSON.parse(stdout).packages;
}

/** What Cargo.toml itself names. */
export function corpora() {
  const all = allCrates();
  const { dependencies } = /** @type {any} */ (all.find(isManifest));
  const names = dependencies.map((/** @type {Crate} */ { name }) => name);
  return all.filter(({ name }) => names.includes(name));
}

/** @param {Crate} crate */
function isManifest({ manifest_path: path }) {
  return path === MANIFEST;
}

/**
 * The folder of a crate.
 *
 * @param {string} name
 */
export function crateFolder(name) {
  const found = allCrates().find((crate) => crate.name === name);
  if (!found) throw new Error(`tests/corpora/Cargo.toml names no ${name}`);
  return dirname(found.manifest_path);
}

/** @type {(...path: string[]) => any} */
export function readJson(...path) {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}

// @ts-check
// Writes pkg/dist/THIRD-PARTY-LICENSES.txt: the licences of the crates that are linked into the
// module.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ask, root, Stop } from "../run.js";

const LINKED = [
  "tree",
  "--locked",
  "--no-default-features",
  "--features=npm",
  "--target=wasm32-unknown-unknown",
  "--edges=normal,no-proc-macro",
  "--prefix=none",
  "--format={p}|{l}",
];

const HEADER = `The WebAssembly module contains the crate edge-credentials (Apache-2.0, see LICENSE), Rust's core and
alloc (MIT OR Apache-2.0, Copyright The Rust Project Contributors; taken under Apache-2.0), and the
crates below. A crate that offers a choice with MIT is taken under MIT.
`;

export function writeLicenses() {
  const path = join(root, "pkg/dist/THIRD-PARTY-LICENSES.txt");
  const text = [HEADER, ...linkedCrates().map(sectionOf)].join(`\n${"=".repeat(80)}\n\n`);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}

/** @typedef {{ name: string; version: string; license: string }} Crate */

/** @returns {Crate[]} */
export function linkedCrates() {
  const tree = ask("cargo", ...LINKED);
  if (!tree) throw new Stop("`cargo tree` failed: run it to see why");
  const lines = new Set(tree.split("\n").map((line) => line.replace(" (*)", "").trim()));
  const crates = [...lines].filter((line) => line && !line.startsWith("edge-credentials "));
  return crates.sort().map((line) => {
    const [, name, version, license] = /^(\S+) v(\S+)\|(.+)$/.exec(line) ?? [];
    if (!license) throw new Stop(`\`cargo tree\` names no licence: ${line}`);
    return { name, version, license };
  });
}

/** @param {Crate} crate */
function sectionOf({ name, version, license }) {
  const folder = sourceOf(`${name}-${version}`);
  const isTaken = (/** @type {string} */ file) => /^(licen[cs]e|copying)/i.test(file);
  // The package's own licence is Apache-2.0, whose text is beside it.
  const files = readdirSync(folder).filter((file) => isTaken(file) && !/apache/i.test(file));
  if (files.length === 0) throw new Stop(`${name} ${version} has no licence text in ${folder}`);
  const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
  return `${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`;
}

/** Where cargo keeps the sources of a crate. @param {string} crate */
function sourceOf(crate) {
  const sources = join(process.env.CARGO_HOME || join(homedir(), ".cargo"), "registry/src");
  const registries = existsSync(sources) ? readdirSync(sources) : [];
  const found = registries
    .map((name) => join(sources, name, crate))
    .find((path) => existsSync(path));
  if (!found) throw new Stop(`the sources of ${crate} are not in ${sources}, for their licence`);
  return found;
}

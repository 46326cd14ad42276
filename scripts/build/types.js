// @ts-check
// Writes pkg/dist/types from pkg/src.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { root, runPackaged, temporaryFolder } from "../run.js";

export async function writeTypes() {
  const types = join(root, "pkg/dist/types");
  const { path: work, remove } = temporaryFolder("types");
  try {
    // With a way to the package by its own name, whose types are only being written; not in tsconfig.json, which bundlers read too.
    await runPackaged("typescript/bin/tsc", ["-p", "scripts/tsconfig.pkg.json", "--outDir", work]);
    // Left alone when nothing changed: another process may be reading them.
    if (contents(types) === contents(work)) return;
    rmSync(types, { recursive: true, force: true });
    cpSync(work, types, { recursive: true });
  } finally {
    remove();
  }
}

/** @param {string} folder */
function contents(folder) {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return JSON.stringify(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

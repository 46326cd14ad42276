// @ts-check
// The native build of the core beside the shipped module: the same calls, as texts of fields.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "../../../../scripts/run.js";

const CALLS = readFileSync(`${root}pkg/src/core/calls.ts`, "utf8");
const MODULE = `${root}pkg/dist/wasm/edge_credentials_bg.wasm`;

/** @typedef {[place: number, fields: string]} Call */

/**
 * The place of a function in the core's table, as the generated file has it.
 *
 * @param {string} name
 */
export function placeOf(name) {
  const place = new RegExp(`export function ${name}\\(.*?invoke\\(\\s*(\\d+)`, "s").exec(CALLS);
  if (!place) throw new Error(`pkg/src/core/calls.ts has no ${name}`);
  return Number(place[1]);
}

/**
 * What the native build makes of calls; an error is its JSON.
 *
 * @param {Call[]} calls
 * @returns {string[]}
 */
export function callNative(calls) {
  const lines = calls.map(([place, fields]) => `${place} ${Buffer.from(fields).toString("hex")}`);
  const args = ["run", "--quiet", "--locked", "--no-default-features", "--example", "call"];
  const options = /** @type {const} */ ({ cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 });
  const { status, stdout, stderr } = spawnSync("cargo", args, {
    ...options,
    input: lines.join("\n"),
  });
  if (status !== 0) throw new Error(`cargo run --example call: ${stderr}`);
  return stdout
    .split("\n")
    .slice(0, calls.length)
    .map((line) => Buffer.from(line, "hex").toString());
}

/**
 * The same of the module that ships, by its own glue.
 *
 * @param {Call[]} calls
 * @returns {Promise<string[]>}
 */
export async function callShipped(calls) {
  const glue = await import("../../../../pkg/dist/wasm/edge_credentials.js");
  glue.initSync({ module: new WebAssembly.Module(readFileSync(MODULE)) });
  return calls.map(([place, fields]) => {
    try {
      return glue.call(place, fields);
    } catch (error) {
      // The core throws its errors as JSON.
      if (typeof error === "string") return error;
      throw error;
    }
  });
}

// @ts-check
// The place of a function of the core, by which its one export, `call`, runs it.
import { readFileSync } from "node:fs";

const calls = readFileSync(new URL("../../../../pkg/src/core/calls.ts", import.meta.url), "utf8");

/**
 * @param {string} name as in pkg/src/core/calls.ts
 * @returns {number}
 */
export function placeOf(name) {
  const [, body] = calls.split(`export function ${name}(`);
  const place = body?.match(/invoke\(\s*(\d+),/);
  if (!place) throw new Error(`calls.ts has no ${name}`);
  return Number(place[1]);
}

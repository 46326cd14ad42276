// @ts-check
// The code of a page, whose first line names its file.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/run.js";

/**
 * @param {string} page
 * @returns {Map<string, { name: string; code: string }[]>} by the heading above
 */
export function blocksOf(page) {
  const text = readFileSync(join(root, page), "utf8");
  /** @type {Map<string, { name: string; code: string }[]>} */
  const sections = new Map();
  let title = "";
  for (const [, heading, code] of text.matchAll(/^## (.*?)$|^```(?:js|toml)\n(.*?)^```$/gms)) {
    if (heading) {
      title = heading;
      continue;
    }
    const name = /^(?:\/\/|#) (\S+)\n/.exec(code)?.[1];
    if (!name) throw new Error(`a block of ${page} names no file: ${code}`);
    sections.set(title, [...(sections.get(title) ?? []), { name, code }]);
  }
  return sections;
}

// @ts-check
// The blocks of a page of the docs, run as they stand.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../../scripts/run.js";

/**
 * @param {string} path of the page
 * @param {Record<string, string>} [modules] files that the blocks import
 * @param {string} [parent] of the folder in which they run, and find packages
 */
export function readDocs(path, modules = {}, parent = join(root, "target")) {
  const page = readFileSync(join(root, path), "utf8");
  /** @type {Record<string, string>} */
  const codeOf = {};
  let title = "";
  for (const [, heading, code] of page.matchAll(/^## (.*?)$|^```js\n(.*?)^```$/gms)) {
    if (heading) title = heading;
    else codeOf[title] = code;
  }

  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "docs-"));
  for (const [name, code] of Object.entries(modules)) writeFileSync(join(folder, name), code);

  return {
    headings: Object.keys(codeOf),
    /** Where the blocks run. */
    folder,
    remove: () => rmSync(folder, { recursive: true }),
    /**
     * @param {string} heading
     * @param {Record<string, string>} env
     */
    async run(heading, env) {
      Object.assign(process.env, env);
      const file = join(folder, `${Object.keys(codeOf).indexOf(heading)}.mjs`);
      writeFileSync(file, codeOf[heading]);
      return import(pathToFileURL(file).href);
    },
  };
}

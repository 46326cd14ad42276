// @ts-check
// The pages of the docs: which there are, their code, and their code run as it stands.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import { root } from "../../../scripts/run.js";

/**
 * @typedef {object} Block
 * @property {string} heading the one of level 1 or 2 above it
 * @property {string} language `js`, `ts`, `toml`, …
 * @property {string} name of its file, if its first line is a comment that begins with one; or ""
 * @property {string} code
 */

/** Every page, by its path in the repository. */
export function pages() {
  const names = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const docs = names.map((name) => `docs/${name.replaceAll("\\", "/")}`);
  const isPage = (/** @type {string} */ name) =>
    name.endsWith(".md") && !name.startsWith("docs/api/");
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...docs.filter(isPage).sort()];
}

/** @param {string} page */
export function textOf(page) {
  return readFileSync(join(root, page), "utf8");
}

/** @type {(page: string) => Block[]} */
export function blocksIn(page) {
  /** @type {Block[]} */
  const blocks = [];
  let heading = "";
  const parts = textOf(page).matchAll(/^##? (.*?)$|^```(\w+)\n(.*?)^```$/gms);
  for (const [, title, language, code] of parts) {
    if (title) heading = title;
    else blocks.push({ heading, language, name: nameIn(code), code });
  }
  return blocks;
}

/** @param {string} code */
function nameIn(code) {
  return /^(?:\/\/|#) ([\w./-]+\.\w+|\.[\w.]+)(?:: .*)?\n/.exec(code)?.[1] ?? "";
}

/**
 * The programs of a page and their configuration, by the heading above.
 *
 * @param {string} page
 * @param {string[]} languages
 * @returns {Map<string, Block[]>}
 */
export function blocksOf(page, languages = ["js", "ts", "toml"]) {
  /** @type {Map<string, Block[]>} */
  const sections = new Map();
  for (const block of blocksIn(page).filter(({ language }) => languages.includes(language)))
    sections.set(block.heading, [...(sections.get(block.heading) ?? []), block]);
  return sections;
}

/**
 * The JavaScript and TypeScript of a page, and what runs it.
 *
 * @param {string} page
 * @param {Record<string, string>} [modules] files that the blocks import
 * @param {string} [parent] of the folder in which they run, and find packages
 */
export function readDocs(page, modules = {}, parent = join(root, "target")) {
  const sections = blocksOf(page, ["js", "ts"]);

  // Inside the project, so that the package finds itself by its own name.
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "docs-"));
  for (const [name, code] of Object.entries(modules)) writeFileSync(join(folder, name), code);

  /**
   * @param {string} heading
   * @param {string} [name] of the file, by default a new one
   */
  function write(heading, name) {
    const [block, ...others] = sections.get(heading) ?? [];
    if (!block || others.length > 0) throw new Error(`${page} has no one block at ${heading}`);
    const { language, code } = block;
    const path = join(folder, name ?? `${[...sections.keys()].indexOf(heading)}.mjs`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, language === "ts" ? transformSync(code, { loader: "ts" }).code : code);
    return path;
  }

  return {
    /** The blocks by the heading above. */
    sections,
    headings: [...sections.keys()],
    /** Where the blocks run. */
    folder,
    remove: () => rmSync(folder, { recursive: true }),
    write,
    /**
     * @param {string} heading
     * @param {Record<string, string>} env
     */
    async run(heading, env) {
      Object.assign(process.env, env);
      return import(pathToFileURL(write(heading)).href);
    },
  };
}

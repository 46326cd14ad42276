// @ts-check
// TypeScript for tests of what the package does not export: bundled, since Node 20 reads none.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root, temporaryFolder } from "../../../../scripts/run.js";

/**
 * Imports modules. They share one instance of what they have in common, and nothing with the
 * package itself.
 *
 * @param {string[]} files such as `pkg/src/cache/lru-map.ts`
 * @returns {Promise<any[]>} the modules, in the order of the files
 */
export async function importSources(...files) {
  const { path, remove } = temporaryFolder("sources");
  after(remove);
  const exports = files.map((name, at) => `export * as m${at} from "./${name}";`);
  const { outputFiles } = await build({
    stdin: { contents: exports.join("\n"), resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
  });
  const file = join(path, "sources.mjs");
  writeFileSync(file, outputFiles[0].contents);

  const modules = await import(pathToFileURL(file).href);
  return files.map((_, at) => modules[`m${at}`]);
}

// @ts-check
// A folder that is generated as a whole.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Left alone when nothing changed: another process may be reading it.
 * @param {string} folder
 * @param {Map<string, string>} files by name
 */
export function writeIfChanged(folder, files) {
  const isWritten = [...files].every(([name, content]) => existsSync(join(folder, name)) && readFileSync(join(folder, name), "utf8") === content);
  if (isWritten && readdirSync(folder).length === files.size) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
}

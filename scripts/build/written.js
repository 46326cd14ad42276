// @ts-check
// A folder that is generated as a whole.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Left alone when nothing changed: another process may be reading it.
 *
 * @param {string} folder
 * @param {Map<string, string>} files by path inside it
 */
export function writeIfChanged(folder, files) {
  if (isWritten(folder, files)) return;
  rmSync(folder, { recursive: true, force: true });
  for (const [name, content] of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** @type {(folder: string, files: Map<string, string>) => boolean} */
function isWritten(folder, files) {
  if (!existsSync(folder)) return false;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return (
    names.length === files.size &&
    names.every((name) => readFileSync(join(folder, name), "utf8") === files.get(name))
  );
}

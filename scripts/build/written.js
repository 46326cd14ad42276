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
 * @param {Map<string, string | Buffer>} files by path inside it
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

/** @type {(folder: string, files: Map<string, string | Buffer>) => boolean} */
function isWritten(folder, files) {
  if (!existsSync(folder)) return false;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const isSame = (/** @type {string} */ name) => {
    const content = files.get(name);
    return content !== undefined && readFileSync(join(folder, name)).equals(Buffer.from(content));
  };
  return names.length === files.size && names.every(isSame);
}

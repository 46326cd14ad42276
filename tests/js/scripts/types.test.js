// @ts-check
// The types of the JavaScript are checked. scripts/tsconfig.json lost `allowJs` and `checkJs` once:
// the compiler then reads the few declarations that are left, and says nothing.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import ts from "typescript";
import { root } from "../../../scripts/run.js";

const FOLDERS = ["scripts", "tests/js", "tests/servers", "bench", "www"];
const CONFIG = join(root, "scripts/tsconfig.json");

const files = [
  ...FOLDERS.flatMap((folder) => filesIn(folder, ".js", true)),
  // The applications below it have dependencies of their own, which are not installed here.
  ...filesIn("tests/apps", ".test.js", false),
];

test("the compiler is given every file of JavaScript, and checks it strictly", () => {
  const { config, error } = ts.readConfigFile(CONFIG, ts.sys.readFile);
  assert.equal(error, undefined);
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, join(root, "scripts"));
  const { checkJs, strict, noEmit } = parsed.options;
  assert.deepEqual([parsed.errors, checkJs, strict, noEmit], [[], true, true, true]);
  const given = new Set(parsed.fileNames);
  assert.deepEqual(
    files.filter((file) => !given.has(file)),
    [],
  );
});

test("no file is exempt", () => {
  const exempt = /^\s*\/\/\s*@ts-nocheck/m;
  assert.deepEqual(
    files.filter((file) => exempt.test(readFileSync(file, "utf8"))),
    [],
  );
});

/** @type {(folder: string, ending: string, recursive: boolean) => string[]} */
function filesIn(folder, ending, recursive) {
  const names = readdirSync(join(root, folder), { recursive, encoding: "utf8" });
  const found = names.filter((name) => name.endsWith(ending));
  assert.notEqual(found.length, 0, `${folder} has no file`);
  return found.map((name) => join(root, folder, name));
}

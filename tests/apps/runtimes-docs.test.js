// @ts-check
// The table of runtimes and tools in docs/runtimes.md against what is pinned.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { NODES } from "../../scripts/setup/nodes.js";
import { root } from "../../scripts/run.js";

// What comes along with a tool of the table.
const PARTS_OF_OTHERS = ["@rollup/plugin-node-resolve", "react", "react-dom"];

const read = (/** @type {string} */ path) => readFileSync(join(root, path), "utf8");
const section = read("docs/runtimes.md").split("\n## Versions\n")[1].split("\n## ")[0];
const [tools, frameworks] = section.split(/^\| framework .*$/m);
const rowsIn = (/** @type {string} */ table) =>
  table
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, 5)
        .map((cell) => cell.trim()),
    );
const rows = rowsIn(tools).slice(1);

test("every tool is there with the version that is pinned", () => {
  const { dependencies } = JSON.parse(read("tests/apps/package.json"));
  const { workerd } = JSON.parse(read("package.json")).devDependencies;
  const tools = Object.entries({ ...dependencies, workerd }).filter(
    ([name]) => !PARTS_OF_OTHERS.includes(name),
  );
  const pinned = new Map([["node", Object.values(NODES).join(", ")], ...tools]);
  const shown = new Map(
    rows.map(([name, version]) => [(/`(.+)`/.exec(name)?.[1] ?? name).toLowerCase(), version]),
  );
  assert.deepEqual(shown, pinned);
});

test("every framework is there with the version that is pinned", () => {
  const { dependencies } = JSON.parse(read("tests/apps/frameworks/package.json"));
  for (const major of ["next-14", "next-15"])
    dependencies[major] = JSON.parse(read(`tests/apps/${major}/package.json`)).dependencies.next;
  // What comes along with a framework of the table.
  const parts = /^@astrojs\/|adapter-cloudflare|vite-plugin-svelte|^svelte$/;
  const pinned = Object.entries(dependencies).filter(([name]) => !parts.test(name));
  const shown = rowsIn(frameworks).map(([name, version]) => [/`(.+)`/.exec(name)?.[1], version]);
  assert.deepEqual(new Map(shown), new Map(pinned));
});

test("it names files that the package exports", () => {
  const { exports } = JSON.parse(read("package.json"));
  const exported = Object.values(exports["."]).map((entry) =>
    entry.default.replace(/^\.\/pkg\/dist\/(esm\/)?/, ""),
  );
  const named = rows.flatMap(([, , what]) =>
    [...what.matchAll(/`([\w./-]+)`/g)].map(([, file]) => file),
  );
  for (const file of named) assert.ok(exported.includes(file), `no condition leads to ${file}`);
});

// @ts-check
// The table of runtimes and tools in docs/runtimes.md against what is pinned.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { NODES } from "../../scripts/setup/nodes.js";
import { root } from "../../scripts/run.js";

// What comes along with a tool of the table.
const PARTS_OF_OTHERS = [
  "@astrojs/cloudflare",
  "@rollup/plugin-node-resolve",
  "@sveltejs/adapter-cloudflare",
  "@sveltejs/vite-plugin-svelte",
  "jest-environment-jsdom",
  "react",
  "react-dom",
  "svelte",
];

const read = (/** @type {string} */ path) => readFileSync(join(root, path), "utf8");
const section = read("docs/runtimes.md").split("\n## Versions\n")[1].split("\n## ")[0];
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(1)
  .map((line) =>
    line
      .split("|")
      .slice(1, 5)
      .map((cell) => cell.trim()),
  );

test("every tool is there with the version that is pinned", () => {
  const [apps, frameworks] = ["tests/apps", "tests/apps/frameworks"].map(
    (folder) => JSON.parse(read(`${folder}/package.json`)).dependencies,
  );
  const { workerd } = JSON.parse(read("package.json")).devDependencies;
  const tools = Object.entries({ ...apps, ...frameworks, workerd }).filter(
    ([name]) => !PARTS_OF_OTHERS.includes(name),
  );
  const pinned = new Map([["node", Object.values(NODES).join(", ")], ...tools]);
  const shown = new Map(
    rows.map(([name, version]) => [(/`(.+)`/.exec(name)?.[1] ?? name).toLowerCase(), version]),
  );
  assert.deepEqual(shown, pinned);
});

test("it names files that the package exports", () => {
  const { exports } = JSON.parse(read("package.json"));
  const exported = Object.values(exports["."]).map((entry) =>
    (entry.default ?? entry).replace(/^\.\/pkg\/dist\/(esm\/)?/, ""),
  );
  const named = rows.flatMap(([, , what]) =>
    [...what.matchAll(/`([\w./-]+)`/g)].map(([, file]) => file),
  );
  for (const file of named) assert.ok(exported.includes(file), `no condition leads to ${file}`);
});

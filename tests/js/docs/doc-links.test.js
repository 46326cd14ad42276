// @ts-check
// Every link and anchor of the README and the docs leads somewhere; the index names every page.
import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";
import { pages, textOf } from "../support/docs.js";

const examples = readdirSync(join(root, "examples"))
  .map((name) => (name.endsWith(".md") ? `examples/${name}` : `examples/${name}/README.md`))
  .filter((path) => existsSync(join(root, path)));
const all = [...pages(), "CHANGELOG.md", ...examples];

/** A page without its code. @param {string} page */
const proseOf = (page) => textOf(page).replaceAll(/^```.*?^```$/gms, "");

/** As GitHub makes them. @param {string} page */
function anchorsOf(page) {
  /** @type {Set<string>} */
  const anchors = new Set();
  for (const [, heading] of proseOf(page).matchAll(/^#+ (.+)$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** @param {string} page */
function linksIn(page) {
  const links = proseOf(page).matchAll(/\]\(([^)\s]+)\)/g);
  return Array.from(links, ([, link]) => link).filter((link) => !/^https?:/.test(link));
}

test("every link leads to a file, and every anchor to a heading", () => {
  /** @type {string[]} */
  const broken = [];
  let count = 0;
  for (const page of all) {
    for (const link of linksIn(page)) {
      const [path, anchor] = link.split("#");
      const target = path === "" ? page : posix.join(dirname(page), path);
      count += 1;
      const file = join(root, target);
      if (!existsSync(file)) broken.push(`${page}: ${link}`);
      else if (anchor && !(statSync(file).isFile() && anchorsOf(target).has(anchor)))
        broken.push(`${page}: ${link} (no such heading)`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(count >= 100, `${count} links`);
});

test("the index leads to every page", () => {
  const indices = ["docs/README.md", "docs/design/README.md", "docs/recipes/README.md"];
  const linked = indices
    .filter((index) => existsSync(join(root, index)))
    .flatMap((index) =>
      linksIn(index).map((link) => posix.join(dirname(index), link.split("#")[0])),
    );
  const missing = pages().filter(
    (page) => !linked.includes(page) && !linked.includes(dirname(page)) && !indices.includes(page),
  );
  assert.deepEqual(missing, []);
});

test("CONTRIBUTING is short", () => {
  const words = textOf("CONTRIBUTING.md").split(/\s+/).filter(Boolean).length;
  assert.ok(words <= 400, `${words} words`);
});

test("no prose is wider than 120 characters", () => {
  /** @type {string[]} */
  const wide = [];
  for (const page of pages()) {
    // A row of a table, and a link that cannot be broken, are as wide as they are.
    const lines = proseOf(page).split("\n");
    wide.push(...lines.filter((line) => line.length > 120 && !/^\||^\S+$/.test(line)));
  }
  assert.deepEqual(wide, []);
});

test("a decision of the design has its context and its consequence", () => {
  const sections = pages()
    .filter((page) => page.startsWith("docs/design/"))
    .flatMap((page) => textOf(page).split(/^(?=## )/m));
  const decisions = sections.filter((section) => section.includes("**Decision.**"));
  const incomplete = decisions.filter((section) => {
    const parts = Array.from(section.matchAll(/^\*\*(Context|Decision|Consequence)\.\*\*/gm));
    return parts.map(([, part]) => part).join() !== "Context,Decision,Consequence";
  });
  assert.deepEqual(
    incomplete.map((section) => section.split("\n")[0]),
    [],
  );
  assert.ok(decisions.length >= 50, `${decisions.length} decisions`);
});

// @ts-check
// Checks the types of the blocks of pages, under `strict`. A block in JavaScript names no types of
// its own, so those of parameters and of caught errors may be missing. What installs a package is
// run in tests/apps alone.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";
import { blocksOf } from "../support/doc-blocks.js";
import { readDocs } from "../support/docs.js";

const PAGES = [
  "docs/providers.md",
  "docs/recipes/aws.md",
  "docs/recipes/github-actions.md",
  "docs/recipes/several-issuers.md",
];

const NAMES = PAGES.map((path) => basename(path, ".md"));

/** As a project declares its environment. */
const ENVIRONMENT = `declare namespace NodeJS {
  interface ProcessEnv {
    [name: string]: string;
  }
}
`;
const OPTIONS = {
  extends: join(root, "tsconfig.json"),
  include: ["*.mjs", "*.d.ts"],
  exclude: [],
  compilerOptions: {
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
    noImplicitAny: false,
    useUnknownInCatchVariables: false,
    noEmit: true,
    declaration: false,
    emitDeclarationOnly: false,
    rootDir: root,
    types: ["node"],
    lib: ["es2023", "dom", "dom.iterable"],
  },
};

test("the blocks have no type errors", (t) => {
  const pages = PAGES.map((path) => readDocs(path));
  const [{ folder }] = pages;
  t.after(() => pages.forEach(({ remove }) => remove()));
  for (const [index, { blocks }] of pages.entries())
    for (const [number, code] of Object.values(blocks).entries())
      writeFileSync(join(folder, `${NAMES[index]}-${number}.mjs`), code);
  for (const { name, code } of [...blocksOf("docs/migration.md").values()].flat())
    if (!/^(express|cognito)/.test(name)) writeFileSync(join(folder, `${name}.mjs`), code);
  writeFileSync(join(folder, "environment.d.ts"), ENVIRONMENT);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(OPTIONS));

  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
});

// @ts-check
// Every block of TypeScript and JavaScript in the README and the docs under `strict`, as a user's
// editor checks it. JavaScript cannot write the types of its parameters and of what it catches: there
// they may be implied. A module that is installed for tests/apps alone, or generated there, is `any`.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { after } from "node:test";
import { execaNode } from "execa";
import { root } from "../../../scripts/run.js";
import { blocksIn, blocksOf, pages } from "../support/docs.js";

// Inside the project, so that the package finds itself by its own name.
mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target/doc-types-"));
after(() => rmSync(folder, { recursive: true }));

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: "es2022",
  module: "nodenext",
  moduleDetection: "force",
  lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

const JAVASCRIPT = {
  allowJs: true,
  checkJs: true,
  noImplicitAny: false,
  useUnknownInCatchVariables: false,
};

/** What pages import of their reader. */
const KMS = "export function signWithKms(claims: object): Promise<string>;\n";

/** @typedef {import("../support/docs.js").Block} Block */

/**
 * Writes the blocks of a language: each section into a folder of its own, beside what other
 * sections of the page have under other names.
 *
 * @type {(language: string, pages: [page: string, blocks: Block[]][]) => string[]}
 */
function write(language, pages) {
  const files = [];
  for (const [page, all] of pages) {
    const blocks = all.filter((block) => block.language === language);
    const named = blocks.filter(({ name }) => name);
    for (const heading of new Set(blocks.map((block) => block.heading))) {
      const section = join(language, `${page}-${heading}`.replaceAll(/\W+/g, "-"));
      for (const { name, code } of named) lay(join(section, name), code);
      lay(join(section, "kms.d.mts"), KMS);
      for (const block of blocks.filter((one) => one.heading === heading)) {
        const file = join(section, block.name || `block-${blocks.indexOf(block)}.${language}`);
        lay(file, block.code);
        files.push(file);
      }
    }
  }
  return files;
}

/** @type {(file: string, code: string) => void} */
function lay(file, code) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), code);
}

/** @type {(files: string[], more?: object) => Promise<string>} */
async function check(files, more = {}) {
  const compilerOptions = { ...OPTIONS, ...more };
  lay("tsconfig.json", JSON.stringify({ files, compilerOptions }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await execaNode(tsc, ["-p", "."], { cwd: folder, reject: false });
  return stdout;
}

/** Names of variables of the environment, by the settings that a page shows. @param {string} page */
function settingsOf(page) {
  const files = blocksIn(page).filter(({ language }) => ["toml", "sh"].includes(language));
  const found = files.flatMap(({ code }) => [...code.matchAll(/^([A-Z_]+) ?=/gm)]);
  return found.map(([, name]) => name);
}

test("TypeScript is checked as in a project where `wrangler types` was run", async () => {
  const files = write(
    "ts",
    pages().map((page) => [page, blocksIn(page)]),
  );
  assert.ok(files.length >= 3, `${files.length} blocks`);
  const api = ["PROJECT_ID", "API_CLIENT_ID", "API_CLIENT_SECRET"];
  const members = [...settingsOf("README.md"), ...api].map((name) => `${name}: string;`).join(" ");
  lay("env.d.ts", `declare module "cloudflare:workers" { export const env: { ${members} }; }\n`);
  assert.equal(await check([...files, "env.d.ts"]), "");
});

test("JavaScript is checked as in a project that declares its environment", async () => {
  const files = write(
    "js",
    pages().map((page) => [page, blocksIn(page)]),
  );
  assert.ok(files.length >= 20, `${files.length} blocks`);
  const code = pages().flatMap((page) => [...blocksOf(page, ["js"]).values()].flat());
  const text = code.map((block) => block.code).join("\n");
  const names = new Set(text.match(/\b[A-Z][A-Z0-9_]{2,}\b/g));
  const variables = [...names].map((name) => `${name}: string;`).join(" ");
  lay("env.d.ts", `declare namespace NodeJS { interface ProcessEnv { ${variables} } }\n`);

  const imported = text.matchAll(/(?:from|import|require\() ?"((?:@[\w-]+\/)?[\w-]+)([\w./:-]*)"/g);
  const absent = Array.from(imported, ([, name, path]) => ({ name, path })).filter(
    ({ name, path }) => name !== "node" && !isInstalled(name) && !path.endsWith(".js"),
  );
  const modules = absent.map(({ name, path }) => name + path);
  const laid = new Set(["kms.mjs", ...code.map(({ name }) => name.replace(/^.*\//, ""))]);
  const near = Array.from(text.matchAll(/ "\.[\w./-]*\/([\w.-]+)"/g), ([, file]) => file);
  modules.push(...near.filter((file) => !laid.has(file)).map((file) => `*/${file}`));
  const declared = [...new Set(modules)].map((name) => `declare module "${name}";\n`);
  const globals = ["jest", "expect", "test", "afterEach"].map(
    (name) => `declare const ${name}: any;\n`,
  );
  lay("absent.d.ts", [...declared, ...globals].join(""));

  assert.equal(await check([...files, "env.d.ts", "absent.d.ts"], JAVASCRIPT), "");
});

/** @param {string} name */
function isInstalled(name) {
  return name === "edge-credentials" || existsSync(join(root, "node_modules", name));
}

test("a mistake is found", async () => {
  const code = 'import { tokenSource } from "edge-credentials";\ntokenSource({ issuer: 42 });\n';
  for (const language of ["js", "ts"]) {
    const files = write(language, [["mistake", [{ language, heading: "", name: "", code }]]]);
    const more = language === "js" ? JAVASCRIPT : {};
    assert.match(await check(files, more), /block-0\.[jt]s\(2,15\): error TS/);
  }
});

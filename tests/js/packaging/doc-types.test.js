// @ts-check
// Every block of TypeScript and JavaScript in the README and the docs under `strict`, as a user's
// editor checks it. JavaScript cannot write the types of its parameters: there they may be implied.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { after } from "node:test";
import { execaNode } from "execa";
import { root } from "../../../scripts/run.js";
import { blocksIn, pages } from "../support/docs.js";

// Inside the project, so that the package finds itself by its own name.
mkdirSync(join(root, "target"), { recursive: true });
const folder = mkdtempSync(join(root, "target/doc-types-"));
after(() => rmSync(folder, { recursive: true }));

/** Variables that the pages read: a project declares its own so. */
const VARIABLES = [
  "ISSUER CLIENT_ID CLIENT_SECRET API_URL AUDIENCE PROJECT_ID API_CLIENT_ID API_CLIENT_SECRET",
  "TOKEN_ENDPOINT PRIVATE_KEY KEY_SET INNER ACCOUNT_ID CLIENT",
].flatMap((names) => names.split(" "));
const declared = VARIABLES.map((name) => `    ${name}: string;`).join("\n");

/** What `wrangler types` writes, what test runners bring, and what pages import of their reader. */
const FILES = {
  "globals.d.ts": `declare namespace Cloudflare {
  interface Env {
${declared}
  }
}
declare module "cloudflare:workers" {
  export const env: Cloudflare.Env;
  export const exports: any;
}
declare module "vitest";
declare module "vitest/config";
declare module "@cloudflare/vitest-plugin";
declare const jest: any;
declare const expect: any;
declare const test: any;
declare const afterEach: any;
`,
  "process.d.ts": `declare namespace NodeJS {
  interface ProcessEnv {
${declared}
  }
}
`,
  "kms.d.mts": "export function signWithKms(claims: object): Promise<string>;\n",
};

const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: "es2022",
  module: "nodenext",
  moduleDetection: "force",
  lib: ["es2023", "dom", "dom.iterable"],
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

/** @typedef {{ language: string; heading: string; name: string; code: string }} Block */

/**
 * Writes the blocks of a language, those of one section into one folder.
 *
 * @param {"js" | "ts"} language
 * @param {(page: string) => Block[]} blocksOf
 * @returns {string[]} the files
 */
function write(language, blocksOf) {
  const files = [];
  for (const page of pages()) {
    const blocks = blocksOf(page).filter((block) => block.language === language);
    for (const [index, { heading, name, code }] of blocks.entries()) {
      const section = `${page}-${heading}`.replaceAll(/\W+/g, "-");
      const file = join(language, section, name || `block-${index}.${language}`);
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), code);
      const kms = join(folder, dirname(file), "kms.d.mts");
      writeFileSync(kms, FILES["kms.d.mts"]);
      files.push(file);
    }
  }
  // The code under test stands above the tests of it.
  for (const { name, code } of blocksOf("docs/testing.md").filter(
    ({ heading }) => heading === "The code under test",
  ))
    for (const file of files.filter((one) => /testing-md-(node-test|vitest|jest)/.test(one)))
      writeFileSync(join(folder, dirname(file), name), code);
  return files;
}

/** @param {string[]} files @param {object} more */
async function check(files, more) {
  for (const name of /** @type {const} */ (["globals.d.ts", "process.d.ts"]))
    writeFileSync(join(folder, name), FILES[name]);
  const compilerOptions = { ...options, ...more };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ files, compilerOptions }));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await execaNode(tsc, ["-p", "."], { cwd: folder, reject: false });
  return stdout;
}

test("TypeScript is checked as in a project without declarations of its environment", async () => {
  const files = write("ts", blocksIn);
  assert.ok(files.length >= 3, `${files.length} blocks`);
  assert.equal(await check([...files, "globals.d.ts"], {}), "");
});

test("JavaScript is checked as in a project that declares its environment", async () => {
  const files = write("js", blocksIn);
  assert.ok(files.length >= 20, `${files.length} blocks`);
  const more = { allowJs: true, checkJs: true, noImplicitAny: false };
  assert.equal(await check([...files, "globals.d.ts", "process.d.ts"], more), "");
});

test("a mistake is found", async () => {
  const code = 'import { tokenSource } from "edge-credentials";\ntokenSource({ issuer: 42 });\n';
  for (const language of /** @type {const} */ (["js", "ts"])) {
    const mistake = [{ language, heading: "a mistake", name: "", code }];
    const files = write(language, (page) => (page === "README.md" ? mistake : []));
    const more = language === "js" ? { allowJs: true, checkJs: true, noImplicitAny: false } : {};
    assert.match(await check([...files, "globals.d.ts"], more), /block-0\.[jt]s\(2,15\): error TS/);
  }
});

// @ts-check
// A bare `wasm-pack build`, in a copy of the repository: its package works, and ours is as before.
// It writes into pkg/ between our files, which has three traps: npm heeds its .gitignore, bundlers
// its package.json, and TypeScript finds its glue.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { before } from "node:test";
import { pathToFileURL } from "node:url";
import { nodeProgram } from "../../../scripts/setup/nodes.js";
import { root } from "../../../scripts/run.js";
import { placeOf } from "../support/core/core-place.js";
import { provideWasmBindgen, provideWasmPack } from "../../../scripts/setup/tools.js";

// Always the same place, so that cargo knows what it has built there; the dependencies are shared
// with the repository.
const copy = join(root, "target/wasm-pack");
const USE = `import { buildTokenRequest } from "edge-credentials";
const tokenEndpoint = "https://idp.example/token";
const client = { tokenEndpoint, clientId: "service", clientSecret: "s" };
console.log(buildTokenRequest(client).url);
`;
/** @type {string[]} */
let packedBefore;

before(async () => {
  await provideWasmBindgen();
  await provideWasmPack();
  copyRepository();
  packedBefore = packedFiles();
  run("wasm-pack", "build");
});

test("it leaves git status clean", () => {
  assert.ok(existsSync(join(copy, "pkg/edge_credentials_bg.wasm")), "it built nothing");
  assert.equal(run("git", "status", "--porcelain"), "");
});

test("what it built works, where .wasm can be imported", () => {
  const script = `
    import { call } from "./pkg/edge_credentials.js";
    const client = ["clientSecret", "service", "s", ""];
    const fields = ["https://idp.example/token", ...client, "+openid", "", "", ""];
    const [, body] = call(${placeOf("buildTokenRequest")}, fields.join(String.fromCharCode(0))).split(String.fromCharCode(0));
    console.log(body);`;
  assert.equal(
    run(nodeProgram(22), "--no-warnings", "--input-type=module", "--eval", script),
    "grant_type=client_credentials&scope=openid\n",
  );
});

test("our package still packs the same files", () => {
  assert.ok(
    packedBefore.includes("pkg/dist/wasm/edge_credentials_bg.wasm") && packedBefore.length > 40,
  );
  assert.deepEqual(packedFiles(), packedBefore);
});

test("our package still works from the folder itself", () => {
  assert.equal(
    run(process.execPath, "--input-type=module", "--eval", USE),
    "https://idp.example/token\n",
  );
});

test("our types are checked and written without what is not ours", () => {
  run(
    process.execPath,
    "node_modules/typescript/bin/tsc",
    "-p",
    "scripts/tsconfig.pkg.json",
    "--outDir",
    "target/types",
  );
  assert.ok(existsSync(join(copy, "target/types/index.d.ts")));
  assert.ok(!existsSync(join(copy, "target/types/edge_credentials.d.ts")));
});

test("our next build lets bundlers and git see our files again", async () => {
  const { takeBackFromWasmPack } = await import(
    pathToFileURL(join(copy, "scripts/build/build.js")).href
  );
  takeBackFromWasmPack();
  mkdirSync(join(copy, "target"), { recursive: true });
  writeFileSync(join(copy, "target/use.js"), USE);
  run(
    process.execPath,
    "node_modules/esbuild/bin/esbuild",
    "target/use.js",
    "--bundle",
    "--format=esm",
    "--outfile=target/bundled.mjs",
    "--log-level=warning",
  );
  assert.equal(run(process.execPath, "target/bundled.mjs"), "https://idp.example/token\n");
  writeFileSync(join(copy, "pkg/src/new.ts"), "");
  assert.match(run("git", "status", "--porcelain"), /^\?\? pkg\/src\/new\.ts$/m);
});

/**
 * The files as they are here, committed or not; their times are kept, by which cargo tells what has
 * changed.
 */
function copyRepository() {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  const { stdout } = spawnSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root, encoding: "utf8" },
  );
  const files = stdout.split("\0").filter((file) => file && existsSync(join(root, file)));
  for (const file of [...files, "pkg/dist"]) {
    cpSync(join(root, file), join(copy, file), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  run("git", "init", "--quiet");
  run("git", "add", "--all");
  run(
    "git",
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@localhost",
    "commit",
    "--quiet",
    "--message=the copy",
  );
}

function packedFiles() {
  const [{ files }] = JSON.parse(run("npm", "pack", "--dry-run", "--json", "--ignore-scripts"));
  return files.map((/** @type {{ path: string }} */ { path }) => path).sort();
}

/** @type {(command: string, ...args: string[]) => string} */
function run(command, ...args) {
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR || join(root, "target"),
  };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: copy,
    env,
    encoding: "utf8",
  });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

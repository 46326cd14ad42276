// @ts-check
// Every check of the project. `npm test -- <part>...` runs only the named parts, on what was built last.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { browserProgram, FLAGS } from "./setup/browsers.js";
import { writeBundled } from "./build/bundled.js";
import { root, run, runIfMain, runPackaged, Stop, temporaryFolder } from "./run.js";
import { setUp } from "./setup/setup.js";

const CLIPPY = ["clippy", "--locked", "--all-targets", "--all-features"];
const WASM = "--target=wasm32-unknown-unknown";
const STRICT = ["--", "-D", "warnings"];

/**
 * @typedef {{ name: string; after?: string[]; run: () => Promise<unknown> }} Part `after`: useless
 *   when one of these failed
 */
/** @type {Part[]} */
const PARTS = [
  { name: "fmt", run: () => run("cargo", ["fmt", "--check"]) },
  { name: "clippy", run: () => run("cargo", [...CLIPPY, ...STRICT]) },
  { name: "clippy-wasm", run: () => run("cargo", [...CLIPPY, WASM, ...STRICT]) },
  { name: "clippy-npm", run: checkWithoutFeatures },
  { name: "doc", run: checkDocs },
  { name: "rust", run: () => run("cargo", ["test", "--locked"]) },
  { name: "wasm", run: () => testWasm("node", ["--node"]) },
  { name: "wasm-web", run: testWasmInChromium },
  // What Fastly Compute runs, which has no WebAssembly inside JavaScript.
  {
    name: "wasip1",
    run: () => run("cargo", ["build", "--locked", "--lib", "--target=wasm32-wasip1"]),
  },
  { name: "build", run: () => node("scripts/build/build.js") },
  { name: "trap", run: () => node("scripts/build/build.js", "--trap") },
  { name: "types", after: ["build"], run: checkTypes },
  { name: "js", after: ["build", "trap"], run: testJavaScript },
  { name: "apps", after: ["build"], run: testApps },
];

/** @param {string[]} names */
async function test(names) {
  const unknown = names.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown)
    throw new Stop(
      `there is no part \`${unknown}\`, only ${PARTS.map(({ name }) => name).join(", ")}`,
    );
  await setUp({ tests: true });

  /** @type {Map<string, { outcome: string; seconds: number }>} */
  const results = new Map();
  for (const part of PARTS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const started = Date.now();
    const failed = part.after?.find(
      (name) => (results.get(name)?.outcome ?? "passed") !== "passed",
    );
    const outcome = failed ? `not run, because ${failed} failed` : await runPart(part);
    results.set(part.name, { outcome, seconds: (Date.now() - started) / 1000 });
  }
  report(results);
}

/** @param {Part} part */
async function runPart({ name, run }) {
  console.log(`\n=== ${name} ===`);
  try {
    await run();
    return "passed";
  } catch (error) {
    console.error(error instanceof Stop ? `error: ${error.message}` : error);
    return "failed";
  }
}

/** @param {Map<string, { outcome: string; seconds: number }>} results */
function report(results) {
  console.log("\npart           seconds  result");
  for (const [name, { outcome, seconds }] of results) {
    console.log(`${name.padEnd(12)}${seconds.toFixed(1).padStart(10)}  ${outcome}`);
  }
  const passed = [...results.values()].filter(({ outcome }) => outcome === "passed").length;
  if (passed < results.size) process.exitCode = 1;
  console.log(`${passed} parts passed, ${results.size - passed} parts failed`);
}

/** As the npm package is built. */
async function checkWithoutFeatures() {
  for (const which of [["--lib", WASM], ["--all-targets"]])
    await run("cargo", ["clippy", "--locked", "--no-default-features", ...which, ...STRICT]);
}

async function checkDocs() {
  const env = { ...process.env, RUSTDOCFLAGS: "-D warnings" };
  for (const target of [[], [WASM]])
    await run("cargo", ["doc", "--locked", "--no-deps", ...target], { env });
}

/**
 * A file that is not found, or whose tests are compiled out, would pass with nothing run.
 *
 * @param {string} name of a file in tests/
 * @param {string[]} where
 * @param {NodeJS.ProcessEnv} [env]
 */
async function testWasm(name, where, env = process.env) {
  const output = await run(
    "wasm-pack",
    ["test", "--mode", "no-install", ...where, "--test", name],
    { env, stdout: "show and return" },
  );
  if (!ranTests(output))
    throw new Stop(`wasm-pack ran no test: tests/${name}.rs must have some for wasm32`);
}

async function testWasmInChromium() {
  const { path: folder, remove } = temporaryFolder("webdriver");
  try {
    // Left to itself, the driver starts whichever Chrome it finds first.
    const settings = join(folder, "webdriver.json");
    writeFileSync(
      settings,
      JSON.stringify({ "goog:chromeOptions": { binary: browserProgram("chromium"), args: FLAGS } }),
    );
    const env = { ...process.env, WASM_BINDGEN_TEST_WEBDRIVER_JSON: settings };
    await testWasm(
      "web",
      ["--headless", "--chrome", "--chromedriver", browserProgram("chromedriver")],
      env,
    );
  } finally {
    remove();
  }
}

/** @param {string} output wasm-pack's */
export function ranTests(output) {
  return [...output.matchAll(/(\d+) passed/g)].some(([, count]) => Number(count) > 0);
}

async function checkTypes() {
  await runPackaged("typescript/bin/tsc", ["-p", "tsconfig.json", "--noEmit"]);
  await runPackaged("typescript/bin/tsc", ["-p", "scripts/tsconfig.json"]);
}

async function testJavaScript() {
  // What the tests get by the package's name, even where only they are run.
  await writeBundled();
  await node("--test", "--test-reporter=spec", "--test-timeout=300000", ...testsIn("tests/js"));
}

/** Two files at a time, since most of what they do is to wait for the tools that they start. */
async function testApps() {
  await node("scripts/setup/apps.js");
  await node(
    "--test",
    "--test-reporter=spec",
    "--test-timeout=300000",
    "--test-concurrency=2",
    ...testsIn("tests/apps"),
  );
}

/** @param {string} folder */
function testsIn(folder) {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".test.js")).map((file) => `${folder}/${file}`);
}

/** @param {string[]} args */
function node(...args) {
  return run(process.execPath, args);
}

runIfMain(import.meta, () => test(process.argv.slice(2)));

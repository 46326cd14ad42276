// @ts-check
// `npm test`: what needs npm, cargo and a browser. `npm run test:slow`: what installs frameworks.
// `-- <part>...` runs only the named parts, and what they need.
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { root, runIfMain, Stop, temporaryFolder } from "./run.js";
import { runWithin } from "./run-within.js";
import { systemProgram, FLAGS } from "./setup/programs.js";
import { setUp } from "./setup/setup.js";

const WASM = "--target=wasm32-unknown-unknown";
const STRICT = ["--", "-D", "warnings"];
const FUZZ = ["--manifest-path=fuzz/Cargo.toml"];
const IN_TARGET = ["--locked", "--target-dir=target/fuzz"];
const NPM_FEATURES = ["--no-default-features", "--features=npm"];

/**
 * How many parts run side by side: they wait for each other's cargo, and most tests wait for
 * timers.
 */
const LANES = 2;
const TICK = 30_000;
/** How long a file of tests may take, ms. */
export const FILE_TIMEOUT = 900_000;
/** How long one program may take, ms: the longest takes half of it. */
const LIMIT = 1_800_000;

/** @typedef {[program: string, ...args: string[]]} Command */

/**
 * One part of the checks.
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {string[]} [after] parts without which this one is useless
 * @property {boolean} [alone] nothing runs beside it; it comes after those that share
 * @property {(env: NodeJS.ProcessEnv) => Command[]} commands one after the other; the first that
 *   fails ends the part. What they need of the environment they put into `env`
 * @property {(output: string) => boolean} [ran] whether the output shows that anything was tested
 */

/** @type {Part[]} */
const FAST = [
  { name: "build", commands: () => [node("scripts/build/build.js")] },
  {
    name: "format",
    commands: () => [cargo("fmt", "--all", "--check"), npx("prettier", "--check", "--cache", ".")],
  },
  // It follows imports into what the build makes.
  { name: "lint", after: ["build"], commands: () => [npx("oxlint"), ...clippy()] },
  { name: "trap", commands: () => [node("scripts/build/build.js", "--trap")] },
  { name: "rust", commands: () => [cargo("test", "--locked")] },
  { name: "doc", commands: docs },
  {
    name: "types",
    after: ["build"],
    commands: () => [
      tsc("tsconfig.json", "--noEmit"),
      tsc("pkg/src/cli/tsconfig.json"),
      tsc("scripts/tsconfig.json"),
    ],
  },
  { name: "wasm", commands: () => [wasmPack("node", "--node")], ran: ranTests },
  { name: "wasm-web", commands: wasmPackInChromium, ran: ranTests },
  // What compiles has been compiled by then: browsers and Workers have the machine.
  {
    name: "js",
    after: ["build", "trap"],
    alone: true,
    commands: () => [node("scripts/test-js.js")],
  },
  // They judge real leases: nothing else may take their time.
  {
    name: "resets",
    after: ["build"],
    alone: true,
    commands: () => [testFiles("tests/js", ".alone.js", 2)],
  },
];

/** @type {Part[]} */
const SLOW = [
  { name: "build", commands: () => [node("scripts/build/build.js")] },
  {
    name: "apps",
    after: ["build"],
    commands: () => [node("scripts/setup/apps.js"), testFiles("tests/apps", ".test.js", 2)],
  },
  {
    name: "bench",
    commands: () => [
      cargo("clippy", "--locked", "-p", "edge-credentials-bench", "--all-targets", ...STRICT),
    ],
  },
  // Each target for FUZZ_SECONDS.
  {
    name: "fuzz",
    commands: () => [
      cargo("fmt", ...FUZZ, "--check"),
      cargo("clippy", ...FUZZ, ...IN_TARGET, ...STRICT),
      cargo("run", ...FUZZ, ...IN_TARGET, "--release", "--quiet"),
    ],
  },
  {
    name: "supply",
    commands: () => [
      cargo("deny", "--locked", "--workspace", "check", "licenses", "bans", "sources"),
    ],
  },
  // `npm run soak` takes ten minutes.
  { name: "soak", after: ["build"], commands: shortSoak },
  { name: "slow", after: ["build"], commands: () => [testFiles("tests/js", ".slow.js", 1)] },
];

/** @param {string[]} args */
async function main(args) {
  const isSlow = args[0] === "--slow";
  const names = isSlow ? args.slice(1) : args;
  const parts = isSlow ? SLOW : FAST;
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown) {
    const known = parts.map(({ name }) => name).join(", ");
    throw new Stop(`there is no part \`${unknown}\`, only ${known}`);
  }
  await setUp({ tests: true, slow: isSlow });

  const named = parts.filter(({ name }) => names.includes(name));
  const all = [...names, ...named.flatMap(({ after = [] }) => after)];
  const wanted = parts.filter(({ name }) => names.length === 0 || all.includes(name));
  report(await runParts(wanted));
}

/** @typedef {{ outcome: string; seconds: number }} Result */

/**
 * @param {Part[]} parts
 * @returns {Promise<Map<string, Result>>} in the order of the parts
 */
async function runParts(parts) {
  /** @type {Map<string, Promise<Result>>} */
  const results = new Map();
  /** @type {Set<string>} */
  const running = new Set();
  const tick = setInterval(() => console.log(`still running: ${[...running].join(", ")}`), TICK);
  const waiting = parts.filter(({ alone }) => !alone);

  /** @param {Part} part */
  async function start(part) {
    const before = (part.after ?? []).map((name) => results.get(name));
    const result = runAfter(part, before);
    results.set(part.name, result);
    running.add(part.name);
    await result;
    running.delete(part.name);
  }

  async function lane() {
    for (;;) {
      const isReady = (/** @type {Part} */ { after = [] }) =>
        after.every((name) => results.has(name));
      const index = waiting.findIndex(isReady);
      if (index < 0) return;
      const [part] = waiting.splice(index, 1);
      await start(part);
    }
  }

  try {
    await Promise.all(Array.from({ length: LANES }, lane));
    for (const part of parts.filter(({ alone }) => alone)) await start(part);
  } finally {
    clearInterval(tick);
  }
  const settled = await Promise.all(
    parts.map(async ({ name }) => /** @type {const} */ ([name, await results.get(name)])),
  );
  return new Map(settled.map(([name, result]) => [name, /** @type {Result} */ (result)]));
}

/**
 * @param {Part} part
 * @param {(Promise<Result> | undefined)[]} before
 * @returns {Promise<Result>}
 */
async function runAfter(part, before) {
  const outcomes = await Promise.all(before);
  if (outcomes.some((result) => result?.outcome !== "passed")) {
    return { outcome: "not run, because what it needs failed", seconds: 0 };
  }
  const started = Date.now();
  const { passed, output } = await runPart(part);
  const outcome = passed ? "passed" : "failed";
  console.log(`\n=== ${part.name} ===\n${output.trimEnd()}`);
  return { outcome, seconds: (Date.now() - started) / 1000 };
}

/**
 * Its output is kept and printed as a whole, since another part runs beside it.
 *
 * @param {Part} part
 * @returns {Promise<{ passed: boolean; output: string }>}
 */
async function runPart({ commands, ran }) {
  const env = { ...process.env };
  let output = "";
  for (const [program, ...args] of commands(env)) {
    const result = await runWithin(program, args, { env, limit: LIMIT });
    output += result.output;
    if (!result.passed) return { passed: false, output };
  }
  if (ran && !ran(output)) return { passed: false, output: `${output}error: no test was run\n` };
  return { passed: true, output };
}

/** @param {Map<string, Result>} results */
function report(results) {
  console.log("\npart           seconds  result");
  for (const [name, { outcome, seconds }] of results) {
    const colour = outcome === "passed" ? "green" : "red";
    const shown = process.stdout.isTTY ? styleText(colour, outcome) : outcome;
    console.log(`${name.padEnd(12)}${seconds.toFixed(1).padStart(10)}  ${shown}`);
  }
  const passed = [...results.values()].filter(({ outcome }) => outcome === "passed").length;
  if (passed < results.size) process.exitCode = 1;
  console.log(`${passed} parts passed, ${results.size - passed} parts failed`);
}

/** @returns {Command[]} */
function clippy() {
  const all = ["clippy", "--locked", "--all-targets", "--all-features"];
  return [
    cargo(...all, ...STRICT),
    cargo(...all, WASM, ...STRICT),
    cargo("clippy", "--locked", "--package=edge-credentials-bind", "--profile=bind", ...STRICT),
    cargo("clippy", "--locked", "--lib", ...NPM_FEATURES, WASM, ...STRICT),
    cargo("clippy", "--locked", "--lib", "--no-default-features", WASM, ...STRICT),
  ];
}

/** @param {NodeJS.ProcessEnv} env @returns {Command[]} */
function shortSoak(env) {
  env.SOAK_SECONDS ??= "30";
  return [node("scripts/soak/index.js")];
}

/** @param {NodeJS.ProcessEnv} env @returns {Command[]} */
function docs(env) {
  env.RUSTDOCFLAGS = "-D warnings";
  const targets = [[], [WASM]].map((target) => cargo("doc", "--locked", "--no-deps", ...target));
  return [...targets, npx("typedoc", "--options", "scripts/typedoc.json")];
}

/** @param {NodeJS.ProcessEnv} env @returns {Command[]} */
function wasmPackInChromium(env) {
  // Left to itself, the driver starts whichever Chrome it finds first.
  const settings = join(temporaryFolder("webdriver").path, "webdriver.json");
  const chrome = { binary: systemProgram("chromium"), args: FLAGS };
  writeFileSync(settings, JSON.stringify({ "goog:chromeOptions": chrome }));
  env.WASM_BINDGEN_TEST_WEBDRIVER_JSON = settings;
  const driver = ["--chromedriver", systemProgram("chromedriver")];
  return [wasmPack("web", "--headless", "--chrome", ...driver)];
}

/**
 * A file whose tests are compiled out passes with nothing run.
 *
 * @param {string} output wasm-pack's
 */
export function ranTests(output) {
  return [...output.matchAll(/(\d+) passed/g)].some(([, count]) => Number(count) > 0);
}

/** @type {(name: string, ...where: string[]) => Command} */
function wasmPack(name, ...where) {
  const tested = ["--test", name, "--features", "npm"];
  return ["wasm-pack", "test", "--mode", "no-install", ...where, ...tested];
}

/** @type {(...args: string[]) => Command} */
function cargo(...args) {
  return ["cargo", ...args];
}

/** @type {(...args: string[]) => Command} */
function node(...args) {
  return [process.execPath, ...args];
}

/** A program of `node_modules`. @type {(program: string, ...args: string[]) => Command} */
function npx(program, ...args) {
  return [join(root, "node_modules/.bin", program), ...args];
}

/** @type {(project: string, ...args: string[]) => Command} */
function tsc(project, ...args) {
  return npx("tsc", "-p", project, ...args);
}

/** @type {(folder: string, ending: string, concurrency: number) => Command} */
function testFiles(folder, ending, concurrency) {
  const options = [
    "--test-reporter=spec",
    `--test-timeout=${FILE_TIMEOUT}`,
    `--test-concurrency=${concurrency}`,
  ];
  return node("--test", ...options, ...testFilesIn(folder, ending));
}

/** @type {(folder: string, ending: string) => string[]} */
export function testFilesIn(folder, ending) {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  // The folders inside tests/apps are the users' own projects, with tests for their own runners.
  const isOurs = (/** @type {string} */ name) => folder !== "tests/apps" || !name.includes("/");
  const files = names
    .filter((name) => name.endsWith(ending) && isOurs(name))
    .map((name) => `${folder}/${name}`);
  return files.sort();
}

// So that what runs ends too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
runIfMain(import.meta, () => main(process.argv.slice(2)));

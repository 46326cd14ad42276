// @ts-check
// `npm run bench`: measures side by side with what people would use instead, prints what came out,
// and writes it to bench/RESULTS.md. `npm run bench -- <case>...` runs only the cases named, beside
// which the others stay as they were; `--quick` looks only whether they work, `--release` writes
// down in bench/sizes.json what this version takes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { root, runIfMain, Stop } from "../scripts/run.js";
import { writeCharts } from "./report/charts.js";
import { digits, sectionText, tableText, targetTable } from "./report/report.js";

export const CASES = [
  "cached",
  "cold",
  "pairs",
  "verify",
  "verify-workerd",
  "forged",
  "known",
  "start",
  "size",
  "memory",
  "load",
  "requests",
  "fleet",
  "rust",
];
const FLAGS = ["--quick", "--release"];
const KEPT = join(root, "target/bench/sections");
const RESULTS = "bench/RESULTS.md";
/** @typedef {{ date: string; section: import("./report/report.js").Section }} Found */
const PEERS = [
  "oauth4webapi",
  "openid-client",
  "@badgateway/oauth2-client",
  "@azure/msal-node",
  "jose",
];

/** @param {string[]} args */
async function bench(args) {
  const isQuick = args.includes("--quick");
  const isRelease = args.includes("--release");
  const named = args.filter((arg) => !FLAGS.includes(arg));
  const unknown = named.find((name) => !CASES.includes(name));
  if (unknown) throw new Stop(`there is no case \`${unknown}\`, only ${CASES.join(", ")}`);

  const head = headText();
  console.log(head);
  const names = named.length ? named : CASES;
  const started = performance.now();
  for (const name of names) {
    const section = await runCase(name, { isQuick, isRelease });
    console.log(`\n${sectionText(section)}`);
    if (!isQuick) keep(name, { date: today(), section });
  }
  const minutes = digits((performance.now() - started) / 60_000);
  console.log(`\n${names.length} cases in ${minutes} min`);
  if (!isQuick) writeAll(head);
}

/** @param {string} head */
function writeAll(head) {
  const all = CASES.map(kept);
  if (!all.every((found) => found !== undefined))
    return console.log(`${RESULTS} is written once every case has been run`);

  const targets = all.flatMap(({ section }) => section.targets ?? []);
  const texts = [
    head,
    "## Targets",
    tableText(targetTable(targets)),
    ...all.map(({ date, section }) => `${sectionText(section)}\n\nRun on ${date}.`),
  ];
  writeFileSync(join(root, RESULTS), `${texts.join("\n\n")}\n`);

  const data = Object.fromEntries(CASES.map((name, i) => [name, all[i].section.data]));
  console.log(`written to ${[RESULTS, ...writeCharts(data)].join(", ")}`);
}

/**
 * What a case has found, in target/: whoever runs one again need not run all.
 *
 * @type {(name: string, found: Found) => void}
 */
function keep(name, found) {
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(join(KEPT, `${name}.json`), JSON.stringify(found));
}

/**
 * @param {string} name
 * @returns {Found | undefined}
 */
function kept(name) {
  const file = join(KEPT, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/**
 * @type {(
 *   name: string,
 *   options: import("./report/report.js").Options,
 * ) => Promise<import("./report/report.js").Section>}
 */
export async function runCase(name, options) {
  /** @type {Pick<import("./report/report.js").Case, "run">} */
  const { run } = await import(`./cases/${name}.js`);
  return run(options);
}

function headText() {
  const { platform, arch, versions } = process;
  const machine = `${cpus()[0].model}, ${cpus().length} cores, ${platform} ${arch}`;
  const runtime = `Node ${versions.node}, V8 ${versions.v8}`;
  const peers = PEERS.map((name) => `${name} ${versionOf(join("node_modules", name))}`).join(", ");
  return [
    "# Measured, side by side",
    `Written by \`npm run bench\` on ${today()}; no number here was typed. ` +
      "A case stands as it was run last, by itself or with the others: its date is at its end.",
    `${machine}; ${runtime}.\nedge-credentials ${versionOf(".")} beside ${peers}.`,
    "Times are medians of rounds that were interleaved, with the range of their middle half. " +
      "Ratios are the medians of ratios within a round, and so is their range: " +
      "they travel to other machines, the times do not.",
  ].join("\n\n");
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

/** @param {string} folder */
function versionOf(folder) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")).version;
}

runIfMain(import.meta, () => bench(process.argv.slice(2)));

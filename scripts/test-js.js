// @ts-check
// The part `js` of `npm test`: tests/js/**/*.test.js with one Chromium and one installed package
// for all. `node --test` would sort the files by name and start the longest where they stand.
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { finished } from "node:stream/promises";
import { shareBrowser } from "../tests/js/support/page/browser.js";
import { sharePackage } from "../tests/js/support/packed/installed-package.js";
import { root, runIfMain, Stop } from "./run.js";
import { FILE_TIMEOUT, testFilesIn } from "./test.js";

/** Many tests wait for Chromium, workerd or a timer. */
const CONCURRENCY = 6;

/** The longest first: whichever of them started last would run alone at the end. */
const LONG = [
  "tests/js/core/hostile-values.test.js",
  "tests/js/packaging/package.test.js",
  "tests/js/scripts/start.test.js",
  "tests/js/cloudflare/broker.test.js",
  "tests/js/cloudflare/broker-trouble.test.js",
  "tests/js/page/look-inside.test.js",
  "tests/js/page/life.test.js",
  "tests/js/page/page.test.js",
];

async function main() {
  const files = testFilesIn("tests/js", ".test.js");
  const unknown = LONG.find((file) => !files.includes(file));
  if (unknown) throw new Stop(`scripts/test-js.js names ${unknown}, which is not there`);

  const others = files.filter((file) => !LONG.includes(file));
  const stopSharing = await Promise.all([shareBrowser(), sharePackage()]);
  try {
    await runFiles([...LONG, ...others]);
  } finally {
    await Promise.all(stopSharing.map((stop) => stop()));
  }
}

/** @param {string[]} files */
async function runFiles(files) {
  const tests = run({
    files: files.map((file) => `${root}${file}`),
    concurrency: CONCURRENCY,
    timeout: FILE_TIMEOUT,
  });
  tests.on("test:fail", () => {
    process.exitCode = 1;
  });
  const report = tests.compose(new spec());
  report.pipe(process.stdout);
  await finished(report);
}

runIfMain(import.meta, main);

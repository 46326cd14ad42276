// @ts-check
// The suite on the packed package in workerd, once with the oldest compatibility date that we
// support and once with a current one.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { bundleWorker, COMPATIBILITY_DATES, startWorkerd } from "../../scripts/workerd/workerd.js";
import { startContext } from "../js/support/servers/context.js";

const context = await startContext();
const outdir = mkdtempSync(join(tmpdir(), "edge-credentials-suite-"));
after(() => rmSync(outdir, { recursive: true }));
const modules = await bundleWorker({ entry: join(apps, "runtimes/workerd.js"), outdir });

/** @type {{ name: string; error?: string }[]} */
const results = [];
for (const compatibilityDate of COMPATIBILITY_DATES) {
  const worker = await startWorkerd({ modules, compatibilityDate });
  after(worker.stop);
  const response = await fetch(worker.url, { method: "POST", body: JSON.stringify(context) });
  for (const { name, error } of JSON.parse(await response.text()))
    results.push({ name: `${compatibilityDate}: ${name}`, error });
}

// Not before everything is known: tests that are done while others are still to come would end the
// servers.
for (const { name, error } of results) test(name, () => assert.equal(error, undefined));
test("the suite ran", () => assert.ok(results.length > 400, `${results.length} results`));

// @ts-check
// The packed package in Next on Workers, by OpenNext.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run, versionOf } from "./child.js";
import { startDeployed } from "./deployed.js";
import { startServer } from "./server.js";

const SETTINGS = JSON.stringify(await startServer());
const OPENNEXT = join(apps, "node_modules/@opennextjs/cloudflare/dist/cli/index.js");

test(`OpenNext ${versionOf("@opennextjs/cloudflare")} for Cloudflare`, async (t) => {
  const { code, stdout, stderr } = await run(nodeProgram(22), [OPENNEXT, "build"], {
    cwd: "opennext",
    timeout: 300_000,
  });
  assert.equal(code, 0, stdout + stderr);

  const url = await startDeployed(t, "opennext", "wrangler.jsonc", { SETTINGS });
  // A request of its own each: the second one uses what the first one has left.
  for (let round = 0; round < 2; round += 1) {
    const response = await fetch(`${url}/api/token`);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const expected = { accessToken: "string", code: "token_missing", refused: 401 };
    assert.deepEqual(JSON.parse(text), expected);
  }
});

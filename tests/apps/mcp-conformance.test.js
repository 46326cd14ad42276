// @ts-check
// MCP's own conformance tests, with an agent of `mcpAuth`. The package has no scenario for the
// authorization of a server (0.1.16, and 0.2.0-alpha.12): of gates the SDKs' tests are in mcp.test.js.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { apps } from "../../scripts/setup/apps.js";
import { nodeProgram } from "../../scripts/setup/nodes.js";
import { run } from "./child.js";

const folder = join(apps, "mcp");
const program = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const node = nodeProgram(22);

async function conformance(/** @type {string[]} */ ...args) {
  const { code, stdout, stderr } = await run(node, [program, ...args], { cwd: "mcp" });
  return { code, output: stdout + stderr };
}

/** @param {string} scenario */
async function outcomeOf(scenario) {
  const command = `${node} ${join(folder, "conformance-client.js")}`;
  const { code, output } = await conformance(
    "client",
    "--command",
    command,
    "--scenario",
    scenario,
  );
  return { code, output, counts: /Passed: .*/.exec(output)?.[0] };
}

const SCENARIOS = {
  "auth/client-credentials-jwt": "Passed: 9/9, 0 failed, 0 warnings",
  "auth/client-credentials-basic": "Passed: 9/9, 0 failed, 0 warnings",
  "auth/pre-registration": "Passed: 9/9, 0 failed, 0 warnings",
  // Whose client has to fail.
  "auth/resource-mismatch": "Passed: 3/3, 0 failed, 0 warnings",
};
for (const [scenario, expected] of Object.entries(SCENARIOS)) {
  test(scenario, async () => {
    const { code, output, counts } = await outcomeOf(scenario);
    assert.equal(counts, expected, output);
    assert.equal(code, 0, output);
  });
}

// They read the scopes off requests to the authorization endpoint, where a person logs in, and their
// issuer gives a token no other scopes. An agent with client credentials never goes there. What
// they check is checked for it in tests/js/mcp/auth.test.js (scopes of a 401, and of the metadata), in
// mcp.test.js (step-up) and in mcp-docs.test.js (a 403 that stays).
const OF_A_PERSON = {
  "auth/scope-from-www-authenticate": "Passed: 3/4, 1 failed, 0 warnings",
  "auth/scope-from-scopes-supported": "Passed: 3/4, 1 failed, 0 warnings",
  "auth/scope-step-up": "Passed: 3/5, 2 failed, 0 warnings",
  "auth/scope-retry-limit": "Passed: 3/4, 1 failed, 0 warnings",
};
const NO_LOGIN = /did not (?:make|complete) .*authorization (?:flow|request)/;
for (const [scenario, expected] of Object.entries(OF_A_PERSON)) {
  test(`${scenario}: all that fails is the login of a person`, async () => {
    const { output, counts } = await outcomeOf(scenario);
    assert.equal(counts, expected, output);
    const failed = output.slice(output.indexOf("Failed Checks:")).match(/^ {2}- .*/gm) ?? [];
    assert.equal(failed.length, Number(/(\d) failed/.exec(expected)?.[1]));
    for (const line of failed) assert.match(line, NO_LOGIN);
  });
}

test("the package has no scenario for a server's authorization", async () => {
  const { output } = await conformance("list");
  const [servers, clients = ""] = output.split("Client scenarios");
  assert.match(servers, /server-initialize/);
  assert.doesNotMatch(servers, /auth|resource-metadata|bearer|token/i);
  assert.match(clients, /auth\/client-credentials-jwt/);
});

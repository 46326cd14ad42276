// @ts-check
// workerd's configuration file: no secret in it, and no value that bends it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { configFor, environmentFor } from "../../../scripts/workerd/config.js";
import { startWorkerd } from "../../../scripts/workerd/workerd.js";

const NASTY = "$HOME ${x} \"quoted\" \\back 'single' \n\t\u0000 ü 🦀 ),";

test("text bindings go through the environment, everything else into the file", () => {
  const bindings = { CLIENT_SECRET: "canary", LIMITS: { of: "json" } };
  const config = configFor({
    modules: [],
    bindings,
    compatibilityDate: "2026-04-01",
    compatibilityFlags: [],
    port: 0,
  });
  assert.doesNotMatch(config, /canary/);
  assert.ok(
    config.includes('(name = "CLIENT_SECRET", fromEnvironment = "WORKER_BINDING_CLIENT_SECRET")'),
    config,
  );
  assert.match(config, /name = "LIMITS", json = /);
  assert.deepEqual(environmentFor(bindings), { WORKER_BINDING_CLIENT_SECRET: "canary" });
});

test("every character that could end or bend a literal is escaped", () => {
  const config = configFor({
    modules: [{ name: '$a"b\\c', path: "", type: "esModule" }],
    bindings: { [NASTY]: 1 },
    compatibilityDate: '2026-04-01"',
    compatibilityFlags: ["$flag"],
    port: 0,
  });
  assert.ok(
    config.includes(String.raw`(name = "\x24a\x22b\x5cc", esModule = embed "module0")`),
    config,
  );
  assert.ok(config.includes(String.raw`compatibilityDate = "2026-04-01\x22"`), config);
  assert.ok(config.includes(String.raw`compatibilityFlags = ["\x24flag"]`), config);
  for (const [, literal] of config.matchAll(/"((?:[^"\\]|\\.)*)"/gs))
    assert.match(literal, /^(?:[\w .:/-]|\\x[0-9a-f]{2})*$/);
});

test("workerd reads back what went in", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "edge-credentials-config-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "worker.js");
  writeFileSync(path, "export default { fetch: (request, env) => Response.json(env) };");
  // No environment can hold a zero byte.
  const bindings = { TEXT: NASTY.replace("\0", ""), JSON: { text: NASTY } };
  const worker = await startWorkerd({
    modules: [{ name: '$a"b\\c.js', path, type: "esModule" }],
    bindings,
  });
  t.after(worker.stop);
  assert.deepEqual(await (await fetch(worker.url)).json(), bindings);
});

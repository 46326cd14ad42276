// @ts-check
// Runs the commands of pkg/dist/cli in this process, as they were built last.
import assert from "node:assert/strict";
import { run } from "../../../../pkg/dist/cli/main.js";

/**
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @param {{ hasColors?: boolean }} [terminal]
 * @returns {Promise<{ code: number; out: string; err: string }>}
 */
export async function runCli(args, env, { hasColors } = {}) {
  let out = "";
  let err = "";
  const terminal = hasColors === undefined ? {} : { isTTY: true, hasColors: () => hasColors };
  const code = await run(args, {
    env,
    stdout: { write: (/** @type {string} */ text) => (out += text), ...terminal },
    stderr: { write: (/** @type {string} */ text) => (err += text) },
  });
  return { code, out, err };
}

/**
 * @typedef {{
 *   name: string;
 *   status: string;
 *   message: string;
 *   code?: string;
 *   category?: string;
 *   fault?: string;
 *   fix?: string;
 * }} Reported
 */

/**
 * Runs the doctor in both forms of output, which say the same and hold none of the secrets.
 *
 * @param {Record<string, string>} env
 * @param {{ args?: string[]; secrets: string[] }} options
 */
export async function examine(env, { args = [], secrets }) {
  const lines = await runCli(["doctor", ...args], env);
  const json = await runCli(["doctor", "--json", ...args], env);
  for (const { out, err } of [lines, json]) {
    for (const secret of secrets.flatMap(formsOf))
      assert.ok(!(out + err).includes(secret), `leaked ${secret}: ${out}${err}`);
    assert.equal(err, "");
  }

  /** @type {{ ok: boolean; exitCode: number; checks: Reported[] }} */
  const report = JSON.parse(json.out);
  assert.equal(report.exitCode, json.code);
  assert.equal(lines.code, json.code);
  assert.equal(report.ok, json.code === 0);
  const printed = lines.out.trimEnd().split("\n");
  assert.equal(printed.length, report.checks.length, "a line a check");
  report.checks.forEach(({ name, status }, i) => {
    assert.ok(printed[i].startsWith(`${status.padEnd(4)}  ${name.padEnd(9)}  `), printed[i]);
  });
  return { ...report, lines: printed };
}

/** @param {string} secret */
function formsOf(secret) {
  const encoded = encodeURIComponent(secret);
  const base64 = Buffer.from(secret).toString("base64").replaceAll("=", "");
  return [secret, encoded, encoded.replaceAll("%20", "+"), base64];
}

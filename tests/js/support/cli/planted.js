// @ts-check
// A mistake is planted, and the doctor has to find it.
import assert from "node:assert/strict";
import test from "node:test";
import { examine } from "./cli.js";
import { startRecorded } from "./recorded-server.js";

/**
 * @typedef {object} Planted
 * @property {string} name
 * @property {Record<string, string>} [env] `{origin}` is the server's
 * @property {string[]} [args]
 * @property {import("./recorded-server.js").Answers} answers
 * @property {string} check the one that names the mistake
 * @property {string} [status] `fail` by default
 * @property {string | RegExp} [code]
 * @property {RegExp} message
 * @property {RegExp} [fix]
 * @property {number} exitCode
 */

const USUAL = { CLIENT_ID: "svc-a", CLIENT_SECRET: "c4nary s3cret/+%" };

/** @type {(server: import("./recorded-server.js").Server, planted: Planted[]) => void} */
export function testPlanted(server, planted) {
  for (const one of planted) {
    test(`${server}: ${one.name}`, async () => {
      const { issuer, origin, accessToken, stop } = await startRecorded(server, one.answers);
      try {
        /** @type {Record<string, string>} */
        const env = { ISSUER: issuer, ...USUAL, ...one.env };
        if (env.API_URL) env.API_URL = env.API_URL.replace("{origin}", origin);
        const secrets = [env.CLIENT_SECRET, env.API_CLIENT_SECRET, keyOf(env.KEY_FILE)];
        const report = await examine(env, {
          args: one.args,
          secrets: [...secrets.filter(Boolean), accessToken, accessToken.slice(-24), "c4nary"],
        });
        assertFound(report, one);
      } finally {
        await stop();
      }
    });
  }
}

/**
 * @type {(
 *   report: Awaited<ReturnType<typeof examine>>,
 *   planted: Omit<Planted, "answers">,
 * ) => void}
 */
export function assertFound({ checks, exitCode, lines }, planted) {
  const all = lines.join("\n");
  const found = checks.find(({ name }) => name === planted.check);
  assert.ok(found, all);
  assert.equal(found.status, planted.status ?? "fail", all);
  if (planted.code instanceof RegExp) assert.match(found.code ?? "", planted.code);
  else assert.equal(found.code, planted.code, all);
  assert.match(found.message, planted.message);
  assert.match(found.fix ?? "", planted.fix ?? /^$/);
  assert.equal(exitCode, planted.exitCode, all);
  assert.equal(found.fault !== undefined, found.status === "fail");
  if (process.env.SHOW)
    console.log(lines.filter((l) => l.slice(6).startsWith(planted.check)).join("\n"));
}

/** @param {string} [keyFile] */
function keyOf(keyFile) {
  if (!keyFile) return "";
  const text = keyFile.startsWith("{") ? JSON.parse(keyFile).key : keyFile;
  const lines = text.split("\n");
  return lines[3];
}
